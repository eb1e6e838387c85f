#pragma once

#include "terminal/command.hpp"

#include <armature/app/app.hpp>

#include <span>

namespace armature::detail {

/// What `routes` takes.
[[nodiscard]] std::span<const terminal::Option> routes_options() noexcept;
/// Paragraphs and examples for its help.
inline constexpr std::string_view routes_details =
    "The middleware of a route is listed from the outermost in, guards and interceptors behind "
    "it.\n"
    "Exit status of --why: 0 if a route answers, 1 if none does; of --lint: 1 if a request is "
    "answered\nwith 405 though a route has its method, which another one's path hides.\n"
    "\n"
    "  routes --method POST --path '/api/*'\n"
    "  routes --why \"GET /users/1\"\n"
    "  routes --lint\n";

int show_routes(const Application& application, const terminal::Arguments& arguments,
                terminal::Terminal& terminal);

} // namespace armature::detail

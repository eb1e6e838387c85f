#pragma once

#include <armature/json/errors.hpp>

#include <string>
#include <string_view>

namespace armature::testkit {

/// Throws the `TestFailure` for a text that isn't the JSON its test asked for. `what` names it,
/// `shown` is what to show of it.
[[noreturn]] void throw_not_json(std::string_view what, const JsonErrors& errors,
                                 std::string_view shown);

} // namespace armature::testkit

#include <armature/core/method.hpp>

#include <array>

namespace armature {
namespace {

constexpr std::array<std::string_view, method_count> tokens = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", ""};

} // namespace

std::string_view to_string(Method method) noexcept {
    return tokens[static_cast<std::size_t>(method)];
}

Method method_from_token(std::string_view token) noexcept {
    for (std::size_t i = 0; i + 1 < method_count; ++i)
        if (tokens[i] == token) return static_cast<Method>(i);
    return Method::other;
}

} // namespace armature

#pragma once

#include <cstdint>
#include <string_view>

namespace armature {

/// Request methods (RFC 9110 §9, PATCH: RFC 5789). `other` is any further token; its text is in
/// `Request::method_text()`.
enum class Method : std::uint8_t {
    get,
    head,
    post,
    put,
    patch,
    delete_,
    options,
    connect,
    trace,
    other
};

/// How many methods a route table distinguishes, `other` included.
inline constexpr std::size_t method_count = 10;

/// The method's token, for example "GET"; for `other` an empty view.
[[nodiscard]] std::string_view to_string(Method method) noexcept;

/// The method of a token; case-sensitive, as RFC 9110 §9.1 says. Unknown tokens give `other`.
[[nodiscard]] Method method_from_token(std::string_view token) noexcept;

/// True for methods that are defined as safe (RFC 9110 §9.2.1).
[[nodiscard]] constexpr bool is_safe(Method method) noexcept {
    return method == Method::get || method == Method::head || method == Method::options ||
           method == Method::trace;
}

/// True for methods that are defined as idempotent (RFC 9110 §9.2.2).
[[nodiscard]] constexpr bool is_idempotent(Method method) noexcept {
    return is_safe(method) || method == Method::put || method == Method::delete_;
}

} // namespace armature

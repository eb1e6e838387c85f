#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace armature {

// One list gives both the enumerators and their names, so that they can't get out of step.
// clang-format off
#define ARMATURE_FIELD_LIST(X) \
    X(accept, "accept")                                                                 \
    X(accept_ch, "accept-ch")                                                           \
    X(accept_charset, "accept-charset")                                                 \
    X(accept_encoding, "accept-encoding")                                               \
    X(accept_language, "accept-language")                                               \
    X(accept_patch, "accept-patch")                                                     \
    X(accept_ranges, "accept-ranges")                                                   \
    X(access_control_allow_credentials, "access-control-allow-credentials")             \
    X(access_control_allow_headers, "access-control-allow-headers")                     \
    X(access_control_allow_methods, "access-control-allow-methods")                     \
    X(access_control_allow_origin, "access-control-allow-origin")                       \
    X(access_control_allow_private_network, "access-control-allow-private-network")     \
    X(access_control_expose_headers, "access-control-expose-headers")                   \
    X(access_control_max_age, "access-control-max-age")                                 \
    X(access_control_request_headers, "access-control-request-headers")                 \
    X(access_control_request_method, "access-control-request-method")                   \
    X(access_control_request_private_network, "access-control-request-private-network") \
    X(age, "age")                                                                       \
    X(allow, "allow")                                                                   \
    X(alt_svc, "alt-svc")                                                               \
    X(authentication_info, "authentication-info")                                       \
    X(authorization, "authorization")                                                   \
    X(cache_control, "cache-control")                                                   \
    X(cache_status, "cache-status")                                                     \
    X(clear_site_data, "clear-site-data")                                               \
    X(connection, "connection")                                                         \
    X(content_disposition, "content-disposition")                                       \
    X(content_encoding, "content-encoding")                                             \
    X(content_language, "content-language")                                             \
    X(content_length, "content-length")                                                 \
    X(content_location, "content-location")                                             \
    X(content_range, "content-range")                                                   \
    X(content_security_policy, "content-security-policy")                               \
    X(content_security_policy_report_only, "content-security-policy-report-only")       \
    X(content_type, "content-type")                                                     \
    X(cookie, "cookie")                                                                 \
    X(cross_origin_embedder_policy, "cross-origin-embedder-policy")                     \
    X(cross_origin_opener_policy, "cross-origin-opener-policy")                         \
    X(cross_origin_resource_policy, "cross-origin-resource-policy")                     \
    X(date, "date")                                                                     \
    X(deprecation, "deprecation")                                                       \
    X(dnt, "dnt")                                                                       \
    X(early_data, "early-data")                                                         \
    X(etag, "etag")                                                                     \
    X(expect, "expect")                                                                 \
    X(expires, "expires")                                                               \
    X(forwarded, "forwarded")                                                           \
    X(from, "from")                                                                     \
    X(host, "host")                                                                     \
    X(idempotency_key, "idempotency-key")                                               \
    X(if_match, "if-match")                                                             \
    X(if_modified_since, "if-modified-since")                                           \
    X(if_none_match, "if-none-match")                                                   \
    X(if_range, "if-range")                                                             \
    X(if_unmodified_since, "if-unmodified-since")                                       \
    X(keep_alive, "keep-alive")                                                         \
    X(last_event_id, "last-event-id")                                                   \
    X(last_modified, "last-modified")                                                   \
    X(link, "link")                                                                     \
    X(location, "location")                                                             \
    X(max_forwards, "max-forwards")                                                     \
    X(origin, "origin")                                                                 \
    X(permissions_policy, "permissions-policy")                                         \
    X(pragma, "pragma")                                                                 \
    X(priority, "priority")                                                             \
    X(proxy_authenticate, "proxy-authenticate")                                         \
    X(proxy_authentication_info, "proxy-authentication-info")                           \
    X(proxy_authorization, "proxy-authorization")                                       \
    X(proxy_connection, "proxy-connection")                                             \
    X(range, "range")                                                                   \
    X(ratelimit, "ratelimit")                                                           \
    X(ratelimit_policy, "ratelimit-policy")                                             \
    X(referer, "referer")                                                               \
    X(referrer_policy, "referrer-policy")                                               \
    X(retry_after, "retry-after")                                                       \
    X(save_data, "save-data")                                                           \
    X(sec_ch_ua, "sec-ch-ua")                                                           \
    X(sec_ch_ua_mobile, "sec-ch-ua-mobile")                                             \
    X(sec_ch_ua_platform, "sec-ch-ua-platform")                                         \
    X(sec_fetch_dest, "sec-fetch-dest")                                                 \
    X(sec_fetch_mode, "sec-fetch-mode")                                                 \
    X(sec_fetch_site, "sec-fetch-site")                                                 \
    X(sec_fetch_user, "sec-fetch-user")                                                 \
    X(sec_purpose, "sec-purpose")                                                       \
    X(sec_websocket_accept, "sec-websocket-accept")                                     \
    X(sec_websocket_extensions, "sec-websocket-extensions")                             \
    X(sec_websocket_key, "sec-websocket-key")                                           \
    X(sec_websocket_protocol, "sec-websocket-protocol")                                 \
    X(sec_websocket_version, "sec-websocket-version")                                   \
    X(server, "server")                                                                 \
    X(server_timing, "server-timing")                                                   \
    X(set_cookie, "set-cookie")                                                         \
    X(strict_transport_security, "strict-transport-security")                           \
    X(sunset, "sunset")                                                                 \
    X(te, "te")                                                                         \
    X(timing_allow_origin, "timing-allow-origin")                                       \
    X(traceparent, "traceparent")                                                       \
    X(tracestate, "tracestate")                                                         \
    X(trailer, "trailer")                                                               \
    X(transfer_encoding, "transfer-encoding")                                           \
    X(upgrade, "upgrade")                                                               \
    X(upgrade_insecure_requests, "upgrade-insecure-requests")                           \
    X(user_agent, "user-agent")                                                         \
    X(vary, "vary")                                                                     \
    X(via, "via")                                                                       \
    X(warning, "warning")                                                               \
    X(www_authenticate, "www-authenticate")                                             \
    X(x_content_type_options, "x-content-type-options")                                 \
    X(x_forwarded_for, "x-forwarded-for")                                               \
    X(x_forwarded_host, "x-forwarded-host")                                             \
    X(x_forwarded_port, "x-forwarded-port")                                             \
    X(x_forwarded_prefix, "x-forwarded-prefix")                                         \
    X(x_forwarded_proto, "x-forwarded-proto")                                           \
    X(x_frame_options, "x-frame-options")                                               \
    X(x_http_method_override, "x-http-method-override")                                 \
    X(x_real_ip, "x-real-ip")                                                           \
    X(x_request_id, "x-request-id")                                                     \
    X(x_requested_with, "x-requested-with")
// clang-format on

/// Well-known header and trailer field names (RFC 9110, 9111, 9112, 6265, 6455, Fetch and common
/// practice). `other` is any further name. An id is good for one process only: the numbers change
/// when names are added.
enum class Field : std::uint8_t {
    other = 0,
#define ARMATURE_FIELD_ID(id, name) id,
    ARMATURE_FIELD_LIST(ARMATURE_FIELD_ID)
#undef ARMATURE_FIELD_ID
};

namespace detail {
// With their sizes: the compiler of every file that includes this would count their characters.
inline constexpr std::string_view field_names[] = {{},
#define ARMATURE_FIELD_NAME(id, name) {name, sizeof name - 1},
                                                   ARMATURE_FIELD_LIST(ARMATURE_FIELD_NAME)
#undef ARMATURE_FIELD_NAME
};
} // namespace detail

#undef ARMATURE_FIELD_LIST

/// How many ids there are, `Field::other` included.
inline constexpr std::size_t field_count = sizeof(detail::field_names) / sizeof(std::string_view);

/// The name in lower case, as HTTP/2 and HTTP/3 send it; empty for `Field::other`.
[[nodiscard]] constexpr std::string_view field_name(Field field) noexcept {
    return detail::field_names[static_cast<std::size_t>(field)];
}

/// The id of a name in any case of letters, or `Field::other`.
///
/// Cost: one perfect hash of four bytes and one comparison; called for every line of a head.
[[nodiscard]] Field field_from_name(std::string_view name) noexcept;

namespace detail {

// Not constexpr: the compiler names it where a literal isn't a field's name.
void a_field_name_must_be_a_token();

} // namespace detail

/// The name of a field, in any case of letters, as an argument: a text, or an id. A view: it lives
/// as long as the text.
///
/// A literal is best. That it is a token (RFC 9110 §5.6.2) is checked while compiling, its id is
/// known then, and in lower case it is never copied. Other texts are looked up when the program
/// runs, and checked by those who keep them.
class FieldName {
  public:
    template <std::size_t Size>
    consteval FieldName(const char (&literal)[Size]) // NOLINT: a literal is meant to convert
        : text_(literal), size_(Size - 1) {
        if (!is_token({literal, Size - 1})) detail::a_field_name_must_be_a_token();
        field_ = field_of_token({literal, Size - 1});
        is_kept_ = !has_capitals({literal, Size - 1});
    }
    template <std::size_t Size>
    FieldName(char (&text)[Size]) noexcept // NOLINT
        : FieldName(std::string_view{text}) {}
    template <class Text>
        requires std::is_convertible_v<const Text&, std::string_view>
    FieldName(const Text& text) noexcept // NOLINT: texts are names
        : FieldName(std::string_view{text}, Field::other) {
        field_ = field_from_name(this->text());
    }
    /// The name that `field` has; none for `Field::other`.
    constexpr FieldName(Field field) noexcept // NOLINT: an id is a name
        : FieldName(field_name(field), field) {
        is_kept_ = field != Field::other;
    }

    [[nodiscard]] constexpr std::string_view text() const noexcept { return {text_, size_}; }
    /// `Field::other` for a name that isn't well-known.
    [[nodiscard]] constexpr Field field() const noexcept { return field_; }
    /// True for a token in lower case that is there for as long as the program runs.
    [[nodiscard]] constexpr bool is_kept() const noexcept { return is_kept_; }

  private:
    static constexpr bool is_letter(char c) noexcept {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    static consteval bool is_token(std::string_view text) {
        constexpr std::string_view others = "!#$%&'*+-.^_`|~0123456789";
        for (const char c : text)
            if (!is_letter(c) && others.find(c) == std::string_view::npos) return false;
        return !text.empty();
    }

    static consteval bool has_capitals(std::string_view text) {
        for (const char c : text)
            if (c >= 'A' && c <= 'Z') return true;
        return false;
    }

    // The cases of a letter differ in one bit.
    static consteval bool is_same_token(std::string_view token, std::string_view in_lower_case) {
        if (token.size() != in_lower_case.size()) return false;
        for (std::size_t i = 0; i < token.size(); ++i)
            if ((is_letter(token[i]) ? token[i] | 0x20 : token[i]) != in_lower_case[i])
                return false;
        return true;
    }

    static consteval Field field_of_token(std::string_view token) {
        for (std::size_t i = 1; i < field_count; ++i)
            if (is_same_token(token, detail::field_names[i])) return static_cast<Field>(i);
        return Field::other;
    }

    constexpr FieldName(std::string_view text, Field field) noexcept
        : text_(text.data()),
          size_(text.size() < 0xffff'ffff ? static_cast<std::uint32_t>(text.size()) : 0xffff'ffff),
          field_(field) {}

    const char* text_;
    std::uint32_t size_;
    Field field_ = Field::other;
    bool is_kept_ = false;
};

} // namespace armature

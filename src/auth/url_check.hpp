#pragma once

#include <armature/core/url.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace armature::auth {

/// Whether a URL names this machine, where TLS protects nothing.
[[nodiscard]] inline bool is_loopback(const Url& url) noexcept {
    return url.host() == "localhost" || url.host() == "127.0.0.1" || url.host() == "[::1]";
}

/// What identity depends on comes by https, or from this machine. Throws std::invalid_argument.
inline Url check_secure_url(std::string_view text, std::string_view who) {
    std::optional<Url> url = Url::parse(text);
    if (!url || !url->has_authority() || url->host().empty() || url->userinfo() ||
        url->fragment() ||
        (url->scheme() != "https" && !(url->scheme() == "http" && is_loopback(*url))))
        throw std::invalid_argument("armature: " + std::string{who} +
                                    " needs an absolute https URL (http on the loopback interface "
                                    "only), not \"" +
                                    std::string{text} + "\"");
    return *std::move(url);
}

} // namespace armature::auth

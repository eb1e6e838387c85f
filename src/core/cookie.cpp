#include "core/characters.hpp"

#include <armature/core/cookie.hpp>
#include <armature/core/http_date.hpp>

#include <algorithm>
#include <stdexcept>

namespace armature {
namespace {

constexpr std::size_t max_name_and_value = 4096;
constexpr std::size_t max_attribute = 1024;
constexpr CharacterSet domain_characters = CharacterSet::alphanumeric_and("-.");

// cookie-octet, RFC 6265bis §4.1.1.
constexpr bool is_cookie_octet(char c) noexcept {
    return c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
}

bool is_cookie_value(std::string_view value) noexcept {
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
        value = value.substr(1, value.size() - 2);
    return std::all_of(value.begin(), value.end(), is_cookie_octet);
}

bool has_prefix(std::string_view name, std::string_view prefix) noexcept {
    return equal_ignoring_case(name.substr(0, prefix.size()), prefix);
}

std::string_view to_text(SameSite same_site) noexcept {
    switch (same_site) {
    case SameSite::strict:
        return "Strict";
    case SameSite::lax:
        return "Lax";
    case SameSite::none:
        break;
    }
    return "None";
}

} // namespace

SetCookie::SetCookie(std::string_view name, std::string_view value) : name_(name), value_(value) {
    if (!is_token(name)) throw std::invalid_argument("a cookie's name must be a token");
    if (!is_cookie_value(value))
        throw std::invalid_argument("a cookie's value holds a character that isn't allowed");
    if (name.size() + value.size() > max_name_and_value)
        throw std::invalid_argument("a cookie's name and value exceed 4096 bytes");
}

SetCookie SetCookie::removal(std::string_view name, std::string_view path,
                             std::string_view domain) {
    SetCookie cookie(name, "");
    cookie.path(path).max_age(0).expires(0);
    if (!domain.empty()) cookie.domain(domain);
    return cookie;
}

SetCookie& SetCookie::domain(std::string_view host) {
    if (host.empty() || host.size() > max_attribute || !domain_characters.contains_all(host))
        throw std::invalid_argument("a cookie's domain must be a host name");
    domain_ = host;
    return *this;
}

SetCookie& SetCookie::path(std::string_view path) {
    const bool valid = std::none_of(path.begin(), path.end(), [](char c) {
        return is_control(c) || static_cast<unsigned char>(c) >= 0x80 || c == ';';
    });
    if (!path.starts_with('/') || path.size() > max_attribute || !valid)
        throw std::invalid_argument("a cookie's path must start with '/' and hold no ';'");
    path_ = path;
    return *this;
}

SetCookie& SetCookie::max_age(std::int64_t seconds) noexcept {
    max_age_ = seconds;
    return *this;
}

SetCookie& SetCookie::expires(std::int64_t unix_seconds) noexcept {
    expires_ = unix_seconds;
    return *this;
}

SetCookie& SetCookie::secure(bool on) noexcept {
    secure_ = on;
    return *this;
}

SetCookie& SetCookie::http_only(bool on) noexcept {
    http_only_ = on;
    return *this;
}

SetCookie& SetCookie::same_site(SameSite same_site) noexcept {
    same_site_ = same_site;
    return *this;
}

SetCookie& SetCookie::partitioned(bool on) noexcept {
    partitioned_ = on;
    return *this;
}

void SetCookie::check_attributes() const {
    const bool host_only = has_prefix(name_, "__Host-");
    if (!secure_ && (host_only || has_prefix(name_, "__Secure-")))
        throw std::invalid_argument("a cookie named __Secure- or __Host- must be secure");
    if (host_only && (path_ != "/" || !domain_.empty()))
        throw std::invalid_argument("a cookie named __Host- must have path \"/\" and no domain");
    if (!secure_ && same_site_ == SameSite::none)
        throw std::invalid_argument("a cookie with SameSite=None must be secure");
    if (!secure_ && partitioned_)
        throw std::invalid_argument("a partitioned cookie must be secure");
}

std::string SetCookie::to_string() const {
    check_attributes();
    std::string text = name_ + '=' + value_;
    if (!domain_.empty()) text += "; Domain=" + domain_;
    if (!path_.empty()) text += "; Path=" + path_;
    if (max_age_) text += "; Max-Age=" + std::to_string(*max_age_);
    if (expires_) {
        char date[http_date_size];
        write_http_date(*expires_, date);
        text += "; Expires=";
        text.append(date, http_date_size);
    }
    if (secure_) text += "; Secure";
    if (http_only_) text += "; HttpOnly";
    if (same_site_) text.append("; SameSite=").append(to_text(*same_site_));
    if (partitioned_) text += "; Partitioned";
    return text;
}

void CookieView::const_iterator::advance() noexcept {
    pair_ = {};
    while (!rest_.empty()) {
        const std::size_t size = std::min(rest_.find(';'), rest_.size());
        const std::string_view part = trim(rest_.substr(0, size));
        rest_.remove_prefix(std::min(size + 1, rest_.size()));
        if (part.empty()) continue;
        const std::size_t equals = part.find('=');
        if (equals == part.npos) {
            pair_.value = part;
        } else {
            pair_.name = trim(part.substr(0, equals));
            pair_.value = trim(part.substr(equals + 1));
        }
        return;
    }
}

std::optional<std::string_view> find_cookie(const Headers& request,
                                            std::string_view name) noexcept {
    std::optional<std::string_view> found;
    request.all(Field::cookie, [&](std::string_view text) {
        if (found) return;
        for (const CookieView::Pair& pair : CookieView(text)) {
            if (pair.name != name) continue;
            found = pair.value;
            return;
        }
    });
    return found;
}

} // namespace armature

#include <armature/core/headers.hpp>
#include <armature/core/http_date.hpp>
#include <armature/testing/cookie_jar.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

namespace armature {

namespace {

std::string_view trim(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
    std::string small{text};
    std::transform(small.begin(), small.end(), small.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return small;
}

// RFC 6265 §5.1.4.
std::string default_path(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (!path.starts_with('/') || slash == 0) return "/";
    return std::string{path.substr(0, slash)};
}

bool path_matches(std::string_view path, std::string_view of_cookie) noexcept {
    return path == of_cookie || (path.starts_with(of_cookie) &&
                                 (of_cookie.ends_with('/') || path[of_cookie.size()] == '/'));
}

bool is_ip_address(std::string_view host) noexcept {
    return host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// RFC 6265 §5.1.3.
bool domain_matches(std::string_view host, std::string_view domain) noexcept {
    if (Headers::equal_names(host, domain)) return true;
    return host.size() > domain.size() && host[host.size() - domain.size() - 1] == '.' &&
           Headers::equal_names(host.substr(host.size() - domain.size()), domain) &&
           !is_ip_address(host);
}

bool has_prefix(std::string_view name, std::string_view prefix) noexcept {
    return Headers::equal_names(name.substr(0, prefix.size()), prefix);
}

struct Attributes {
    std::optional<std::int64_t> max_age;
    std::optional<std::int64_t> expires;
    std::string_view domain;
    std::string_view path;
};

void read_attribute(std::string_view name, std::string_view value, Attributes& read,
                    TestCookie& cookie) {
    const auto is = [name](std::string_view wanted) { return Headers::equal_names(name, wanted); };
    if (is("secure")) {
        cookie.secure = true;
    } else if (is("httponly")) {
        cookie.http_only = true;
    } else if (is("samesite")) {
        cookie.same_site = value;
    } else if (is("path")) {
        read.path = value.starts_with('/') ? value : std::string_view{};
    } else if (is("domain")) {
        if (value.starts_with('.')) value.remove_prefix(1);
        read.domain = value;
    } else if (is("expires")) {
        read.expires = parse_http_date(value);
    } else if (is("max-age")) {
        std::int64_t seconds = 0;
        const char* end = value.data() + value.size();
        const auto [rest, error] = std::from_chars(value.data(), end, seconds);
        if (rest == end && error == std::errc{}) read.max_age = seconds;
    }
}

} // namespace

std::optional<TestCookie> read_set_cookie(std::string_view field, CookieTarget from,
                                          std::int64_t now) {
    TestCookie cookie;
    Attributes read;
    std::size_t end = std::min(field.find(';'), field.size());
    const std::string_view pair = field.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    cookie.name = trim(pair.substr(0, equals));
    cookie.value = trim(pair.substr(equals + 1));
    if (cookie.name.empty()) return std::nullopt;
    while (end < field.size()) {
        field.remove_prefix(end + 1);
        end = std::min(field.find(';'), field.size());
        const std::string_view attribute = field.substr(0, end);
        const std::size_t sign = std::min(attribute.find('='), attribute.size());
        const bool has_value = sign < attribute.size();
        read_attribute(trim(attribute.substr(0, sign)),
                       has_value ? trim(attribute.substr(sign + 1)) : std::string_view{}, read,
                       cookie);
    }

    cookie.host_only = read.domain.empty();
    cookie.domain = lower(cookie.host_only ? from.host : read.domain);
    cookie.path = read.path.empty() ? default_path(from.path) : std::string{read.path};
    if (!cookie.host_only && !domain_matches(from.host, cookie.domain)) return std::nullopt;
    if (cookie.secure && !from.secure) return std::nullopt;
    if (has_prefix(cookie.name, "__Secure-") && !cookie.secure) return std::nullopt;
    if (has_prefix(cookie.name, "__Host-") &&
        (!cookie.secure || !cookie.host_only || read.path != "/"))
        return std::nullopt;
    if (read.max_age) {
        constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
        cookie.expires = *read.max_age <= 0            ? std::int64_t{0}
                         : *read.max_age < never - now ? now + *read.max_age
                                                       : never;
    } else {
        cookie.expires = read.expires;
    }
    return cookie;
}

void TestCookieJar::store(std::string_view set_cookie, CookieTarget from, std::int64_t now) {
    std::optional<TestCookie> cookie = read_set_cookie(set_cookie, from, now);
    if (!cookie) return;
    const auto same = std::find_if(cookies_.begin(), cookies_.end(), [&](const TestCookie& other) {
        return other.name == cookie->name && other.domain == cookie->domain &&
               other.path == cookie->path;
    });
    const bool is_expired = cookie->expires && *cookie->expires <= now;
    if (same == cookies_.end()) {
        if (!is_expired) cookies_.push_back(std::move(*cookie));
    } else if (is_expired) {
        cookies_.erase(same);
    } else {
        *same = std::move(*cookie);
    }
}

std::string TestCookieJar::header(CookieTarget to, std::int64_t now) const {
    std::vector<const TestCookie*> sent; // of paths of one length, the oldest first
    const auto has_longer_path = [](const TestCookie* a, const TestCookie* b) {
        return a->path.size() > b->path.size();
    };
    for (const TestCookie& cookie : cookies_) {
        const bool is_for_host = cookie.host_only ? Headers::equal_names(to.host, cookie.domain)
                                                  : domain_matches(to.host, cookie.domain);
        if (is_for_host && path_matches(to.path, cookie.path) && (to.secure || !cookie.secure) &&
            (!cookie.expires || *cookie.expires > now))
            sent.insert(std::upper_bound(sent.begin(), sent.end(), &cookie, has_longer_path),
                        &cookie);
    }
    std::string field;
    for (const TestCookie* cookie : sent)
        field.append(field.empty() ? "" : "; ")
            .append(cookie->name)
            .append("=")
            .append(cookie->value);
    return field;
}

std::optional<std::string_view> TestCookieJar::get(std::string_view name) const noexcept {
    for (const TestCookie& cookie : cookies_)
        if (cookie.name == name) return cookie.value;
    return std::nullopt;
}

} // namespace armature

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// A cookie as a client keeps it (RFC 6265 §5.3).
struct TestCookie {
    std::string name;
    std::string value;
    std::string domain;                  ///< without a leading dot
    std::string path;                    ///< the one given, or the default
    std::optional<std::int64_t> expires; ///< seconds since 1970; nullopt: with the session
    bool host_only = true;               ///< no Domain was given: not for subdomains
    bool secure = false;
    bool http_only = false;
    std::string same_site; ///< as it was sent: "Lax"
};

/// Where a request goes, as cookies look at it.
struct CookieTarget {
    std::string_view host; ///< without its port
    std::string_view path; ///< without its query
    bool secure;
};

/// Reads the value of a Set-Cookie field that came from `from` at `now` (RFC 6265 §5.2, and the
/// prefixes of RFC 6265bis §4.1.3). nullopt when a browser would ignore it.
[[nodiscard]] std::optional<TestCookie> read_set_cookie(std::string_view field, CookieTarget from,
                                                        std::int64_t now);

/// What a browser does about cookies, as far as one site is concerned: path, domain, expiry, Secure
/// and the prefixes. SameSite is kept but has no effect: there is no other site.
class TestCookieJar {
  public:
    /// Keeps what a Set-Cookie field says, or forgets what it expires.
    void store(std::string_view set_cookie, CookieTarget from, std::int64_t now);
    /// The Cookie field for a request, longest path first; empty without any.
    [[nodiscard]] std::string header(CookieTarget to, std::int64_t now) const;

    /// The value of the first cookie of that name, or nullopt.
    [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
    [[nodiscard]] const std::vector<TestCookie>& all() const noexcept { return cookies_; }
    void clear() noexcept { cookies_.clear(); }

  private:
    std::vector<TestCookie> cookies_; ///< in the order they were first set
};

} // namespace armature

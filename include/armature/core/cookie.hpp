#pragma once

#include <armature/core/headers.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace armature {

enum class SameSite : std::uint8_t { strict, lax, none };

/// A cookie for the client to keep: the value of a Set-Cookie field (RFC 6265bis §4.1).
///
///     response.headers().append(Field::set_cookie,
///         SetCookie("__Host-session", id).path("/").secure().http_only().to_string());
///
/// Refuses with std::invalid_argument what clients would drop or read otherwise: characters that
/// aren't allowed, a name and value above 4096 bytes together, a domain or path above 1024 bytes.
class SetCookie {
  public:
    /// `name` is a token. `value` may hold no control character, space, quote (but for one pair
    /// around it), comma, semicolon, backslash or byte above 0x7e: encode other text first.
    SetCookie(std::string_view name, std::string_view value);

    /// The cookie that makes a client forget the one of that name, `path` and `domain`, which must
    /// be those it was set with. Add `secure()` for the prefixes `__Secure-` and `__Host-`.
    [[nodiscard]] static SetCookie removal(std::string_view name, std::string_view path = "/",
                                           std::string_view domain = {});

    /// Sends the cookie to subdomains of `host` too; without it only to the host that set it.
    SetCookie& domain(std::string_view host);
    SetCookie& path(std::string_view path);
    /// How long to keep it, in seconds; 0 or less: forget it. Without this and `expires` it lasts
    /// as long as the client's session. Takes precedence over `expires`.
    SetCookie& max_age(std::int64_t seconds) noexcept;
    /// Until when to keep it, in seconds since 1970-01-01 UTC.
    SetCookie& expires(std::int64_t unix_seconds) noexcept;
    SetCookie& secure(bool on = true) noexcept;
    SetCookie& http_only(bool on = true) noexcept;
    SetCookie& same_site(SameSite same_site) noexcept;
    /// A separate cookie for each top-level site that embeds this one (CHIPS).
    SetCookie& partitioned(bool on = true) noexcept;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& value() const noexcept { return value_; }

    /// The value of the Set-Cookie field. Throws std::invalid_argument if the attributes contradict
    /// each other: `__Secure-` wants `secure`, `__Host-` also path "/" and no domain (whatever the
    /// case of the prefix), `SameSite=None` and `Partitioned` want `secure` (RFC 6265bis §4.1.3).
    [[nodiscard]] std::string to_string() const;

  private:
    void check_attributes() const;

    std::string name_;
    std::string value_;
    std::string domain_;
    std::string path_;
    std::optional<std::int64_t> max_age_;
    std::optional<std::int64_t> expires_;
    std::optional<SameSite> same_site_;
    bool secure_ = false;
    bool http_only_ = false;
    bool partitioned_ = false;
};

/// The cookies of one Cookie field, in order; views the field's value. Values are as sent, quotes
/// included (RFC 6265bis §4.2). A part without `=` is a value whose name is empty; empty parts are
/// left out. A client may send several cookies of one name: the first is of the longest path.
class CookieView {
  public:
    struct Pair {
        std::string_view name;
        std::string_view value;
    };

    class const_iterator {
      public:
        const Pair& operator*() const noexcept { return pair_; }
        const Pair* operator->() const noexcept { return &pair_; }
        const_iterator& operator++() noexcept {
            advance();
            return *this;
        }
        bool operator==(const const_iterator& other) const noexcept {
            return pair_.value.data() == other.pair_.value.data();
        }

      private:
        friend class CookieView;
        const_iterator() noexcept = default;
        explicit const_iterator(std::string_view text) noexcept : rest_(text) { advance(); }
        void advance() noexcept;

        Pair pair_;
        std::string_view rest_;
    };

    explicit CookieView(std::string_view text) noexcept : text_(text) {}
    [[nodiscard]] const_iterator begin() const noexcept { return const_iterator(text_); }
    [[nodiscard]] const_iterator end() const noexcept { return {}; }

  private:
    std::string_view text_;
};

/// The value of the first cookie of that name in a request, or nullopt. Looks at every Cookie
/// field: HTTP/2 clients may send one per cookie (RFC 9113 §8.2.3). Valid as long as `request`'s
/// text.
[[nodiscard]] std::optional<std::string_view> find_cookie(const Headers& request,
                                                          std::string_view name) noexcept;

} // namespace armature

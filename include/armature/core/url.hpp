#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

class Arena;

// ---- percent-encoding (RFC 3986 §2.1) ----

/// Replaces `out` by the bytes that `text` stands for. Returns false, leaving `out` unspecified,
/// if a `%` isn't followed by two hexadecimal digits. The result may hold any byte, NUL included.
[[nodiscard]] bool percent_decode(std::string_view text, std::string& out,
                                  bool plus_is_space = false);

/// The same into a buffer of at least `text.size()` bytes, which may be `text`'s own: returns how
/// many bytes were written, or nullopt if a `%` is malformed.
[[nodiscard]] std::optional<std::size_t> percent_decode(std::string_view text, char* out,
                                                        bool plus_is_space = false) noexcept;

/// Decodes a name or value of a query or form as browsers do: `+` is a space, a malformed `%` is
/// kept as it is (WHATWG URL, "percent-decode"). `out` as above; never fails.
[[nodiscard]] std::size_t form_decode(std::string_view text, char* out) noexcept;
[[nodiscard]] std::string form_decode(std::string_view text);
/// The same as a view: of `text` itself where nothing in it is encoded, else of a copy in `arena`.
[[nodiscard]] std::string_view form_decode(std::string_view text, Arena& arena);

/// What `percent_encode` leaves alone besides letters, digits and `-._~`.
enum class EncodeSet : std::uint8_t {
    path_segment,    ///< also `!$&'()*+,;=:@`: everything a segment may hold (RFC 3986 §3.3)
    query_component, ///< nothing else: right for names and values, whatever decodes them
};
[[nodiscard]] std::string percent_encode(std::string_view text, EncodeSet set);

// ---- request targets (RFC 9112 §3.2) ----

enum class TargetForm : std::uint8_t { origin, absolute, authority, asterisk };

/// Views into the target they were split from; raw, nothing is decoded.
struct TargetParts {
    TargetForm form = TargetForm::origin;
    std::string_view path; ///< starts with '/', or is "*" in asterisk-form, "" in authority-form
    std::optional<std::string_view> query; ///< without the '?'
    std::string_view scheme;               ///< absolute-form only, as it was spelt
    std::string_view authority;            ///< absolute-form and authority-form: host and port
};

/// Splits the target of a request line, or nullopt if it is none of the four forms or holds a
/// character that no client sends in one. Whether the form suits the method is for the caller:
/// authority-form goes with CONNECT, asterisk-form with OPTIONS.
///
/// Besides RFC 3986's characters it accepts those that browsers leave bare: `[]^{|}` and, in the
/// query, `` ` `` and `\`. A malformed `%` passes: `percent_decode` finds it.
[[nodiscard]] std::optional<TargetParts> split_target(std::string_view target) noexcept;

/// True for `host` or `host:port` as the Host field and `:authority` carry it: a name, an IPv4
/// address or a bracketed IPv6 address; no userinfo, not empty, port at most 65535 (RFC 3986
/// §3.2.2, RFC 9110 §7.2).
[[nodiscard]] bool valid_host(std::string_view host_and_port) noexcept;

// ---- queries and forms ----

/// The `name=value` pairs of a query or application/x-www-form-urlencoded text, in order, raw:
/// `form_decode` gives the text of each. Empty pairs (`&&`) are left out; a pair without `=` has
/// an empty value. Views what it was made from; allocates nothing.
class QueryView {
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
            return pair_.name.data() == other.pair_.name.data();
        }

      private:
        friend class QueryView;
        const_iterator() noexcept = default;
        explicit const_iterator(std::string_view text) noexcept : rest_(text) { advance(); }
        void advance() noexcept;

        Pair pair_;
        std::string_view rest_;
    };

    explicit QueryView(std::string_view text) noexcept : text_(text) {}
    [[nodiscard]] const_iterator begin() const noexcept { return const_iterator(text_); }
    [[nodiscard]] const_iterator end() const noexcept { return {}; }

  private:
    std::string_view text_;
};

/// Decoded names and values of a query or form: ordered, a name may occur several times.
class QueryPairs {
  public:
    struct Pair {
        std::string name;
        std::string value;
    };
    using const_iterator = std::vector<Pair>::const_iterator;

    QueryPairs() = default;

    /// Decodes at most `max_pairs` pairs by WHATWG rules (see `form_decode`); `truncated` tells
    /// whether there were more.
    [[nodiscard]] static QueryPairs parse(std::string_view text, std::size_t max_pairs = 1000);

    /// The first value of that name, or nullopt; valid until this object changes.
    [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
    [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;

    [[nodiscard]] std::size_t size() const noexcept { return pairs_.size(); }
    [[nodiscard]] bool empty() const noexcept { return pairs_.empty(); }
    [[nodiscard]] const_iterator begin() const noexcept { return pairs_.begin(); }
    [[nodiscard]] const_iterator end() const noexcept { return pairs_.end(); }
    [[nodiscard]] bool truncated() const noexcept { return truncated_; }

    QueryPairs& append(std::string_view name, std::string_view value);

    /// The query as text, encoded; parsing it gives the same pairs.
    [[nodiscard]] std::string to_string() const;

  private:
    std::vector<Pair> pairs_;
    bool truncated_ = false;
};

// ---- URLs (RFC 3986) ----

/// A path without its `.` and `..` segments (RFC 3986 §5.2.4).
[[nodiscard]] std::string remove_dot_segments(std::string_view path);

/// A URL or relative reference, split and owned. Strict: only RFC 3986's characters, every `%`
/// well-formed. Scheme and host are in lower case; the other parts are raw.
class Url {
  public:
    [[nodiscard]] static std::optional<Url> parse(std::string_view text);

    /// True if there is a scheme; otherwise it is a relative reference.
    [[nodiscard]] bool is_absolute() const noexcept { return !scheme_.empty(); }
    [[nodiscard]] bool has_authority() const noexcept { return has_authority_; }

    [[nodiscard]] const std::string& scheme() const noexcept { return scheme_; }
    /// `user:password`, still encoded. Meant for connection strings; in an http URL it is a
    /// trap for users (RFC 9110 §4.2.4), and `split_target` and `valid_host` refuse it.
    [[nodiscard]] const std::optional<std::string>& userinfo() const noexcept { return userinfo_; }
    /// An IPv6 address keeps its brackets.
    [[nodiscard]] const std::string& host() const noexcept { return host_; }
    [[nodiscard]] std::optional<std::uint16_t> port() const noexcept { return port_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] const std::optional<std::string>& query() const noexcept { return query_; }
    [[nodiscard]] const std::optional<std::string>& fragment() const noexcept { return fragment_; }

    /// The URL that `reference` means on a page at this (absolute) URL (RFC 3986 §5.2).
    [[nodiscard]] Url resolve(const Url& reference) const;

    [[nodiscard]] std::string to_string() const;

  private:
    Url() = default;
    bool parse_authority(std::string_view text);

    std::string scheme_;
    std::optional<std::string> userinfo_;
    std::string host_;
    std::string path_;
    std::optional<std::string> query_;
    std::optional<std::string> fragment_;
    std::optional<std::uint16_t> port_;
    bool has_authority_ = false;
};

} // namespace armature

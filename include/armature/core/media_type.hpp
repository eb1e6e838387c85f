#pragma once

#include <armature/core/headers.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace armature {

/// Values for Content-Type; text types say their charset.
namespace media_types {
inline constexpr std::string_view json = "application/json";
inline constexpr std::string_view problem_json = "application/problem+json";
inline constexpr std::string_view html = "text/html; charset=utf-8";
inline constexpr std::string_view text = "text/plain; charset=utf-8";
inline constexpr std::string_view css = "text/css; charset=utf-8";
inline constexpr std::string_view csv = "text/csv; charset=utf-8";
inline constexpr std::string_view javascript = "text/javascript; charset=utf-8";
inline constexpr std::string_view xml = "application/xml";
inline constexpr std::string_view form = "application/x-www-form-urlencoded";
inline constexpr std::string_view multipart_form = "multipart/form-data";
inline constexpr std::string_view octet_stream = "application/octet-stream";
inline constexpr std::string_view event_stream = "text/event-stream";
} // namespace media_types

/// A media type or media range (RFC 9110 §8.3.1, §12.5.1): `type/subtype` and parameters. Views the
/// text it was parsed from; parsing allocates nothing.
class MediaType {
  public:
    /// The value of a Content-Type field, or nullopt if it is malformed.
    [[nodiscard]] static std::optional<MediaType> parse(std::string_view text) noexcept;

    /// As spelt: compare in any case of letters, or use `is`.
    [[nodiscard]] std::string_view type() const noexcept { return type_; }
    [[nodiscard]] std::string_view subtype() const noexcept { return subtype_; }
    /// What follows the last '+' of the subtype, "json" in application/problem+json; or empty.
    [[nodiscard]] std::string_view suffix() const noexcept;

    /// True if type and subtype are those of `essence`, for example "application/json", in any
    /// case of letters; parameters don't matter.
    [[nodiscard]] bool is(std::string_view essence) const noexcept;
    /// True for application/json and for any type with the suffix +json (RFC 6839 §3.1).
    [[nodiscard]] bool is_json() const noexcept;
    /// True if this type lies in `range`: its type and subtype are the same or `*`, and this has
    /// every parameter of it, `q` aside.
    [[nodiscard]] bool matches(const MediaType& range) const noexcept;

    /// The first parameter of that name (in any case of letters), unquoted; or nullopt.
    [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
    /// All parameters, raw, from the first ';' on; empty if there are none.
    [[nodiscard]] std::string_view parameters() const noexcept { return parameters_; }

  private:
    std::string_view type_;
    std::string_view subtype_;
    std::string_view parameters_;
};

// ---- content negotiation (RFC 9110 §12) ----
//
// Each returns the index of the best offer, or nullopt if the client accepts none of them. Of
// equally good offers the first wins, so put what the server prefers first. Several field lines
// count as one; malformed elements are skipped. The first form takes a field's value, the second
// the request. Allocates nothing.

/// Accept: the quality of an offer is that of the most specific range it lies in. Without the field
/// everything is accepted.
[[nodiscard]] std::optional<std::size_t>
negotiate_media_type(std::string_view accept, std::span<const std::string_view> offers) noexcept;
[[nodiscard]] std::optional<std::size_t>
negotiate_media_type(const Headers& request, std::span<const std::string_view> offers) noexcept;

/// Accept-Encoding: offers are codings such as "br", "gzip" and "identity" (none). What the field
/// doesn't name isn't accepted, but for identity, which is the last resort unless `identity;q=0`
/// or `*;q=0` forbids it. An absent or empty field accepts identity only.
[[nodiscard]] std::optional<std::size_t>
negotiate_encoding(std::string_view accept_encoding,
                   std::span<const std::string_view> offers) noexcept;
[[nodiscard]] std::optional<std::size_t>
negotiate_encoding(const Headers& request, std::span<const std::string_view> offers) noexcept;

/// Accept-Language by lookup (RFC 4647 §3.4): the best range that is an offer, or is one after
/// cutting subtags from its end; `*` is the first offer. nullopt: use the default language.
[[nodiscard]] std::optional<std::size_t>
negotiate_language(std::string_view accept_language,
                   std::span<const std::string_view> offers) noexcept;
[[nodiscard]] std::optional<std::size_t>
negotiate_language(const Headers& request, std::span<const std::string_view> offers) noexcept;

/// The media type of files with that extension ("html", no dot, any case of letters), or
/// application/octet-stream.
[[nodiscard]] std::string_view media_type_for_extension(std::string_view extension) noexcept;

} // namespace armature

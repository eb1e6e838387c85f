#pragma once

#include <armature/app/extract.hpp>
#include <armature/core/body.hpp>

#include <cstdint>
#include <limits>
#include <memory>

namespace armature {

/// What a client may send in one multipart/form-data content; more is answered with 413. The whole
/// content is bounded by the route's `body_limit`.
struct MultipartLimits {
    std::size_t parts = 100;
    std::size_t head_bytes = 8 * 1024;     ///< the fields before one part's value
    std::uint64_t field_bytes = 64 * 1024; ///< the value of one part that isn't a file
    std::uint64_t file_bytes = std::numeric_limits<std::uint64_t>::max(); ///< one file
};

/// One part of a form: what it is called, and its value as a stream. `next` and `read_all` are
/// those of BodyStream.
class MultipartPart : public BodyStream {
  public:
    /// The form field's name; UTF-8.
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    /// The file's name as the client calls it, or nullopt for a part that isn't a file. UTF-8, else
    /// anything: never use it as a path.
    [[nodiscard]] virtual std::optional<std::string_view> filename() const noexcept = 0;
    /// As the client says; "text/plain" without (RFC 7578 §4.4).
    [[nodiscard]] virtual std::string_view content_type() const noexcept = 0;
    /// All fields of the part.
    [[nodiscard]] virtual const Headers& headers() const noexcept = 0;
};

namespace detail {
class MultipartReader;
} // namespace detail

/// multipart/form-data (RFC 7578), one part after the other, as it arrives: nothing is kept. As a
/// handler's parameter:
///
///     Task<std::string> upload(Multipart form) {
///         std::uint64_t bytes = 0;
///         while (MultipartPart* part = co_await form.next())
///             while (const auto piece = co_await part->next())
///                 bytes += piece->size();
///         co_return std::to_string(bytes);
///     }
///
/// Another media type is answered with 415, malformed content with 400: lines end with CR LF, each
/// part has one Content-Disposition with a name, the last boundary must come. What stands before
/// the first boundary and after the last is ignored (RFC 2046 §5.1.1), and so is `filename*`
/// (RFC 7578 §4.2). A handle: lives as long as the request.
class Multipart {
  public:
    explicit Multipart(detail::MultipartReader& reader) noexcept : reader_(&reader) {}

    /// The next part, or null after the last one. What wasn't read of the part before is skipped.
    /// It lives until the next call. Throws `Error` 400 and 413 as above.
    [[nodiscard]] Task<MultipartPart*> next();

    /// Replaces the limits; before the first `next`.
    Multipart& limits(const MultipartLimits& limits) noexcept;

  private:
    detail::MultipartReader* reader_;
};

template <>
struct Extract<Multipart> {
    static constexpr bool takes_body = true;
    static Multipart from(const ExtractInput& input);
    static void document(OperationInfo& info);
};

} // namespace armature

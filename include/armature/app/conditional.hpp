#pragma once

#include <armature/app/into_response.hpp>
#include <armature/core/etag.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace armature {

/// An entity tag for content: weak, as it says what the content is, not how it was encoded. The
/// same on every machine of one build. No proof against somebody who looks for collisions.
[[nodiscard]] std::string etag_of(std::string_view content);

/// Whether `If-Match` must be there at all.
enum class IfMatch : std::uint8_t { optional, required };

/// To be called before a resource is changed: throws `Error` 412 when the client's If-Match,
/// If-None-Match or If-Unmodified-Since says that it knows another version (RFC 9110 §13.1), so
/// that nobody overwrites what they haven't seen; 428 when `required` and the request says nothing.
void require_preconditions(const Request& request, const Validators& current,
                           IfMatch policy = IfMatch::optional);

/// A handler's result with its entity tag and, if known, its last change: `return Tagged{Json{doc},
/// doc.etag()}`. A GET or HEAD of a client that has this version already is answered with 304, and
/// `value` is not rendered.
template <class T>
class Tagged {
  public:
    /// `etag` as the field has it, quotes included; `last_modified` in seconds since 1970.
    Tagged(T value, std::string etag, std::optional<std::int64_t> last_modified = std::nullopt)
        : value_(std::move(value)), etag_(std::move(etag)), last_modified_(last_modified) {}
    [[nodiscard]] T& value() noexcept { return value_; }
    [[nodiscard]] const T& value() const noexcept { return value_; }
    [[nodiscard]] Validators validators() const noexcept { return {true, etag_, last_modified_}; }

  private:
    T value_;
    std::string etag_;
    std::optional<std::int64_t> last_modified_;
};

/// Middleware that gives every response to GET and HEAD with 200, content in memory and no ETag of
/// its own the tag of its content, and answers 304 to clients that have it. It saves the network,
/// not the work.
class AutoETag {
  public:
    static constexpr std::string_view name = "AutoETag";
    void after(Request& request, Response& response) const;
};

namespace detail {

/// Writes ETag and Last-Modified.
void set_validators(Response& response, const Validators& current);
/// Makes the response a 304 if that is what the client asks for; false if it isn't.
[[nodiscard]] bool answer_unchanged(const Request& request, Response& response,
                                    const Validators& current);
void document_tagged(OperationInfo& info);

} // namespace detail

template <detail::Respondable T>
struct IntoResponse<Tagged<T>> {
    static void into(Tagged<T>&& tagged, Request& request, Response& response) {
        if (detail::answer_unchanged(request, response, tagged.validators())) return;
        IntoResponse<T>::into(std::move(tagged.value()), request, response);
        detail::set_validators(response, tagged.validators());
    }
    static void document(OperationInfo& info) {
        detail::document_result<T>(info);
        detail::document_tagged(info);
    }
};

} // namespace armature

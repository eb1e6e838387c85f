#include "routes.hpp"

#include <armature/core/etag.hpp>
#include <armature/core/media_type.hpp>
#include <armature/core/range.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>

using namespace armature;

namespace showcase {

namespace {

// Byte i of the content is i mod 251, a prime: a piece that is missing, doubled or out of place
// shows, whatever the size of buffers and frames.
constexpr std::size_t period = 251;
constexpr auto pattern = [] {
    std::array<char, period * 256> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(i % period);
    return bytes;
}();

/// The bytes of one range, made as the client reads them: any size costs the same memory.
class PatternStream final : public BodyStream {
  public:
    explicit PatternStream(ByteRange range)
        : position_(range.first), remaining_(range.size()), size_(range.size()) {}

    std::optional<std::uint64_t> size() const noexcept override { return size_; }

    Task<std::optional<std::string_view>> next() override {
        if (remaining_ == 0) co_return std::nullopt;
        const auto offset = static_cast<std::size_t>(position_ % period);
        const auto count = std::min<std::uint64_t>(remaining_, pattern.size() - offset);
        position_ += count;
        remaining_ -= count;
        co_return std::string_view{pattern.data() + offset, static_cast<std::size_t>(count)};
    }

  private:
    std::uint64_t position_;
    std::uint64_t remaining_;
    std::uint64_t size_;
};

Response bytes(Path<std::uint64_t> count, const Request& request) {
    const std::uint64_t size = *count;
    const std::string etag = "\"" + std::to_string(size) + "\"";
    const Validators current{true, etag, std::nullopt};

    Response response;
    response.header(Field::accept_ranges, "bytes").header(Field::etag, etag);
    switch (evaluate_preconditions(request.method(), request.headers(), current)) {
    case Precondition::not_modified:
        return std::move(response).status(Status::not_modified);
    case Precondition::precondition_failed:
        throw Error{Status::precondition_failed};
    case Precondition::proceed:
        break;
    }

    response.header(Field::content_type, media_types::octet_stream);
    const auto range = request.header(Field::range);
    if (range && request.method() == Method::get && range_is_current(request.headers(), current)) {
        const auto wanted = RangeRequest::parse(*range, size);
        if (wanted.kind() == RangeRequest::Kind::unsatisfiable)
            throw Error{Status::range_not_satisfiable,
                        "The content has " + std::to_string(size) + " bytes"}
                .header("content-range", unsatisfied_content_range(size));
        // Several ranges would need multipart/byteranges; RFC 9110 §14.2 lets us send everything.
        if (wanted.ranges().size() == 1) {
            const ByteRange only = wanted.ranges().front();
            response.status(Status::partial_content)
                .header(Field::content_range, content_range(only, size));
            return std::move(response).body(Body{std::make_unique<PatternStream>(only)});
        }
    }
    if (size == 0) return response;
    return std::move(response).body(Body{std::make_unique<PatternStream>(ByteRange{0, size - 1})});
}

void document_bytes(OperationInfo& operation) {
    operation.parameter(ParameterIn::header, "Range", nullptr, false).description =
        "One range of bytes: bytes=0-99";
    operation.answer_with(Status::ok);
    operation.response("application/octet-stream", nullptr).header("ETag");
    operation.answer_with(Status::partial_content);
    operation.response("application/octet-stream", nullptr).header("Content-Range");
    operation.response(Status::not_modified);
    operation.error(Status::precondition_failed);
    operation.error(Status::range_not_satisfiable);
}

} // namespace

void add_bytes(App& app) {
    app.route("/bytes/{n}", get(bytes)
                                .summary("That many bytes, byte i being i mod 251")
                                .tag("Content")
                                .document(document_bytes));
}

} // namespace showcase

#include "app/multipart_parser.hpp"

#include <armature/core/media_type.hpp>

#include <stdexcept>

namespace armature {

namespace detail {

std::string multipart_boundary(const Request& request) {
    const auto type = MediaType::parse(request.header(Field::content_type).value_or(""));
    if (!type || !type->is(media_types::multipart_form))
        throw Error{Status::unsupported_media_type, "Send the content as multipart/form-data"};
    std::optional<std::string> boundary = type->parameter("boundary");
    if (!boundary || !MultipartParser::is_boundary(*boundary))
        throw Error::bad_request("The Content-Type has no boundary");
    return *std::move(boundary);
}

/// Reads the parts of a request's content; it is the part at hand itself.
class MultipartReader final : public MultipartPart {
  public:
    MultipartReader(Request& request, std::string_view boundary)
        : parser_(boundary), content_(request.body().stream()) {}

    [[nodiscard]] MultipartParser& parser() noexcept { return parser_; }

    Task<MultipartPart*> next_part() {
        while (!is_over_) {
            const bool is_part = co_await advance() && event_ == MultipartParser::Event::part;
            if (is_part) co_return this;
        }
        co_return nullptr;
    }

    Task<std::optional<std::string_view>> next() override {
        if (event_ == MultipartParser::Event::part_end || is_over_) co_return std::nullopt;
        const bool is_data = co_await advance() && event_ == MultipartParser::Event::data;
        if (is_data) co_return parser_.data();
        co_return std::nullopt;
    }

    [[nodiscard]] std::string_view name() const noexcept override { return parser_.name(); }
    [[nodiscard]] std::optional<std::string_view> filename() const noexcept override {
        return parser_.filename();
    }
    [[nodiscard]] std::string_view content_type() const noexcept override {
        return headers().get(Field::content_type).value_or("text/plain");
    }
    [[nodiscard]] const Headers& headers() const noexcept override { return parser_.headers(); }

  private:
    // False at the end of the content.
    Task<bool> advance() {
        while ((event_ = parser_.next(rest_)) == MultipartParser::Event::starved) {
            const std::optional<std::string_view> piece = co_await content_.next();
            if (!piece) {
                parser_.finish();
                is_over_ = true;
                co_return false;
            }
            rest_ = *piece;
        }
        co_return true;
    }

    MultipartParser parser_;
    BodyStream& content_;
    std::string_view rest_;
    MultipartParser::Event event_ = MultipartParser::Event::part_end;
    bool is_over_ = false;
};

} // namespace detail

Task<MultipartPart*> Multipart::next() { return reader_->next_part(); }

Multipart& Multipart::limits(const MultipartLimits& limits) noexcept {
    reader_->parser().limits(limits);
    return *this;
}

Multipart Extract<Multipart>::from(const ExtractInput& input) {
    Request& request = input.request;
    const std::string boundary = detail::multipart_boundary(request);
    auto& reader = request.attach(std::make_unique<detail::MultipartReader>(request, boundary));
    return Multipart{*reader};
}

void Extract<Multipart>::document(OperationInfo& info) {
    info.content(media_types::multipart_form, nullptr);
    info.error(Status::bad_request);
    info.error(Status::unsupported_media_type);
}

} // namespace armature

#include <armature/core/error.hpp>
#include <armature/core/utf8.hpp>

#include <algorithm>

namespace armature {

// Behind a pointer because most errors are a status and a sentence.
struct Error::Parts {
    std::string type;
    std::string title;
    std::string detail;
    std::vector<Item> items;
    Headers headers;
};

Error::Error(Status status, std::string detail) : status_(status), parts_(new Parts) {
    parts_->detail = std::move(detail);
}
Error::Error(const Error& other)
    : std::exception(other), status_(other.status_), parts_(new Parts(*other.parts_)) {}
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error& other) { return *this = Error{other}; }
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

Error Error::bad_request(std::string detail) {
    return Error{Status::bad_request, std::move(detail)};
}
Error Error::unauthorized(std::string detail) {
    return Error{Status::unauthorized, std::move(detail)};
}
Error Error::forbidden(std::string detail) { return Error{Status::forbidden, std::move(detail)}; }
Error Error::not_found(std::string detail) { return Error{Status::not_found, std::move(detail)}; }
Error Error::conflict(std::string detail) { return Error{Status::conflict, std::move(detail)}; }
Error Error::content_too_large(std::uint64_t limit) {
    return Error{Status::content_too_large,
                 "The content is larger than the limit of " + std::to_string(limit) + " bytes"};
}
Error Error::unprocessable(std::string detail) {
    return Error{Status::unprocessable_content, std::move(detail)};
}
Error Error::internal(std::string detail) {
    return Error{Status::internal_server_error, std::move(detail)};
}
Error Error::unavailable(std::string detail) {
    return Error{Status::service_unavailable, std::move(detail)};
}

Error& Error::type(std::string uri) & {
    parts_->type = std::move(uri);
    return *this;
}
Error& Error::title(std::string text) & {
    parts_->title = std::move(text);
    return *this;
}
Error& Error::add(std::string pointer, std::string detail) & {
    parts_->items.emplace_back(std::move(pointer), std::move(detail));
    return *this;
}
Error& Error::header(FieldName name, std::string_view value) & {
    parts_->headers.append(name, value);
    return *this;
}

std::string_view Error::type() const noexcept {
    return parts_->type.empty() ? std::string_view{"about:blank"} : parts_->type;
}
std::string_view Error::title() const noexcept {
    if (!parts_->title.empty()) return parts_->title;
    if (const std::string_view phrase = reason(status_); !phrase.empty()) return phrase;
    // A status that isn't registered has no phrase, but its class says something.
    return is_client_error(status_)   ? "Client Error"
           : is_server_error(status_) ? "Server Error"
                                      : "Error";
}
std::string_view Error::detail() const noexcept { return parts_->detail; }
const std::vector<Error::Item>& Error::items() const noexcept { return parts_->items; }
const Headers& Error::headers() const noexcept { return parts_->headers; }
const char* Error::what() const noexcept {
    // Phrases are literals, so the title ends in a NUL where it isn't the string's own.
    return parts_->detail.empty() ? title().data() : parts_->detail.c_str();
}

namespace {

// JSON text (RFC 8259 §7). Core knows no JSON library; this document is all that it writes.
// Details often quote what a client sent, so bytes that aren't UTF-8 become U+FFFD (§8.1).
void append_string(std::string& out, std::string_view text) {
    static constexpr char hex[] = "0123456789abcdef";
    out += '"';
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text[0]);
        const auto [length, is_valid] =
            byte < 0x80 ? detail::Utf8Sequence{1, true}
                        : detail::read_utf8(text.data(), text.data() + text.size());
        if (!is_valid) {
            out += "\xEF\xBF\xBD";
        } else if (byte == '"' || byte == '\\') {
            out += '\\';
            out += text[0];
        } else if (byte < 0x20) {
            out += "\\u00";
            out += hex[byte >> 4];
            out += hex[byte & 15];
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    out += '"';
}

} // namespace

std::string Error::to_json(bool reveal) const {
    const bool hide = is_server_error(status_) && !reveal;
    std::string out = "{\"type\":";
    append_string(out, type());
    out += ",\"title\":";
    append_string(out, title());
    out += ",\"status\":";
    out += std::to_string(static_cast<unsigned>(status_));
    if (!hide && !parts_->detail.empty()) {
        out += ",\"detail\":";
        append_string(out, parts_->detail);
    }
    if (!hide && !parts_->items.empty()) {
        out += ",\"errors\":[";
        for (const Item& item : parts_->items) {
            if (&item != parts_->items.data()) out += ',';
            out += "{\"pointer\":";
            append_string(out, item.pointer);
            out += ",\"detail\":";
            append_string(out, item.detail);
            out += '}';
        }
        out += ']';
    }
    out += '}';
    return out;
}

} // namespace armature

#include "app/multipart_parser.hpp"

#include "core/characters.hpp"

#include <armature/core/utf8.hpp>

#include <algorithm>

namespace armature::detail {

namespace {

[[noreturn]] void malformed(std::string detail) {
    throw Error::bad_request("The form is malformed: " + detail);
}

[[noreturn]] void too_large(std::string_view what, std::uint64_t limit, std::string_view unit) {
    throw Error{Status::content_too_large, std::string{what}
                                               .append(" may have at most ")
                                               .append(std::to_string(limit))
                                               .append(" ")
                                               .append(unit)};
}

void skip_space(std::string_view& text) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

// Browsers write %22, %0D and %0A for what can't stand in quotes (WHATWG HTML, multipart/form-data
// encoding algorithm).
void decode_browser_escapes(std::string& text) {
    std::size_t to = 0;
    for (std::size_t from = 0; from != text.size(); ++from, ++to) {
        const std::string_view three = std::string_view{text}.substr(from, 3);
        const char c = three == "%22" ? '"' : three == "%0D" ? '\r' : three == "%0A" ? '\n' : '\0';
        text[to] = c != '\0' ? c : text[from];
        if (c != '\0') from += 2;
    }
    text.resize(to);
}

// A token, or a text in quotes in which a backslash before a quote or backslash escapes it. Before
// anything else it is itself: some browsers send Windows paths.
std::string take_value(std::string_view& text) {
    std::string value;
    if (text.empty() || text.front() != '"') {
        const std::size_t size = std::min(text.find_first_of("; \t"), text.size());
        value = text.substr(0, size);
        text.remove_prefix(size);
        if (!is_token(value)) malformed("a parameter of Content-Disposition has no value");
        return value;
    }
    for (std::size_t i = 1; i != text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            decode_browser_escapes(value);
            return value;
        }
        if (text[i] == '\\' && i + 1 != text.size() && (text[i + 1] == '"' || text[i + 1] == '\\'))
            ++i;
        value += text[i];
    }
    malformed("a quote is missing in Content-Disposition");
}

} // namespace

bool MultipartParser::is_boundary(std::string_view text) noexcept {
    static constexpr CharacterSet characters = CharacterSet::alphanumeric_and("'()+_,-./:=? ");
    return !text.empty() && text.size() <= 70 && text.back() != ' ' &&
           characters.contains_all(text);
}

MultipartParser::MultipartParser(std::string_view boundary)
    : delimiter_(std::string{"\r\n--"}.append(boundary)) {}

MultipartParser::Event MultipartParser::next(std::string_view& bytes) {
    while (!bytes.empty()) {
        switch (state_) {
        case State::preamble:
            static_cast<void>(scan(bytes)); // what it finds is ignored
            if (is_complete_) state_ = State::boundary;
            break;
        case State::value:
            if (scan(bytes)) {
                value_bytes_ += data_.size();
                const std::uint64_t limit = filename_ ? limits_.file_bytes : limits_.field_bytes;
                if (value_bytes_ > limit)
                    too_large(filename_ ? "A file" : "A field", limit, "bytes");
                return Event::data;
            }
            if (!is_complete_) break;
            state_ = State::boundary;
            return Event::part_end;
        case State::boundary:
        case State::dash:
        case State::padding:
        case State::line_feed:
            end_boundary(bytes);
            break;
        case State::head:
            if (!read_head(bytes)) break;
            state_ = State::value;
            return Event::part;
        case State::epilogue:
            bytes = {};
            break;
        }
    }
    return Event::starved;
}

void MultipartParser::finish() const {
    if (state_ != State::epilogue) malformed("it ends before the last boundary");
}

// True when there is `data_`. Otherwise all of `bytes` was used or the delimiter is complete.
bool MultipartParser::scan(std::string_view& bytes) {
    is_complete_ = false;
    const std::string_view delimiter{delimiter_};
    if (matched_ != 0) {
        const std::string_view wanted = delimiter.substr(matched_);
        const std::size_t size = std::min(wanted.size(), bytes.size());
        if (bytes.substr(0, size) != wanted.substr(0, size)) {
            // It was none. The delimiter has one CR, its first byte: no other match began in it.
            data_ = delimiter.substr(borrowed_, matched_ - borrowed_);
            matched_ = borrowed_ = 0;
            if (!data_.empty()) return true;
        } else {
            bytes.remove_prefix(size);
            matched_ += size;
            is_complete_ = matched_ == delimiter.size();
            if (is_complete_) matched_ = borrowed_ = 0;
            return false;
        }
    }
    std::size_t size = bytes.find(delimiter);
    if (size == 0) {
        bytes.remove_prefix(delimiter.size());
        is_complete_ = true;
        return false;
    }
    if (size == std::string_view::npos) {
        // It may begin in the last bytes.
        size = bytes.find('\r', bytes.size() - std::min(bytes.size(), delimiter.size() - 1));
        while (size != std::string_view::npos && !delimiter.starts_with(bytes.substr(size)))
            size = bytes.find('\r', size + 1);
        size = std::min(size, bytes.size());
        matched_ = bytes.size() - size;
        data_ = bytes.substr(0, size);
        bytes = {};
        return !data_.empty();
    }
    data_ = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return true;
}

// Behind the delimiter: "--" for the last, or padding and the end of the line.
void MultipartParser::end_boundary(std::string_view& bytes) {
    const char c = bytes.front();
    bytes.remove_prefix(1);
    switch (state_) {
    case State::dash:
        if (c != '-') break;
        state_ = State::epilogue;
        return;
    case State::line_feed:
        if (c != '\n') break;
        begin_head();
        return;
    case State::boundary:
        if (c == '-') {
            state_ = State::dash;
            return;
        }
        [[fallthrough]];
    default:
        if (c == '\r')
            state_ = State::line_feed;
        else if (c == ' ' || c == '\t')
            state_ = State::padding;
        else
            break;
        return;
    }
    malformed("something follows a boundary on its line");
}

void MultipartParser::begin_head() {
    if (++parts_ > limits_.parts) too_large("A form", limits_.parts, "parts");
    state_ = State::head;
    head_bytes_ = 0;
    value_bytes_ = 0;
    line_.clear();
    name_.clear();
    filename_.reset();
    headers_.clear();
}

// True at the end of the part's fields.
bool MultipartParser::read_head(std::string_view& bytes) {
    const std::size_t end = bytes.find('\n');
    const std::size_t size = end == std::string_view::npos ? bytes.size() : end + 1;
    head_bytes_ += size;
    if (head_bytes_ > limits_.head_bytes)
        too_large("The head of a part", limits_.head_bytes, "bytes");
    line_ += bytes.substr(0, size);
    bytes.remove_prefix(size);
    if (end == std::string_view::npos) return false;
    if (!line_.ends_with("\r\n")) malformed("a line doesn't end with CR LF");
    line_.resize(line_.size() - 2);
    if (line_.empty()) {
        end_head();
        return true;
    }
    add_field(line_);
    line_.clear();
    return false;
}

void MultipartParser::add_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) malformed("a line in a part's head has no colon");
    const std::string_view name = line.substr(0, colon);
    if (headers_.contains(name)) malformed("a part has a field twice");
    if (!headers_.try_append(name, line.substr(colon + 1)))
        malformed("a part's head has a bad character");
}

void MultipartParser::end_head() {
    const auto disposition = headers_.get(Field::content_disposition);
    if (!disposition) malformed("a part has no Content-Disposition");
    read_disposition(*disposition);
    // RFC 7578 §4.7 deprecates it; whoever still encodes would be misread.
    const auto encoding = headers_.get("content-transfer-encoding");
    if (encoding && !Headers::equal_names(*encoding, "binary") &&
        !Headers::equal_names(*encoding, "8bit") && !Headers::equal_names(*encoding, "7bit"))
        malformed("a part has a Content-Transfer-Encoding");
    matched_ = borrowed_ = 2;
}

void MultipartParser::read_disposition(std::string_view value) {
    constexpr std::string_view type = "form-data";
    if (!Headers::equal_names(value.substr(0, type.size()), type))
        malformed("a part's Content-Disposition isn't form-data");
    value.remove_prefix(type.size());
    bool has_name = false;
    for (skip_space(value); !value.empty(); skip_space(value)) {
        if (value.front() != ';') malformed("a semicolon is missing in Content-Disposition");
        value.remove_prefix(1);
        skip_space(value);
        const std::size_t equals = value.find('=');
        if (equals == std::string_view::npos || !is_token(value.substr(0, equals)))
            malformed("a parameter of Content-Disposition has no name");
        const std::string_view parameter = value.substr(0, equals);
        value.remove_prefix(equals + 1);
        std::string text = take_value(value);
        const bool is_name = Headers::equal_names(parameter, "name");
        const bool is_filename = Headers::equal_names(parameter, "filename");
        if ((is_name && has_name) || (is_filename && filename_))
            malformed("a parameter of Content-Disposition is given twice");
        if ((is_name || is_filename) && !is_utf8(text)) malformed("a name isn't UTF-8");
        if (is_name) {
            name_ = std::move(text);
            has_name = true;
        } else if (is_filename) {
            filename_ = std::move(text);
        }
    }
    if (!has_name) malformed("a part has no name");
}

} // namespace armature::detail

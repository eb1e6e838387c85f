#include "core/characters.hpp"

#include <armature/http1/body_decoder.hpp>

#include <algorithm>

namespace armature::http1 {
namespace {

constexpr unsigned max_size_digits = 16;

bool may_be_trailer(Field field) noexcept {
    switch (field) {
    case Field::authorization:
    case Field::cache_control:
    case Field::connection:
    case Field::content_encoding:
    case Field::content_range:
    case Field::content_type:
    case Field::cookie:
    case Field::expect:
    case Field::forwarded:
    case Field::if_match:
    case Field::if_modified_since:
    case Field::if_none_match:
    case Field::if_range:
    case Field::if_unmodified_since:
    case Field::keep_alive:
    case Field::max_forwards:
    case Field::origin:
    case Field::proxy_authorization:
    case Field::proxy_connection:
    case Field::range:
    case Field::te:
    case Field::trailer:
    case Field::upgrade:
    case Field::x_forwarded_for:
    case Field::x_forwarded_host:
    case Field::x_forwarded_port:
    case Field::x_forwarded_prefix:
    case Field::x_forwarded_proto:
    case Field::x_http_method_override:
    case Field::x_real_ip:
        return false;
    default:
        return true;
    }
}

} // namespace

void BodyDecoder::start(std::uint64_t length) noexcept {
    remaining_ = length;
    stage_ = length == 0 ? Stage::done : Stage::content;
    error_ = ParseError::none;
    trailers_.clear();
}

void BodyDecoder::start_chunked(const ChunkLimits& limits) noexcept {
    limits_ = limits;
    remaining_ = 0;
    extension_bytes_ = 0;
    trailer_count_ = 0;
    stage_ = Stage::size_first;
    error_ = ParseError::none;
    trailer_line_ = 0;
    trailer_text_.clear();
    trailers_.clear();
}

BodyDecoder::Result BodyDecoder::fail(ParseError error, std::size_t consumed,
                                      std::string_view payload) noexcept {
    stage_ = Stage::failed;
    error_ = error;
    return {consumed, payload, Status::error};
}

BodyDecoder::Result BodyDecoder::decode(const char* data, std::size_t size) noexcept {
    std::string_view payload;
    std::size_t at = 0;
    for (;;) {
        if (stage_ == Stage::done) return {at, payload, Status::done};
        if (stage_ == Stage::failed) return {at, payload, Status::error};
        if (at == size) return {at, payload, Status::more};
        if (stage_ == Stage::content || stage_ == Stage::chunk) {
            if (!payload.empty()) return {at, payload, Status::more};
            const auto piece =
                static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, size - at));
            payload = {data + at, piece};
            at += piece;
            remaining_ -= piece;
            if (remaining_ == 0)
                stage_ = stage_ == Stage::content ? Stage::done : Stage::chunk_return;
            continue;
        }
        const ParseError error = framing_byte(data[at]);
        if (error != ParseError::none) return fail(error, at, payload);
        ++at;
    }
}

// chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
ParseError BodyDecoder::framing_byte(char byte) noexcept {
    switch (stage_) {
    case Stage::size_first:
        remaining_ = 0;
        size_digits_ = 0;
        stage_ = Stage::size;
        if (hex_value(byte) < 0) return ParseError::bad_chunk_size;
        [[fallthrough]];
    case Stage::size:
        if (const int digit = hex_value(byte); digit >= 0) {
            if (++size_digits_ > max_size_digits) return ParseError::bad_chunk_size;
            remaining_ = remaining_ << 4 | static_cast<unsigned>(digit);
            return ParseError::none;
        }
        if (byte == '\r') {
            stage_ = Stage::size_line_feed;
            return ParseError::none;
        }
        if (byte == '\n') return ParseError::bad_line_end;
        if (byte != ';' && !is_space(byte)) return ParseError::bad_chunk_size;
        stage_ = Stage::extension_space;
        return extension_byte(byte);
    case Stage::size_line_feed:
        if (byte != '\n') return ParseError::bad_line_end;
        stage_ = remaining_ == 0 ? Stage::trailer : Stage::chunk;
        return ParseError::none;
    case Stage::chunk_return:
        stage_ = Stage::chunk_line_feed;
        return byte == '\r' ? ParseError::none : ParseError::bad_chunk_end;
    case Stage::chunk_line_feed:
        stage_ = Stage::size_first;
        return byte == '\n' ? ParseError::none : ParseError::bad_chunk_end;
    case Stage::trailer:
        return trailer_byte(byte);
    default:
        return extension_byte(byte);
    }
}

// chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )
ParseError BodyDecoder::extension_byte(char byte) noexcept {
    if (++extension_bytes_ > limits_.extension_bytes) return ParseError::chunk_extensions_too_large;
    const auto go = [this](Stage stage) {
        stage_ = stage;
        return ParseError::none;
    };
    const bool is_token_byte = token_characters.contains(byte);
    switch (stage_) {
    case Stage::extension_space:
        if (is_space(byte)) return ParseError::none;
        // Space without an extension after it would make this a chunk size that others read
        // differently.
        return byte == ';' ? go(Stage::extension_name_first) : ParseError::bad_chunk_extension;
    case Stage::extension_name_first:
        if (is_space(byte)) return ParseError::none;
        return is_token_byte ? go(Stage::extension_name) : ParseError::bad_chunk_extension;
    case Stage::extension_name:
        if (is_token_byte) return ParseError::none;
        if (is_space(byte)) return go(Stage::extension_name_space);
        if (byte == '=') return go(Stage::extension_value_first);
        break;
    case Stage::extension_name_space:
        if (is_space(byte)) return ParseError::none;
        if (byte == '=') return go(Stage::extension_value_first);
        return byte == ';' ? go(Stage::extension_name_first) : ParseError::bad_chunk_extension;
    case Stage::extension_value_first:
        if (is_space(byte)) return ParseError::none;
        if (byte == '"') return go(Stage::extension_quoted);
        return is_token_byte ? go(Stage::extension_token) : ParseError::bad_chunk_extension;
    case Stage::extension_token:
        if (is_token_byte) return ParseError::none;
        if (is_space(byte)) return go(Stage::extension_space);
        break;
    case Stage::extension_quoted:
        if (byte == '"') return go(Stage::extension_end);
        if (byte == '\\') return go(Stage::extension_escaped);
        return is_control(byte) && byte != '\t' ? ParseError::bad_chunk_extension
                                                : ParseError::none;
    case Stage::extension_escaped:
        return is_control(byte) && byte != '\t' ? ParseError::bad_chunk_extension
                                                : go(Stage::extension_quoted);
    case Stage::extension_end:
        if (is_space(byte)) return go(Stage::extension_space);
        break;
    default:
        break;
    }
    // After a whole extension.
    if (byte == '\r') return go(Stage::size_line_feed);
    if (byte == '\n') return ParseError::bad_line_end;
    return byte == ';' ? go(Stage::extension_name_first) : ParseError::bad_chunk_extension;
}

ParseError BodyDecoder::trailer_byte(char byte) noexcept {
    // Never more than this is kept, so that the fields' views stay good.
    if (trailer_text_.empty()) trailer_text_.reserve(std::size_t{limits_.trailer_bytes} + 2);
    trailer_text_.push_back(byte);
    const std::string_view line = std::string_view(trailer_text_).substr(trailer_line_);
    if (line == "\r\n") {
        stage_ = Stage::done;
        return ParseError::none;
    }
    if (trailer_text_.size() > limits_.trailer_bytes && line != "\r")
        return ParseError::trailers_too_large;
    if (byte != '\n') return ParseError::none;
    trailer_line_ = trailer_text_.size();
    return trailer_line(line);
}

// The same rules as for the lines of a head.
ParseError BodyDecoder::trailer_line(std::string_view line) noexcept {
    if (line.size() < 2 || line[line.size() - 2] != '\r') return ParseError::bad_line_end;
    line.remove_suffix(2);
    if (trailer_count_++ >= limits_.trailer_count) return ParseError::too_many_trailers;
    if (is_space(line.front())) return ParseError::folded_field;
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_token(name) || name.size() > 0xffff)
        return ParseError::bad_field_name;
    const std::string_view value = line.substr(colon + 1);
    if (!is_field_value(value))
        return value.find('\r') == std::string_view::npos ? ParseError::bad_field_value
                                                          : ParseError::bad_line_end;
    const Field field = field_from_name(name);
    // Whoever heeded these would see another request.
    if (field == Field::content_length || field == Field::transfer_encoding || field == Field::host)
        return ParseError::forbidden_trailer;
    if (may_be_trailer(field)) trailers_.append_view(field, name, trim(value));
    return ParseError::none;
}

} // namespace armature::http1

#include "json/scan.hpp"

#include <armature/core/utf8.hpp>
#include <armature/json/write.hpp>

#include <charconv>
#include <cmath>

namespace armature {

void JsonSink::flush() {
    out_.append(buffer_, static_cast<std::size_t>(position_ - buffer_));
    position_ = buffer_;
}

std::string JsonSink::take() {
    if (out_.empty()) {
        // Building a string takes far fewer steps than growing one and moving it.
        const char* const end = std::exchange(position_, buffer_);
        return {buffer_, static_cast<std::size_t>(end - buffer_)};
    }
    flush();
    return std::exchange(out_, {});
}

void JsonSink::append(std::string_view text) {
    if (text.size() <= static_cast<std::size_t>(buffer_ + buffer_size - position_)) {
        std::memcpy(position_, text.data(), text.size());
        position_ += text.size();
        return;
    }
    flush();
    out_.append(text);
}

namespace detail {
namespace {

// At most 6 bytes of output for one character of input.
const char* write_special(JsonSink& sink, const char* p, const char* end) {
    const auto byte = static_cast<unsigned char>(*p);
    if (byte >= 0x80) {
        const Utf8Sequence sequence = read_utf8(p, end);
        if (sequence.is_valid)
            sink.append({p, sequence.size});
        else
            sink.put("\xEF\xBF\xBD", 3);
        return p + sequence.size;
    }
    char* to = sink.prepare(6);
    *to++ = '\\';
    switch (byte) {
    case '"':
    case '\\':
        *to++ = *p;
        break;
    case '\b':
        *to++ = 'b';
        break;
    case '\f':
        *to++ = 'f';
        break;
    case '\n':
        *to++ = 'n';
        break;
    case '\r':
        *to++ = 'r';
        break;
    case '\t':
        *to++ = 't';
        break;
    default:
        std::memcpy(to, "u00", 3);
        to[3] = static_cast<char>('0' + (byte >> 4));
        to[4] = "0123456789abcdef"[byte & 15];
        to += 5;
    }
    sink.advance(to);
    return p + 1;
}

// Short text without anything special, copied while it is looked at. False: nothing was written.
bool write_short_text(char* to, const char* from, std::size_t size) noexcept {
    if (size >= 8) {
        const std::uint64_t head = load_8(from), tail = load_8(from + size - 8);
        if (special_bytes(head) | special_bytes(tail)) return false;
        std::memcpy(to, &head, 8);
        std::memcpy(to + size - 8, &tail, 8);
        return true;
    }
    for (std::size_t i = 0; i != size; ++i) {
        if (is_special(from[i])) return false;
        to[i] = from[i];
    }
    return true;
}

template <class Number>
void write_number(JsonSink& sink, Number value) {
    constexpr std::size_t longest = 32; // -1.7976931348623157e+308 has 24
    char* to = sink.prepare(longest);
    sink.advance(std::to_chars(to, to + longest, value).ptr);
}

} // namespace

void write_text(JsonSink& sink, std::string_view text) {
    if (text.size() <= 16) {
        char* to = sink.prepare(18);
        if (write_short_text(to + 1, text.data(), text.size())) {
            to[0] = to[1 + text.size()] = '"';
            sink.advance(to + text.size() + 2);
            return;
        }
    }
    sink.put('"');
    const char* p = text.data();
    const char* const end = p + text.size();
    while (p != end) {
        const char* special = find_special(p, end);
        sink.append({p, static_cast<std::size_t>(special - p)});
        p = special == end ? end : write_special(sink, special, end);
    }
    sink.put('"');
}

void write_integer(JsonSink& sink, std::int64_t value) { write_number(sink, value); }
void write_integer(JsonSink& sink, std::uint64_t value) { write_number(sink, value); }

void write_real(JsonSink& sink, double value) {
    if (std::isfinite(value))
        write_number(sink, value);
    else
        sink.put("null", 4);
}
void write_real(JsonSink& sink, float value) {
    if (std::isfinite(value))
        write_number(sink, value);
    else
        sink.put("null", 4);
}

} // namespace detail

JsonWriter& JsonWriter::key(std::string_view name) {
    assert(depth_ != 0 && (in_object_ & 1) && "armature: a key belongs into an object");
    assert(!has_key_ && "armature: two keys without a value between");
    if (needs_comma_) sink_.put(',');
    detail::write_text(sink_, name);
    sink_.put(':');
    has_key_ = true;
    return *this;
}

void JsonWriter::before_value() {
    assert((depth_ == 0 || has_key_ || !(in_object_ & 1)) && "armature: an object wants a key");
    assert((depth_ != 0 || !needs_comma_) && "armature: a document is one value");
    if (needs_comma_ && !has_key_) sink_.put(',');
    needs_comma_ = true;
    has_key_ = false;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    before_value();
    sink_.append(json);
    return *this;
}

JsonWriter& JsonWriter::begin(char bracket, bool is_object) {
    before_value();
    assert(depth_ < 64 && "armature: JSON nested deeper than 64 levels");
    sink_.put(bracket);
    in_object_ = in_object_ << 1 | std::uint64_t{is_object};
    ++depth_;
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::end(char bracket, [[maybe_unused]] bool is_object) {
    assert(depth_ != 0 && (in_object_ & 1) == is_object && "armature: ended what wasn't begun");
    assert(!has_key_ && "armature: a key without its value");
    sink_.put(bracket);
    in_object_ >>= 1;
    --depth_;
    needs_comma_ = true;
    return *this;
}

std::string JsonWriter::take() {
    assert(depth_ == 0 && needs_comma_ && "armature: the document isn't complete");
    needs_comma_ = false;
    return sink_.take();
}

} // namespace armature

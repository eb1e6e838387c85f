#include "redis/resp_decoder.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace armature::redis {

namespace {

constexpr std::size_t longest_line = 64 * 1024;
constexpr std::size_t deepest = 32;

[[noreturn]] void refuse(const char* what) { throw RedisError{RedisError::Kind::protocol, what}; }

std::int64_t read_integer(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end) refuse("Redis sent a number that is none");
    return value;
}

double read_real(std::string_view text) {
    if (text == "inf" || text == "+inf") return std::numeric_limits<double>::infinity();
    if (text == "-inf") return -std::numeric_limits<double>::infinity();
    if (text == "nan" || text == "-nan") return std::nan("");
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end) refuse("Redis sent a number that is none");
    return value;
}

} // namespace

void RespDecoder::feed(std::string_view bytes) {
    if (at_ == buffer_.size()) {
        buffer_.clear();
        at_ = scanned_ = 0;
    } else if (at_ > buffer_.size() / 2) {
        buffer_.erase(0, at_);
        scanned_ = scanned_ > at_ ? scanned_ - at_ : 0;
        at_ = 0;
    }
    buffer_.append(bytes);
}

void RespDecoder::count(std::size_t bytes) {
    if (bytes > max_bytes_ - bytes_) refuse("Redis sent more than RedisOptions::max_reply");
    bytes_ += bytes;
}

std::optional<RedisValue> RespDecoder::next() {
    for (;;) {
        std::optional<RedisValue> whole;
        if (bulk_) {
            if (buffer_.size() - at_ < *bulk_ + 2) return std::nullopt;
            whole = read_bulk();
        } else {
            if (scanned_ < at_) scanned_ = at_;
            const std::size_t end = buffer_.find("\r\n", scanned_);
            if ((end == std::string::npos ? buffer_.size() : end) - at_ > longest_line)
                refuse("Redis sent a line without end");
            if (end == std::string::npos) {
                // The last byte may be the CR of an end that is still to come.
                scanned_ = buffer_.empty() ? 0 : buffer_.size() - 1;
                return std::nullopt;
            }
            const std::string_view line{buffer_.data() + at_, end - at_};
            at_ = end + 2;
            whole = read_line(line);
        }
        if (whole) {
            bytes_ = 0;
            return whole;
        }
    }
}

std::optional<RedisValue> RespDecoder::read_line(std::string_view line) {
    if (line.empty()) refuse("Redis sent an empty line");
    const char type = line.front();
    line.remove_prefix(1);
    count(sizeof(RedisValue) + line.size());
    switch (type) {
    case '+':
    case '(': // a number of any size
        return place(RedisValue::of_text(std::string{line}));
    case '-':
        return place(RedisValue::of_error(std::string{line}));
    case ':':
        return place(RedisValue::of_integer(read_integer(line)));
    case ',':
        return place(RedisValue::of_real(read_real(line)));
    case '#':
        if (line != "t" && line != "f") refuse("Redis sent a boolean that is none");
        return place(RedisValue::of_boolean(line == "t"));
    case '_':
        if (!line.empty()) refuse("Redis sent a null with content");
        return place(RedisValue{});
    case '$':
    case '=':
    case '!':
        if (type == '$' && line == "-1") return place(RedisValue{});
        begin_bulk(line, type == '=', type == '!');
        return std::nullopt;
    case '*':
        if (line == "-1") return place(RedisValue{});
        return begin_aggregate(line, 1, false);
    case '~':
    case '>':
        return begin_aggregate(line, 1, false);
    case '%':
        return begin_aggregate(line, 2, false);
    case '|':
        return begin_aggregate(line, 2, true);
    default:
        refuse("Redis sent a value of an unknown type");
    }
}

void RespDecoder::begin_bulk(std::string_view size, bool is_verbatim, bool is_error) {
    const std::int64_t bytes = read_integer(size);
    if (bytes < 0) refuse("Redis sent a text of negative size");
    count(static_cast<std::size_t>(bytes));
    bulk_ = static_cast<std::size_t>(bytes);
    bulk_is_verbatim_ = is_verbatim;
    bulk_is_error_ = is_error;
}

std::optional<RedisValue> RespDecoder::read_bulk() {
    std::string_view text{buffer_.data() + at_, *bulk_};
    if (buffer_.compare(at_ + *bulk_, 2, "\r\n") != 0) refuse("Redis sent a text without its end");
    at_ += *bulk_ + 2;
    bulk_.reset();
    if (bulk_is_verbatim_) { // "txt:" or "mkd:" and the text
        if (text.size() < 4 || text[3] != ':') refuse("Redis sent a verbatim text without format");
        text.remove_prefix(4);
    }
    return place(bulk_is_error_ ? RedisValue::of_error(std::string{text})
                                : RedisValue::of_text(std::string{text}));
}

std::optional<RedisValue> RespDecoder::begin_aggregate(std::string_view count_text,
                                                       std::size_t factor, bool is_attribute) {
    const std::int64_t items = read_integer(count_text);
    if (items < 0) refuse("Redis sent a list of negative size");
    // What the items will take at least, so that a size alone can't ask for much.
    const auto wanted = static_cast<std::uint64_t>(items);
    if (wanted > (max_bytes_ - bytes_) / (sizeof(RedisValue) * factor))
        refuse("Redis sent more than RedisOptions::max_reply");
    if (open_.size() == deepest) refuse("Redis sent lists inside of too many lists");
    if (wanted == 0) return is_attribute ? std::nullopt : place(RedisValue::of_list({}));
    open_.push_back({{}, static_cast<std::size_t>(wanted) * factor, is_attribute});
    return std::nullopt;
}

std::optional<RedisValue> RespDecoder::place(RedisValue value) {
    while (!open_.empty()) {
        Aggregate& into = open_.back();
        into.items.push_back(std::move(value));
        if (--into.missing > 0) return std::nullopt;
        const bool is_attribute = into.is_attribute;
        value = RedisValue::of_list(std::move(into.items));
        open_.pop_back();
        if (is_attribute) return std::nullopt; // what it is about follows
    }
    return value;
}

} // namespace armature::redis

#include <armature/redis/value.hpp>

#include <charconv>

namespace armature {

namespace {

Status status_for(RedisError::Kind kind) noexcept {
    return kind == RedisError::Kind::reply || kind == RedisError::Kind::protocol
               ? Status::internal_server_error
               : Status::service_unavailable;
}

} // namespace

RedisError::RedisError(Kind kind, std::string detail)
    : Error{status_for(kind), std::move(detail)}, kind_(kind) {}

std::string_view RedisError::code() const noexcept {
    if (kind_ != Kind::reply) return {};
    return detail().substr(0, detail().find(' '));
}

RedisValue RedisValue::of_integer(std::int64_t value) {
    RedisValue made;
    made.kind_ = Kind::integer;
    made.integer_ = value;
    return made;
}

RedisValue RedisValue::of_real(double value) {
    RedisValue made;
    made.kind_ = Kind::real;
    made.real_ = value;
    return made;
}

RedisValue RedisValue::of_boolean(bool value) {
    RedisValue made = of_integer(value ? 1 : 0);
    made.kind_ = Kind::boolean;
    return made;
}

RedisValue RedisValue::of_list(std::vector<RedisValue> items) {
    RedisValue made;
    made.kind_ = Kind::list;
    made.items_ = std::move(items);
    return made;
}

void RedisValue::throw_not(std::string_view wanted) const {
    constexpr std::string_view names[] = {"null", "a text",    "an error", "an integer",
                                          "real", "a boolean", "a list"};
    throw RedisError{RedisError::Kind::protocol,
                     "Redis answered with " + std::string{names[static_cast<unsigned>(kind_)]} +
                         " where " + std::string{wanted} + " was expected"};
}

const std::string& RedisValue::text() const& {
    if (kind_ != Kind::text && kind_ != Kind::error) throw_not("a text");
    return text_;
}

std::int64_t RedisValue::integer() const {
    if (kind_ == Kind::integer || kind_ == Kind::boolean) return integer_;
    if (kind_ == Kind::text) {
        std::int64_t value = 0;
        const char* const end = text_.data() + text_.size();
        const auto [rest, error] = std::from_chars(text_.data(), end, value);
        if (error == std::errc{} && rest == end) return value;
    }
    throw_not("an integer");
}

double RedisValue::real() const {
    if (kind_ == Kind::real) return real_;
    if (kind_ == Kind::integer) return static_cast<double>(integer_);
    if (kind_ == Kind::text) {
        double value = 0;
        const char* const end = text_.data() + text_.size();
        const auto [rest, error] = std::from_chars(text_.data(), end, value);
        if (error == std::errc{} && rest == end) return value;
    }
    throw_not("a number");
}

const std::vector<RedisValue>& RedisValue::items() const {
    if (kind_ != Kind::list) throw_not("a list");
    return items_;
}

std::vector<RedisValue>& RedisValue::items() {
    if (kind_ != Kind::list) throw_not("a list");
    return items_;
}

} // namespace armature

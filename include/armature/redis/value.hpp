#pragma once

#include <armature/core/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// What went wrong between us and a Redis server. Unless a handler catches it the client gets 503,
/// or 500 where Redis refused the command; what Redis said stays in the log.
class RedisError : public Error {
  public:
    enum class Kind : std::uint8_t {
        unavailable, ///< no connection, or one that broke: the command may have run, or not
        timeout,     ///< no reply in time: the command may have run, or not
        reply,       ///< the server answered with an error
        protocol,    ///< the server sent what isn't RESP, or a value of another kind
    };
    RedisError(Kind kind, std::string detail);

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    /// The first word of an error reply, for example "NOSCRIPT" or "WRONGTYPE".
    [[nodiscard]] std::string_view code() const noexcept;

  private:
    Kind kind_;
};

/// What a Redis server answers: one value of RESP2 or RESP3.
class RedisValue {
  public:
    enum class Kind : std::uint8_t { null, text, error, integer, real, boolean, list };

    RedisValue() noexcept = default;
    [[nodiscard]] static RedisValue of_text(std::string text) {
        return RedisValue{Kind::text, std::move(text)};
    }
    [[nodiscard]] static RedisValue of_error(std::string text) {
        return RedisValue{Kind::error, std::move(text)};
    }
    [[nodiscard]] static RedisValue of_integer(std::int64_t value);
    [[nodiscard]] static RedisValue of_real(double value);
    [[nodiscard]] static RedisValue of_boolean(bool value);
    [[nodiscard]] static RedisValue of_list(std::vector<RedisValue> items);

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] bool is_null() const noexcept { return kind_ == Kind::null; }
    [[nodiscard]] bool is_error() const noexcept { return kind_ == Kind::error; }

    // Each throws `RedisError` (protocol) for a value of another kind.

    /// A text, binary-safe; of an error what the server said.
    [[nodiscard]] const std::string& text() const&;
    [[nodiscard]] std::string text() && { return std::move(const_cast<std::string&>(text())); }
    /// A number, also one that is spelt as text; true is 1.
    [[nodiscard]] std::int64_t integer() const;
    [[nodiscard]] double real() const;
    /// The items of an array, set or push; of a map its names and values in turn.
    [[nodiscard]] const std::vector<RedisValue>& items() const;
    [[nodiscard]] std::vector<RedisValue>& items();

  private:
    RedisValue(Kind kind, std::string text) : text_(std::move(text)), kind_(kind) {}
    [[noreturn]] void throw_not(std::string_view wanted) const;

    std::string text_;
    std::vector<RedisValue> items_;
    union {
        std::int64_t integer_ = 0;
        double real_;
    };
    Kind kind_ = Kind::null;
};

} // namespace armature

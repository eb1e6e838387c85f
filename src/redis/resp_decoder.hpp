#pragma once

#include <armature/redis/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature::redis {

/// Turns the bytes of a Redis server into values: RESP2 and RESP3, without I/O. Each byte is looked
/// at once, however the bytes arrive. What isn't RESP, or exceeds the bounds, throws `RedisError`
/// (protocol); after that the decoder is of no more use.
///
/// Maps become lists of names and values in turn; sets and pushes lists; verbatim text loses its
/// format; attributes are dropped.
class RespDecoder {
  public:
    /// The largest value, in bytes; an item of a list counts for what it takes in memory.
    explicit RespDecoder(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

    void feed(std::string_view bytes);
    /// The next whole value, or nullopt when more bytes are needed.
    [[nodiscard]] std::optional<RedisValue> next();

  private:
    struct Aggregate {
        std::vector<RedisValue> items;
        std::size_t missing;
        bool is_attribute;
    };
    // What a line begins, or nullopt where it is only a part of something.
    std::optional<RedisValue> read_line(std::string_view line);
    std::optional<RedisValue> begin_aggregate(std::string_view count, std::size_t factor,
                                              bool is_attribute);
    void begin_bulk(std::string_view size, bool is_verbatim, bool is_error);
    std::optional<RedisValue> read_bulk();
    // Puts a value where it belongs; gives it back when it is whole and belongs to nothing.
    std::optional<RedisValue> place(RedisValue value);
    void count(std::size_t bytes);

    std::string buffer_;
    std::size_t at_ = 0;      // where what wasn't read yet begins
    std::size_t scanned_ = 0; // there is no end of a line before here
    std::vector<Aggregate> open_;
    std::optional<std::size_t> bulk_; // its size, while its bytes are awaited
    bool bulk_is_verbatim_ = false;
    bool bulk_is_error_ = false;
    std::size_t bytes_ = 0; // of the value under way
    std::size_t max_bytes_;
};

} // namespace armature::redis

// What a Redis server sends: the decoder gives the same values however the bytes arrive, and keeps
// no more than it may.

#include "redis/resp_decoder.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using armature::RedisError;
using armature::RedisValue;

std::size_t size_of(const RedisValue& value) {
    std::size_t size = 1;
    if (value.kind() == RedisValue::Kind::text || value.is_error()) size += value.text().size();
    if (value.kind() == RedisValue::Kind::list)
        for (const RedisValue& item : value.items())
            size += size_of(item);
    return size;
}

// How many values there are, and how large; then what refused the rest.
std::string decode(std::string_view bytes, std::size_t piece) {
    armature::redis::RespDecoder decoder{64 * 1024};
    std::string seen;
    try {
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            decoder.feed(bytes.substr(at, piece));
            while (const auto value = decoder.next()) {
                const std::size_t size = size_of(*value);
                if (size > 64 * 1024) std::abort();
                seen += std::to_string(static_cast<int>(value->kind())) + ":" +
                        std::to_string(size) + " ";
            }
        }
    } catch (const RedisError& error) {
        if (error.kind() != RedisError::Kind::protocol) std::abort();
        seen += "!";
    }
    return seen;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    const std::string whole = decode(bytes, bytes.size() + 1);
    if (decode(bytes, 1) != whole || decode(bytes, 7) != whole) std::abort();
    return 0;
}

#pragma once

#include "core/digits.hpp"

#include <armature/middleware/rate_limit.hpp>

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the limit in memory and the shared one have in common.
namespace armature {

/// A way into policies and keys.
struct RateLimitParts {
    /// What a policy counts by, in one or two pieces; views that live as long as the request.
    struct Key {
        enum class Kind : std::uint8_t { everyone, address, text };
        Kind kind = Kind::everyone;
        std::uint64_t address = 0;
        std::string_view text;
        std::string_view route; ///< empty unless it counts per route
    };
    [[nodiscard]] static Key key_of(const RateLimitPolicy& policy, Request& request);
    /// Whether the key is the client's address, whatever the request says.
    [[nodiscard]] static bool is_by_client(const RateLimitPolicy& policy) noexcept {
        return policy.key_.kind_ == RateLimitKey::Kind::client && !policy.key_.per_route_;
    }
    /// What each request costs; nullopt when a function tells.
    [[nodiscard]] static std::optional<std::uint32_t>
    fixed_cost(const RateLimitPolicy& policy) noexcept {
        if (policy.cost_call_ != nullptr) return std::nullopt;
        return policy.cost_;
    }
    /// An IPv4 address, or the network of an IPv6 one.
    [[nodiscard]] static std::uint64_t address_of(const PeerAddress& peer) noexcept;
    [[nodiscard]] static std::uint32_t cost_of(const RateLimitPolicy& policy, Request& request) {
        return policy.cost_call_ == nullptr ? policy.cost_
                                            : policy.cost_call_(policy.cost_object_.get(), request);
    }
    [[nodiscard]] static std::size_t max_keys(const RateLimitPolicy& policy) noexcept {
        return policy.max_keys_;
    }
};

inline RateLimitParts::Key RateLimitParts::key_of(const RateLimitPolicy& policy, Request& request) {
    const RateLimitKey& by = policy.key_;
    Key key;
    if (by.per_route_) key.route = request.route();
    switch (by.kind_) {
    case RateLimitKey::Kind::everyone:
        return key;
    case RateLimitKey::Kind::client:
        break;
    case RateLimitKey::Kind::field:
        if (const auto value =
                by.field_ == Field::other ? request.header(by.name_) : request.header(by.field_))
            key.text = *value;
        break;
    case RateLimitKey::Kind::function:
        key.text = by.call_(by.object_.get(), request);
        break;
    }
    if (!key.text.empty()) {
        key.kind = Key::Kind::text;
        return key;
    }
    key.kind = Key::Kind::address;
    key.address = address_of(request.peer());
    return key;
}

inline std::uint64_t RateLimitParts::address_of(const PeerAddress& peer) noexcept {
    const unsigned char* bytes = peer.bytes().data();
    if (peer.family() != PeerAddress::Family::ipv4) {
        if (peer.family() != PeerAddress::Family::ipv6) return 0;
        static constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        if (std::memcmp(bytes, mapped, sizeof mapped) != 0) {
            std::uint64_t network;
            std::memcpy(&network, bytes, sizeof network);
            return network;
        }
        bytes += sizeof mapped; // an IPv4 client, where a socket is for both families
    }
    std::uint32_t address;
    std::memcpy(&address, bytes, sizeof address);
    return address;
}

namespace detail {

inline std::uint64_t whole_seconds(Duration wait) noexcept {
    return wait.count() <= 0 ? 0 : (static_cast<std::uint64_t>(wait.count()) + 999) / 1000;
}

/// The policies and what is said of them in responses.
class RateLimitFields {
  public:
    /// Throws std::invalid_argument.
    explicit RateLimitFields(std::vector<RateLimitPolicy> policies);

    [[nodiscard]] const std::vector<RateLimitPolicy>& policies() const noexcept {
        return policies_;
    }
    /// Room for the lines of both fields in one piece, as HTTP/1.1 sends them.
    [[nodiscard]] char* begin(Arena& arena) const {
        return static_cast<char*>(arena.allocate(longest_text_, 1));
    }
    /// Writes the part of that policy; the first one's has the line of RateLimit-Policy before it.
    char* write(char* to, std::size_t index, std::uint32_t remaining,
                std::uint64_t seconds) const noexcept {
        const Beginning& beginning = beginnings_[index];
        std::memcpy(to, beginning.text.get(), beginning.size);
        return write_numbers(to + beginning.size, remaining, seconds);
    }
    /// Whether there is one policy, of a short name: `write_usual` is quicker then, and needs no
    /// more than `usual_text`.
    [[nodiscard]] bool is_usual() const noexcept {
        return beginnings_.size() == 1 && beginnings_.front().size <= usual_beginning;
    }
    static constexpr std::size_t usual_beginning = 96;
    static constexpr std::size_t usual_text =
        usual_beginning + 2 * most_digits + 8 + Headers::room_behind_lines;
    [[gnu::always_inline]] char* write_usual(char* to, std::uint32_t remaining,
                                             std::uint64_t seconds) const noexcept {
        const Beginning& beginning = beginnings_.front();
        const char* const text = beginning.text.get();
        // In three pieces, because 96 bytes at once are a call. The numbers write over the end.
        static_assert(usual_beginning == 96);
        std::memcpy(to, text, 32);
        std::memcpy(to + 32, text + 32, 32);
        std::memcpy(to + 64, text + 64, 32);
        return write_numbers(to + beginning.size, remaining, seconds);
    }
    /// Both lines, as they were written from `text` to `end`.
    struct Lines {
        Headers::Entry entries[2];
    };
    [[nodiscard]] Lines lines(const char* text, const char* end) const noexcept {
        constexpr std::string_view policy = field_name(Field::ratelimit_policy);
        constexpr std::string_view state = field_name(Field::ratelimit);
        const char* const value = text + policy.size() + 2;
        const char* const second = value + policy_field_.size() + 2;
        const char* const second_value = second + state.size() + 2;
        return {{{Field::ratelimit_policy, {text, policy.size()}, {value, policy_field_.size()}, 2},
                 {Field::ratelimit,
                  {second, state.size()},
                  {second_value, static_cast<std::size_t>(end - second_value)},
                  1}}};
    }
    static void add(const Lines& lines, Response& response) {
        response.headers().append_views<Field::ratelimit_policy, Field::ratelimit>(lines.entries);
    }
    /// 429 for the policy of that index.
    [[nodiscard]] Response refusal(std::size_t index, const RateLimitVerdict& verdict) const;

  private:
    /// What stands before the state of a policy: `, "name";r=`, and before the first one the other
    /// line.
    struct Beginning {
        std::unique_ptr<char[]> text; ///< `usual_beginning` bytes at least
        std::size_t size;             ///< without what fills it up
    };
    [[gnu::always_inline]] static char* write_numbers(char* to, std::uint32_t remaining,
                                                      std::uint64_t seconds) noexcept {
        to = write_number(to, remaining);
        std::memcpy(to, ";t=", 4);
        to = write_number(to + 3, seconds);
        std::memcpy(to, "\r\n", 2);
        return to;
    }

    std::vector<RateLimitPolicy> policies_;
    std::vector<Beginning> beginnings_;
    std::string policy_field_;
    std::size_t longest_text_ = 0;
};

} // namespace detail

} // namespace armature

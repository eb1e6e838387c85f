#pragma once

#include "core/digits.hpp"

#include <armature/middleware/rate_limit.hpp>

#include <cstdint>
#include <cstring>
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
    constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const unsigned char* const bytes = peer.bytes().data();
    const bool is_ipv6 = peer.family() == PeerAddress::Family::ipv6;
    if (is_ipv6 && std::memcmp(bytes, mapped, sizeof mapped) != 0) {
        std::uint64_t network;
        std::memcpy(&network, bytes, sizeof network);
        return network;
    }
    if (!is_ipv6 && peer.family() != PeerAddress::Family::ipv4) return 0;
    std::uint32_t address; // that of an IPv4 client, also where a socket is for both families
    std::memcpy(&address, is_ipv6 ? bytes + sizeof mapped : bytes, sizeof address);
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
    char* write(char* to, std::size_t index, const RateLimitVerdict& verdict) const noexcept {
        // In whole words: there is room behind, which the numbers write over.
        const Beginning& beginning = beginnings_[index];
        const char* const text = beginning.text.data();
        for (std::size_t at = 0; at < beginning.text.size(); at += 32)
            std::memcpy(to + at, text + at, 32);
        to = write_number(to + beginning.size, verdict.remaining);
        std::memcpy(to, ";t=", 4);
        return write_number(to + 3, whole_seconds(verdict.wait));
    }
    /// Adds the lines that were written from `text` to `end`.
    void add(char* text, char* end, Response& response) const {
        std::memcpy(end, "\r\n", 2);
        constexpr std::string_view policy = field_name(Field::ratelimit_policy);
        constexpr std::string_view state = field_name(Field::ratelimit);
        const char* const value = text + policy.size() + 2;
        const char* const second = value + policy_field_.size() + 2;
        const char* const second_value = second + state.size() + 2;
        Headers& fields = response.headers();
        fields.append_view(Field::ratelimit_policy, {text, policy.size()},
                           {value, policy_field_.size()}, 2);
        fields.append_view(Field::ratelimit, {second, state.size()},
                           {second_value, static_cast<std::size_t>(end - second_value)}, 1);
    }
    /// 429 for the policy of that index.
    [[nodiscard]] Response refusal(std::size_t index, const RateLimitVerdict& verdict) const;

  private:
    /// What stands before the state of a policy: `, "name";r=`, and before the first one the other
    /// line.
    struct Beginning {
        std::string text; ///< filled up to a multiple of 32
        std::size_t size; ///< without that
    };

    std::vector<RateLimitPolicy> policies_;
    std::vector<Beginning> beginnings_;
    std::string policy_field_;
    std::size_t longest_text_ = 0;
};

} // namespace detail

} // namespace armature

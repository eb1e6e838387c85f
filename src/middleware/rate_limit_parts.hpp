#pragma once

#include <armature/middleware/rate_limit.hpp>

#include <cstdint>
#include <cstring>
#include <span>
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
    const PeerAddress& peer = request.peer();
    const unsigned char* const bytes = peer.bytes().data();
    constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (peer.family() == PeerAddress::Family::ipv4) {
        std::memcpy(&key.address, bytes, 4);
    } else if (peer.family() == PeerAddress::Family::ipv6) {
        if (std::memcmp(bytes, mapped, sizeof mapped) == 0) // an IPv4 client of a dual socket
            std::memcpy(&key.address, bytes + sizeof mapped, 4);
        else
            std::memcpy(&key.address, bytes, 8);
    }
    return key;
}

namespace detail {

constexpr std::size_t longest_number = 20;

inline std::uint64_t whole_seconds(Duration wait) noexcept {
    return wait.count() <= 0 ? 0 : (static_cast<std::uint64_t>(wait.count()) + 999) / 1000;
}

// Most of these numbers have one to three digits; std::to_chars takes twice as long.
inline char* write_digits(char* to, std::uint64_t number) noexcept {
    char digits[longest_number];
    char* const end = digits + sizeof digits;
    char* begin = end;
    do
        *--begin = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    while (begin != end)
        *to++ = *begin++;
    return to;
}

/// The policies and what is said of them in responses.
class RateLimitFields {
  public:
    /// Throws std::invalid_argument.
    explicit RateLimitFields(std::vector<RateLimitPolicy> policies);

    [[nodiscard]] const std::vector<RateLimitPolicy>& policies() const noexcept {
        return policies_;
    }
    /// The value of RateLimit, in the request's arena.
    [[nodiscard]] std::string_view state(std::span<const RateLimitVerdict> verdicts,
                                         Arena& arena) const {
        char* const text = static_cast<char*>(arena.allocate(longest_state_, 1));
        char* end = text;
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            // In whole words: there is room behind, which the numbers write over.
            const std::string& beginning = beginnings_[i];
            for (std::size_t at = 0; at < beginning.size(); at += 16)
                std::memcpy(end + at, beginning.data() + at, 16);
            end = write_digits(end + sizes_[i], verdicts[i].remaining);
            std::memcpy(end, ";t=", 3);
            end = write_digits(end + 3, whole_seconds(verdicts[i].wait));
        }
        return {text, static_cast<std::size_t>(end - text)};
    }
    void add(std::string_view state, Response& response) const {
        response.headers().append_view(Field::ratelimit_policy, policy_field_);
        response.headers().append_view(Field::ratelimit, state);
    }
    /// 429 for the policy of that index.
    [[nodiscard]] Response refusal(std::size_t index, const RateLimitVerdict& verdict) const;

  private:
    std::vector<RateLimitPolicy> policies_;
    std::string policy_field_;
    std::vector<std::string> beginnings_; ///< of each policy's state: `"name";r=`, filled up to 16s
    std::vector<std::size_t> sizes_;      ///< without what fills them up
    std::size_t longest_state_ = 0;
};

} // namespace detail

} // namespace armature

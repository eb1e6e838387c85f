#include "core/characters.hpp"
#include "middleware/rate_limit_parts.hpp"

#include <algorithm>
#include <stdexcept>

namespace armature {

namespace {

constexpr CharacterSet name_characters = CharacterSet::alphanumeric_and("-_");

} // namespace

RateLimitKey RateLimitKey::header(std::string_view name) {
    if (!is_token(name))
        throw std::invalid_argument("armature: a rate limit's field has a name that none can have");
    RateLimitKey key{Kind::field};
    key.field_ = field_from_name(name);
    key.name_ = name;
    return key;
}

RateLimitPolicy::RateLimitPolicy(Algorithm algorithm, std::uint32_t limit, Duration window,
                                 std::uint32_t burst)
    : window_(window), limit_(limit), burst_(burst), algorithm_(algorithm) {
    if (limit == 0)
        throw std::invalid_argument("armature: a rate limit of 0 would refuse everything; to close "
                                    "a route, answer 403 or take it away");
    if (limit > 1'000'000)
        throw std::invalid_argument("armature: a rate limit is at most 1,000,000 in its window");
    if (burst > 1'000'000)
        throw std::invalid_argument("armature: a rate limit's burst is at most 1,000,000");
    if (window < Duration::seconds(1) || window > Duration::seconds(366 * 86'400))
        throw std::invalid_argument(
            "armature: a rate limit's window is 1 second to 366 days, in whole seconds");
    if (window.count() % 1000 != 0)
        throw std::invalid_argument("armature: a rate limit's window is whole seconds, as the "
                                    "RateLimit-Policy field says it");
    if (window.count() / limit * burst > Duration::seconds(10LL * 366 * 86'400).count())
        throw std::invalid_argument("armature: a rate limit's burst comes back within 10 years; "
                                    "take a smaller burst, or a larger limit");
}

RateLimitPolicy RateLimitPolicy::gcra(std::uint32_t limit, Duration window, std::uint32_t burst) {
    return {Algorithm::gcra, limit, window, burst == 0 ? limit : burst};
}

RateLimitPolicy RateLimitPolicy::sliding_window(std::uint32_t limit, Duration window) {
    return {Algorithm::sliding_window, limit, window, limit};
}

RateLimitPolicy& RateLimitPolicy::name(std::string_view text) & {
    if (text.empty() || text.size() > 64 || !name_characters.contains_all(text))
        throw std::invalid_argument(
            "armature: a rate limit's name is 1 to 64 letters, digits, '-' and '_'");
    name_ = text;
    return *this;
}

namespace detail {

RateLimitFields::RateLimitFields(std::vector<RateLimitPolicy> policies)
    : policies_(std::move(policies)) {
    if (policies_.empty())
        throw std::invalid_argument("armature: a rate limit needs a RateLimitPolicy at least");
    for (const RateLimitPolicy& policy : policies_) {
        const auto same = [&](const RateLimitPolicy& other) {
            return other.name() == policy.name();
        };
        if (std::count_if(policies_.begin(), policies_.end(), same) > 1)
            throw std::invalid_argument("armature: two rate limits are named '" + policy.name() +
                                        "'; give each its own .name(…)");
        if (!policy_field_.empty()) policy_field_ += ", ";
        policy_field_ += '"' + policy.name() + "\";q=" + std::to_string(policy.burst()) +
                         ";w=" + std::to_string(policy.window().count() / 1000);
    }
    const std::string first = std::string{field_name(Field::ratelimit_policy)} + ": " +
                              policy_field_ + "\r\n" + std::string{field_name(Field::ratelimit)} +
                              ": ";
    for (const RateLimitPolicy& policy : policies_) {
        const std::string text =
            (beginnings_.empty() ? first + '"' : std::string{", \""}) + policy.name() + "\";r=";
        Beginning beginning{std::make_unique<char[]>(std::max(text.size(), usual_beginning)),
                            text.size()};
        text.copy(beginning.text.get(), text.size());
        beginnings_.push_back(std::move(beginning));
        longest_text_ += text.size() + 2 * most_digits + 8;
    }
    longest_text_ += 2 + Headers::room_behind_lines;
}

Response RateLimitFields::refusal(std::size_t index, const RateLimitVerdict& verdict) const {
    const std::string& violated = policies_[index].name();
    const std::string wait =
        std::to_string(std::max<std::uint64_t>(whole_seconds(verdict.wait), 1));
    // The names hold nothing that JSON or a structured field would escape.
    Response response;
    response.status(Status::too_many_requests)
        .set_content(
            "application/problem+json",
            Body{"{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\","
                 "\"title\":\"Too Many Requests\",\"status\":429,"
                 "\"detail\":\"Try again in " +
                 wait + (wait == "1" ? " second" : " seconds") + "\",\"violated-policies\":[\"" +
                 violated + "\"]}"});
    response.header(Field::ratelimit_policy, policy_field_);
    response.header(Field::ratelimit,
                    '"' + violated + "\";r=" + std::to_string(verdict.remaining) + ";t=" + wait);
    response.header(Field::retry_after, wait);
    return response;
}

} // namespace detail

} // namespace armature

#include "cli/mock/faults.hpp"

#include "terminal/command.hpp"

#include <charconv>
#include <string>

namespace armature::cli::mock {

namespace {

template <class Number>
bool read(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

} // namespace

Delay Delay::parse(std::string_view text) {
    Delay delay;
    std::string_view middle = text;
    std::string_view spread = "0";
    for (const std::string_view sign : {"±", "+-"})
        if (const std::size_t at = text.find(sign); at != text.npos) {
            middle = text.substr(0, at);
            spread = text.substr(at + sign.size());
        }
    constexpr std::uint32_t most = 3'600'000;
    if (!read(middle, delay.middle) || !read(spread, delay.spread) || delay.middle > most ||
        delay.spread > delay.middle)
        throw terminal::UsageError{"--delay takes milliseconds such as 200 or 200±50, not '" +
                                   std::string{text} + '\''};
    return delay;
}

std::uint32_t Delay::draw(Random& random) const noexcept {
    return middle - spread + static_cast<std::uint32_t>(random.below(2ULL * spread + 1));
}

ErrorRate ErrorRate::parse(std::string_view text) {
    ErrorRate rate;
    const std::size_t colon = text.find(':');
    if (!read(text.substr(0, colon), rate.share) || !(rate.share >= 0 && rate.share <= 1) ||
        (colon != text.npos && !read(text.substr(colon + 1), rate.status)) || rate.status < 400 ||
        rate.status > 599)
        throw terminal::UsageError{
            "--error-rate takes a share and a status such as 0.05:503, not '" + std::string{text} +
            '\''};
    return rate;
}

Fate fate_of(std::uint64_t seed, std::uint64_t number, const Delay& delay,
             const std::vector<ErrorRate>& rates) noexcept {
    Random random{seed ^ (number * 0xD1342543DE82EF95)};
    Fate fate;
    fate.delay = delay.draw(random);
    for (const ErrorRate& rate : rates)
        if (random.real() < rate.share && fate.status == 0) fate.status = rate.status;
    return fate;
}

} // namespace armature::cli::mock

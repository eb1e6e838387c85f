#include <armature/sse/event.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace armature {

Event& Event::line_of(std::string_view field, std::string_view text) {
    constexpr std::string_view forbidden{"\r\n\0", 3};
    if (text.find_first_of(forbidden) != std::string_view::npos)
        throw std::invalid_argument("armature: an event's id or type holds a line break or NUL");
    text_.append(field).append(": ").append(text).append("\n");
    return *this;
}

Event& Event::lines_of(std::string_view field, std::string_view text) {
    // CR, LF and CR LF each end a line (section 9.2.5).
    for (;;) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        text_.append(field).append(": ").append(text.substr(0, end)).append("\n");
        if (end == text.size()) return *this;
        text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
    }
}

Event& Event::retry(Duration duration) & {
    return line_of("retry", std::to_string(std::max<std::int64_t>(duration.count(), 0)));
}

std::optional<std::uint64_t> LastEventId::number() const noexcept {
    if (!text_) return std::nullopt;
    std::uint64_t number = 0;
    const char* const end = text_->data() + text_->size();
    const auto read = std::from_chars(text_->data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return number;
}

} // namespace armature

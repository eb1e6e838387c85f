#include "cache/envelope.hpp"

#include <charconv>

namespace armature::cache {

namespace {

constexpr std::string_view version = "armature-cache-1";

// A text behind its size: "5:hello".
void put(std::string& out, std::string_view text) {
    out += std::to_string(text.size());
    out += ':';
    out += text;
}

class Reader {
  public:
    explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}

    std::string_view text() noexcept {
        const auto size = number();
        if (!is_right_ || size < 0 || static_cast<std::uint64_t>(size) > rest_.size())
            return fail();
        const std::string_view text = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(text.size());
        return text;
    }
    /// A number and a colon.
    std::int64_t number() noexcept {
        std::int64_t value = 0;
        const char* const end = rest_.data() + rest_.size();
        const auto [after, error] = std::from_chars(rest_.data(), end, value);
        if (error != std::errc{} || after == end || *after != ':') {
            fail();
            return 0;
        }
        rest_.remove_prefix(static_cast<std::size_t>(after + 1 - rest_.data()));
        return value;
    }
    [[nodiscard]] bool is_right() const noexcept { return is_right_; }
    [[nodiscard]] bool is_at_end() const noexcept { return is_right_ && rest_.empty(); }

  private:
    std::string_view fail() noexcept {
        is_right_ = false;
        rest_ = {};
        return {};
    }
    std::string_view rest_;
    bool is_right_ = true;
};

} // namespace

std::string Envelope::encode() const {
    std::string out;
    out.reserve(text.size() + 256);
    put(out, version);
    out += std::to_string(fresh_until) + ':';
    put(out, type);
    out += std::to_string(versions.size()) + ':';
    for (const auto& [name, seen] : versions) {
        put(out, name);
        put(out, seen);
    }
    put(out, text);
    return out;
}

std::optional<Envelope> Envelope::decode(std::string_view bytes) {
    Reader reader{bytes};
    if (reader.text() != version) return std::nullopt;
    Envelope made;
    made.fresh_until = reader.number();
    made.type = reader.text();
    for (std::int64_t count = reader.number(); count > 0 && reader.is_right(); --count) {
        std::string name{reader.text()};
        made.versions.emplace_back(std::move(name), reader.text());
    }
    made.text = reader.text();
    if (!reader.is_at_end()) return std::nullopt;
    return made;
}

} // namespace armature::cache

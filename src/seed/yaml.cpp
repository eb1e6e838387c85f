#include "seed/fixture.hpp"

#include <yaml.h>

#include <charconv>
#include <new>
#include <utility>

namespace armature::seed::detail {

namespace {

constexpr std::size_t deepest = 64;

// YAML 1.2's core schema, but that 12.50 and 007 stay as they are written: the table's column says
// what they are.
nlohmann::json plain(std::string_view text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
        return nullptr;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    const std::string_view digits = text.substr(text[0] == '-' ? 1 : 0);
    const bool has_useless_zero = digits.size() > 1 && digits[0] == '0';
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size() && !has_useless_zero)
        return number;
    return text;
}

/// An event of libyaml, and its memory.
struct Event {
    Event() = default;
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event() { yaml_event_delete(&event); }
    yaml_event_t event{};
};

class Reader {
  public:
    Reader(std::string_view text, const std::string& name) : name_(name) {
        if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc{};
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                     text.size());
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { yaml_parser_delete(&parser_); }

    nlohmann::json read() {
        for (;;) {
            Event next;
            if (yaml_parser_parse(&parser_, &next.event) == 0)
                fail(parser_.problem_mark,
                     parser_.problem == nullptr ? "is no YAML" : parser_.problem);
            if (next.event.type == YAML_STREAM_END_EVENT) return std::move(root_);
            take(next.event);
        }
    }

  private:
    struct Level {
        nlohmann::json value;
        std::string key;
        bool has_key = false;
    };

    void take(const yaml_event_t& event) {
        switch (event.type) {
        case YAML_DOCUMENT_START_EVENT:
            if (has_root_) fail(event.start_mark, "a second document begins");
            break;
        case YAML_ALIAS_EVENT:
            fail(event.start_mark, "aliases (*name) aren't taken; write the value out");
        case YAML_SEQUENCE_START_EVENT:
            open(nlohmann::json::array(), event.start_mark);
            break;
        case YAML_MAPPING_START_EVENT:
            open(nlohmann::json::object(), event.start_mark);
            break;
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT: {
            nlohmann::json value = std::move(open_.back().value);
            open_.pop_back();
            add(std::move(value));
            break;
        }
        case YAML_SCALAR_EVENT:
            scalar(event);
            break;
        default:
            break;
        }
    }
    void open(nlohmann::json value, const yaml_mark_t& mark) {
        if (awaits_key()) fail(mark, "a key is a text");
        if (open_.size() == deepest) fail(mark, "is nested too deeply");
        open_.emplace_back().value = std::move(value);
    }
    void scalar(const yaml_event_t& event) {
        const auto& found = event.data.scalar;
        const std::string_view text{reinterpret_cast<const char*>(found.value), found.length};
        if (awaits_key()) {
            Level& map = open_.back();
            map.key = text;
            map.has_key = true;
            if (map.value.contains(map.key)) fail(event.start_mark, "a key is there twice");
            return;
        }
        if (found.style == YAML_PLAIN_SCALAR_STYLE)
            add(plain(text));
        else
            add(nlohmann::json(text));
    }
    void add(nlohmann::json value) {
        if (open_.empty()) {
            root_ = std::move(value);
            has_root_ = true;
            return;
        }
        Level& level = open_.back();
        if (level.value.is_array()) {
            level.value.push_back(std::move(value));
            return;
        }
        level.value[level.key] = std::move(value);
        level.has_key = false;
    }
    [[nodiscard]] bool awaits_key() const noexcept {
        return !open_.empty() && open_.back().value.is_object() && !open_.back().has_key;
    }
    [[noreturn]] void fail(const yaml_mark_t& mark, const char* what) const {
        throw SeedError{name_ + ':' + std::to_string(mark.line + 1) + ':' +
                        std::to_string(mark.column + 1) + ": " + what};
    }

    const std::string& name_;
    yaml_parser_t parser_{};
    std::vector<Level> open_;
    nlohmann::json root_;
    bool has_root_ = false;
};

} // namespace

nlohmann::json parse_yaml(std::string_view text, const std::string& name) {
    return Reader{text, name}.read();
}

} // namespace armature::seed::detail

#include "config/sources.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <iterator>

namespace armature::config::detail {
namespace {

using Json = nlohmann::json;

/// Counts the line breaks that the parser has passed, which is how a key gets its line number.
class LineCounter {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    LineCounter(const char* position, int* line) : position_(position), line_(line) {}
    reference operator*() const { return *position_; }
    LineCounter& operator++() {
        if (*position_ == '\n') ++*line_;
        ++position_;
        return *this;
    }
    LineCounter operator++(int) {
        const LineCounter before = *this;
        ++*this;
        return before;
    }
    bool operator==(const LineCounter& other) const { return position_ == other.position_; }

  private:
    const char* position_;
    int* line_;
};

class Handler {
  public:
    Handler(const std::string& path, const int& line, Values& values, Faults& faults)
        : path_(path), line_(line), values_(values), faults_(faults) {}

    bool null() { return unsupported("null is not supported; leave the key out"); }
    bool boolean(bool value) { return add(RawValue::Kind::boolean, value ? "true" : "false"); }
    bool number_integer(std::int64_t value) { return add(RawValue::Kind::integer, shown(value)); }
    bool number_unsigned(std::uint64_t value) { return add(RawValue::Kind::integer, shown(value)); }
    bool number_float(double, const std::string& text) { return add(RawValue::Kind::real, text); }
    bool string(std::string& value) { return add(RawValue::Kind::string, std::move(value)); }
    bool binary(Json::binary_t&) { return false; }

    bool start_object(std::size_t) {
        if (list_) return unsupported(nesting);
        if (depth_++ > 0) prefixes_.push_back(prefix() + key_ + ".");
        return true;
    }
    bool end_object() {
        if (--depth_ > 0) prefixes_.pop_back();
        return true;
    }
    bool key(std::string& name) {
        key_ = std::move(name);
        origin_ = path_ + ":" + std::to_string(line_);
        return true;
    }
    bool start_array(std::size_t) {
        if (depth_ == 0) return unsupported("the file is no object; wrap it in { }");
        if (list_) return unsupported(nesting);
        list_ = RawValue{RawValue::Kind::list, {}, {}, origin_};
        return true;
    }
    bool end_array() {
        add_value(values_, faults_, prefix() + key_, std::move(*list_));
        list_.reset();
        return true;
    }
    // The parser's own message quotes the text it read, which may be a secret.
    bool parse_error(std::size_t, const std::string&, const Json::exception&) {
        faults_.push_back(path_ + ":" + std::to_string(line_) +
                          ": not valid JSON; look for a missing comma, quote or bracket here");
        return false;
    }

  private:
    static constexpr const char* nesting =
        "lists of objects or lists are not supported; use a list of strings or numbers";

    [[nodiscard]] std::string prefix() const { return prefixes_.empty() ? "" : prefixes_.back(); }

    bool add(RawValue::Kind kind, std::string text) {
        if (depth_ == 0) return unsupported("the file is no object; wrap it in { }");
        RawValue value{kind, SecretString(std::move(text)), {}, origin_};
        if (list_) {
            list_->items.push_back(std::move(value));
        } else {
            add_value(values_, faults_, prefix() + key_, std::move(value));
        }
        return true;
    }

    bool unsupported(const char* complaint) {
        const std::string where = origin_.empty() ? path_ + ":1" : origin_;
        faults_.push_back(where + ": " + (key_.empty() ? "" : prefix() + key_ + ": ") + complaint);
        return false;
    }

    const std::string& path_;
    const int& line_;
    Values& values_;
    Faults& faults_;
    int depth_ = 0;
    std::vector<std::string> prefixes_;
    std::string key_;
    std::string origin_;
    std::optional<RawValue> list_;
};

} // namespace

void parse_json(const std::string& path, std::string_view text, Values& values, Faults& faults) {
    int line = 1;
    Handler handler(path, line, values, faults);
    Json::sax_parse(LineCounter(text.data(), &line), LineCounter(text.data() + text.size(), &line),
                    &handler);
}

} // namespace armature::config::detail

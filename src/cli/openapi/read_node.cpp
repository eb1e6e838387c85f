#include "cli/openapi/node.hpp"

#include <nlohmann/json.hpp>
#include <yaml.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace armature::spec {

namespace {

using Kind = Node::Kind;

[[noreturn]] void fail(const std::string& file, std::size_t line, const std::string& what) {
    throw ReadError(file + ":" + std::to_string(line) + ": " + what);
}

// Puts together what a parser of JSON or YAML says one after the other.
class Builder {
  public:
    explicit Builder(const std::string& file) : file_(file) {}

    Node make(Kind kind, std::size_t line, std::string text = {}) const {
        Node node;
        node.kind = kind;
        node.line = static_cast<unsigned>(line);
        node.file = &file_;
        node.text = std::move(text);
        return node;
    }
    [[nodiscard]] bool wants_key() const {
        return !open_.empty() && open_.back().node.is_map() && !open_.back().has_key;
    }
    void key(std::string name, std::size_t line, bool merges = false) {
        Level& level = open_.back();
        level.has_key = true;
        level.merges = merges;
        level.key = std::move(name);
        level.key_line = line;
    }
    void value(Node node) {
        count(1);
        attach(std::move(node));
    }
    void begin(Kind kind, std::size_t line, std::string anchor = {}) {
        count(1);
        if (open_.size() == max_depth)
            fail(file_, line, "nested more than " + std::to_string(max_depth) + " levels deep");
        open_.push_back({make(kind, line), std::move(anchor), {}, 0, false, false, false, {}});
    }
    void end() {
        Level level = std::move(open_.back());
        open_.pop_back();
        if (!level.anchor.empty()) anchors_[level.anchor] = level.node;
        attach(std::move(level.node));
    }
    void anchor(const std::string& name, const Node& node) { anchors_[name] = node; }
    void alias(const std::string& name, std::size_t line) {
        const auto found = anchors_.find(name);
        if (found == anchors_.end())
            fail(file_, line, "the alias *" + name + " has no anchor &" + name + " before it");
        if (open_.size() + depth(found->second) > max_depth)
            fail(file_, line, "nested more than " + std::to_string(max_depth) + " levels deep");
        const std::size_t more = size(found->second);
        count(more);
        aliased_ += more;
        if (aliased_ > max_aliased_nodes)
            fail(file_, line, "more values by aliases than a document may have");
        attach(Node(found->second));
    }
    [[nodiscard]] bool is_done() const { return has_root_; }
    Node take() { return std::move(root_); }

  private:
    struct Level {
        Node node;
        std::string anchor;
        std::string key;
        std::size_t key_line;
        bool has_key;
        bool merges;                              // the key is YAML's <<
        bool has_merged;                          // some member is of another map
        std::set<std::string, std::less<>> names; // of its own members
    };

    void count(std::size_t more) {
        count_ += more;
        if (count_ > max_nodes) fail(file_, 1, "more values than a document may have");
    }
    static std::size_t size(const Node& node) {
        std::size_t sum = 1;
        for (const Node& item : node.items)
            sum += size(item);
        for (const Node::Member& member : node.members)
            sum += size(member.value);
        return sum;
    }
    static unsigned depth(const Node& node) {
        unsigned most = 0;
        for (const Node& item : node.items)
            most = std::max(most, depth(item));
        for (const Node::Member& member : node.members)
            most = std::max(most, depth(member.value));
        return most + 1;
    }
    void attach(Node node) {
        if (open_.empty()) {
            root_ = std::move(node);
            has_root_ = true;
            return;
        }
        Level& level = open_.back();
        if (level.node.is_list()) {
            level.node.items.push_back(std::move(node));
            return;
        }
        level.has_key = false;
        if (level.merges) {
            merge(level, node);
            return;
        }
        // A structure is where its key is: its first line may be another one's.
        if (node.is_map() || node.is_list()) node.line = static_cast<unsigned>(level.key_line);
        Node::Member member{std::move(level.key), static_cast<unsigned>(level.key_line),
                            std::move(node)};
        if (!level.names.insert(member.name).second)
            fail(file_, level.key_line,
                 "\"" + member.name + "\" stands twice in one map, first in line " +
                     std::to_string(level.node.find(member.name)->line) + "; remove one");
        const auto merged =
            level.has_merged
                ? std::find_if(level.node.members.begin(), level.node.members.end(),
                               [&](const Node::Member& one) { return one.name == member.name; })
                : level.node.members.end();
        if (merged != level.node.members.end())
            *merged = std::move(member);
        else
            level.node.members.push_back(std::move(member));
    }
    // A map's own members count more than those that it merges, wherever it names them.
    void merge(Level& level, const Node& node) {
        if (node.is_list()) {
            for (const Node& item : node.items)
                merge(level, item);
            return;
        }
        if (!node.is_map()) fail(file_, level.key_line, "<< merges maps only");
        level.has_merged = true;
        for (const Node::Member& member : node.members)
            if (level.node.find(member.name) == nullptr) level.node.members.push_back(member);
    }

    const std::string& file_;
    std::vector<Level> open_;
    std::map<std::string, Node> anchors_;
    Node root_;
    bool has_root_ = false;
    std::size_t count_ = 0;
    std::size_t aliased_ = 0;
};

// Tells how far nlohmann's parser has come when it calls back.
struct Counted {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    struct Place {
        std::size_t line = 1;
        char last = 0;
    };
    const char* at;
    Place* place;
    reference operator*() const { return *at; }
    Counted& operator++() {
        place->last = *at++;
        if (place->last == '\n') ++place->line;
        return *this;
    }
    Counted operator++(int) {
        Counted old = *this;
        ++*this;
        return old;
    }
    bool operator==(const Counted& other) const { return at == other.at; }
    bool operator!=(const Counted& other) const { return at != other.at; }
};

struct JsonEvents : nlohmann::json_sax<nlohmann::json> {
    JsonEvents(Builder& to, const Counted::Place& at) : builder(to), place(at) {}

    bool add(Kind kind, std::string text = {}) {
        builder.value(builder.make(kind, place.line, std::move(text)));
        return true;
    }
    bool null() override { return add(Kind::null); }
    bool boolean(bool value) override { return add(Kind::boolean, value ? "true" : "false"); }
    // The parser has looked one character beyond a number, which may have been the line's end.
    bool number(std::string text) {
        const std::size_t line = place.line - (place.last == '\n' ? 1 : 0);
        builder.value(builder.make(Kind::number, line, std::move(text)));
        return true;
    }
    bool number_integer(std::int64_t value) override { return number(std::to_string(value)); }
    bool number_unsigned(std::uint64_t value) override { return number(std::to_string(value)); }
    bool number_float(double, const std::string& text) override { return number(text); }
    bool string(std::string& value) override { return add(Kind::text, std::move(value)); }
    bool binary(nlohmann::json::binary_t&) override { return false; }
    bool start_object(std::size_t) override {
        builder.begin(Kind::map, place.line);
        return true;
    }
    bool key(std::string& name) override {
        builder.key(std::move(name), place.line);
        return true;
    }
    bool end_object() override {
        builder.end();
        return true;
    }
    bool start_array(std::size_t) override {
        builder.begin(Kind::list, place.line);
        return true;
    }
    bool end_array() override { return end_object(); }
    bool parse_error(std::size_t, const std::string&,
                     const nlohmann::json::exception& error) override {
        // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error …"
        message = error.what();
        if (const std::size_t column = message.find("column "); column != message.npos)
            if (const std::size_t colon = message.find(": ", column); colon != message.npos)
                message.erase(0, colon + 2);
        return false;
    }

    Builder& builder;
    const Counted::Place& place;
    std::string message;
};

std::optional<Node> read_json(std::string_view text, const std::string& file, std::string& problem,
                              std::size_t& line) {
    Builder builder(file);
    Counted::Place place;
    JsonEvents events(builder, place);
    if (!nlohmann::json::sax_parse(Counted{text.data(), &place},
                                   Counted{text.data() + text.size(), &place}, &events)) {
        line = place.line;
        problem = events.message;
        return std::nullopt;
    }
    return builder.take();
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

std::string_view take_digits(std::string_view& text) {
    const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::string_view digits = text.substr(0, size);
    text.remove_prefix(size);
    return digits;
}

// YAML's numbers as JSON writes them; nullopt for other texts.
std::optional<std::string> number_of(std::string_view text) {
    std::string out;
    for (const auto& [prefix, base] : {std::pair{"0x", 16}, std::pair{"0o", 8}}) {
        if (!text.starts_with(prefix)) continue;
        std::uint64_t value = 0;
        const char* const end = text.data() + text.size();
        const auto [last, error] = std::from_chars(text.data() + 2, end, value, base);
        if (error != std::errc() || last != end || text.size() == 2) return std::nullopt;
        return std::to_string(value);
    }
    if (text.starts_with('-')) out = "-";
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    std::string_view whole = take_digits(text);
    std::string_view fraction;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        fraction = take_digits(text);
    }
    if (whole.empty() && fraction.empty()) return std::nullopt;
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    out.append(whole.empty() ? "0" : whole);
    if (!fraction.empty()) out.append(".").append(fraction);
    if (text.starts_with('e') || text.starts_with('E')) {
        out += 'e';
        text.remove_prefix(1);
        if (text.starts_with('-') || text.starts_with('+')) {
            out += text.front();
            text.remove_prefix(1);
        }
        const std::string_view exponent = take_digits(text);
        if (exponent.empty()) return std::nullopt;
        out += exponent;
    }
    if (!text.empty()) return std::nullopt;
    return out;
}

class YamlReader {
  public:
    YamlReader(std::string_view text, const std::string& file) : file_(file), builder_(file) {
        if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                     text.size());
    }
    YamlReader(const YamlReader&) = delete;
    YamlReader& operator=(const YamlReader&) = delete;
    ~YamlReader() { yaml_parser_delete(&parser_); }

    Node read() {
        while (true) {
            yaml_event_t event;
            if (yaml_parser_parse(&parser_, &event) == 0)
                fail(file_, parser_.problem_mark.line + 1,
                     std::string("not valid YAML: ") +
                         (parser_.problem != nullptr ? parser_.problem : "unreadable") +
                         (parser_.context != nullptr ? std::string(", ") + parser_.context : ""));
            const std::unique_ptr<yaml_event_t, decltype(&yaml_event_delete)> owner(
                &event, &yaml_event_delete);
            if (event.type == YAML_STREAM_END_EVENT) break;
            take(event);
        }
        if (!builder_.is_done()) fail(file_, 1, "the file is empty");
        return builder_.take();
    }

  private:
    static std::string name(const unsigned char* text) {
        return text != nullptr ? reinterpret_cast<const char*>(text) : "";
    }
    void take(const yaml_event_t& event) {
        const std::size_t line = event.start_mark.line + 1;
        switch (event.type) {
        case YAML_DOCUMENT_START_EVENT:
            if (builder_.is_done())
                fail(file_, line, "a second document begins; keep one for each file");
            return;
        case YAML_SEQUENCE_START_EVENT:
            no_key(line);
            builder_.begin(Kind::list, line, name(event.data.sequence_start.anchor));
            return;
        case YAML_MAPPING_START_EVENT:
            no_key(line);
            builder_.begin(Kind::map, line, name(event.data.mapping_start.anchor));
            return;
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
            builder_.end();
            return;
        case YAML_ALIAS_EVENT:
            no_key(line);
            builder_.alias(name(event.data.alias.anchor), line);
            return;
        case YAML_SCALAR_EVENT:
            take_scalar(event, line);
            return;
        default:
            return;
        }
    }
    void no_key(std::size_t line) const {
        if (builder_.wants_key()) fail(file_, line, "a key has to be a text");
    }
    void take_scalar(const yaml_event_t& event, std::size_t line) {
        const auto& scalar = event.data.scalar;
        std::string text(reinterpret_cast<const char*>(scalar.value), scalar.length);
        const bool is_plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
        if (builder_.wants_key()) {
            const bool merges = is_plain && text == "<<";
            builder_.key(std::move(text), line, merges);
            return;
        }
        const std::string tag = name(scalar.tag);
        Node node = is_plain && tag.empty() ? plain(std::move(text), line)
                    : tag == YAML_INT_TAG || tag == YAML_FLOAT_TAG || tag == YAML_BOOL_TAG
                        ? plain(std::move(text), line)
                        : builder_.make(Kind::text, line, text);
        if (scalar.anchor != nullptr) builder_.anchor(name(scalar.anchor), node);
        builder_.value(std::move(node));
    }
    Node plain(std::string text, std::size_t line) const {
        if (text.empty() || is_one_of(text, {"~", "null", "Null", "NULL"}))
            return builder_.make(Kind::null, line);
        if (is_one_of(text, {"true", "True", "TRUE"}))
            return builder_.make(Kind::boolean, line, "true");
        if (is_one_of(text, {"false", "False", "FALSE"}))
            return builder_.make(Kind::boolean, line, "false");
        if (std::optional<std::string> number = number_of(text))
            return builder_.make(Kind::number, line, std::move(*number));
        return builder_.make(Kind::text, line, std::move(text));
    }

    const std::string& file_;
    Builder builder_;
    yaml_parser_t parser_{};
};

} // namespace

Node read_node(std::string_view text, const std::string& file) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == text.npos) fail(file, 1, "the file is empty");
    if (text[first] != '{' && text[first] != '[') return YamlReader(text, file).read();
    std::string problem;
    std::size_t line = 0;
    if (std::optional<Node> node = read_json(text, file, problem, line)) return std::move(*node);
    if (!file.ends_with(".json")) {
        try {
            return YamlReader(text, file).read();
        } catch (const ReadError&) { // it is JSON with a fault
        }
    }
    fail(file, line, "not valid JSON: " + problem);
}

} // namespace armature::spec

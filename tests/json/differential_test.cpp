// Our reader and writer beside nlohmann/json: the same texts accepted, the same values read.
#include <armature/json/nlohmann.hpp>
#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace armature {
namespace {

struct Node {
    std::string text;
    double number{};
    std::int64_t integer{};
    std::uint64_t natural{};
    bool flag{};
    std::optional<std::string> note;
    std::vector<Node> children;
    std::map<std::string, double> values;
};
ARMATURE_DESCRIBE(Node, text, number, integer, natural, flag, note, children, values);

class RandomJson {
  public:
    explicit RandomJson(std::uint64_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    std::string text() {
        static constexpr const char* pieces[] = {
            "a",  "Z",    " ", "\"",       "\\",           "/",
            "\n", "\x02", "~", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
        std::string result;
        for (auto count = below(20); count != 0; --count)
            result += pieces[below(std::size(pieces))];
        return result;
    }
    double number() {
        switch (below(4)) {
        case 0:
            return static_cast<double>(static_cast<std::int64_t>(random_()));
        case 1:
            return static_cast<double>(below(100'000)) / 1000;
        case 2:
            return std::ldexp(static_cast<double>(random_()), static_cast<int>(below(600)) - 300);
        default:
            return static_cast<double>(below(10));
        }
    }
    Node node(int depth) {
        Node result{
            text(), number(), static_cast<std::int64_t>(random_()), random_(), below(2) == 0, {},
            {},     {}};
        if (below(2)) result.note = text();
        for (auto count = depth ? below(3) : 0; count != 0; --count)
            result.children.push_back(node(depth - 1));
        for (auto count = below(4); count != 0; --count)
            result.values[text()] = number();
        return result;
    }
    nlohmann::json tree(int depth) {
        nlohmann::json result;
        switch (below(depth ? 8 : 6)) {
        case 0:
            return nullptr;
        case 1:
            return below(2) == 0;
        case 2:
            return static_cast<std::int64_t>(random_());
        case 3:
            return random_();
        case 4:
            return number();
        case 5:
            return text();
        case 6:
            result = nlohmann::json::array();
            for (auto count = below(5); count != 0; --count)
                result.push_back(tree(depth - 1));
            return result;
        default:
            result = nlohmann::json::object();
            for (auto count = below(5); count != 0; --count)
                result[text()] = tree(depth - 1);
            return result;
        }
    }
    void mutate(std::string& text) {
        static constexpr std::string_view bytes =
            "{}[]\",:\\u0123456789+-.eE truefalsn\n\t\x80\xC3\xFF";
        for (auto count = 1 + below(3); count != 0 && !text.empty(); --count) {
            const auto at = below(text.size());
            const char byte = bytes[below(bytes.size())];
            switch (below(4)) {
            case 0:
                text.erase(at, 1 + below(4));
                break;
            case 1:
                text.insert(at, 1, byte);
                break;
            case 2:
                text[at] = byte;
                break;
            default:
                text.insert(at, text.substr(below(text.size()), below(12)));
            }
        }
    }

  private:
    std::mt19937_64 random_;
};

nlohmann::json as_tree(const Node& node) {
    nlohmann::json result{{"text", node.text},       {"number", node.number},
                          {"integer", node.integer}, {"natural", node.natural},
                          {"flag", node.flag},       {"values", node.values}};
    result["children"] = nlohmann::json::array();
    for (const Node& child : node.children)
        result["children"].push_back(as_tree(child));
    if (node.note) result["note"] = *node.note;
    return result;
}

TEST(JsonDifferential, WritesWhatTheLibraryReads) {
    RandomJson random(3);
    for (int i = 0; i != 2000; ++i) {
        const Node node = random.node(3);
        EXPECT_EQ(nlohmann::json::parse(to_json(node)), as_tree(node));
    }
}

TEST(JsonDifferential, ReadsWhatTheLibraryWrites) {
    RandomJson random(4);
    for (int i = 0; i != 2000; ++i) {
        const nlohmann::json expected = as_tree(random.node(3));
        // Indented and with escapes for everything but ASCII, in turn.
        const std::string text = expected.dump(i % 2 ? 2 : -1, ' ', i % 3 == 0);
        Node node;
        JsonErrors errors;
        ASSERT_EQ(read_json(text, node, errors), JsonStatus::ok) << text;
        EXPECT_EQ(as_tree(node), expected);
    }
}

TEST(JsonDifferential, ReadsAnyTreeAsTheLibraryDoes) {
    RandomJson random(5);
    for (int i = 0; i != 5000; ++i) {
        const nlohmann::json expected = random.tree(4);
        nlohmann::json document;
        JsonErrors errors;
        ASSERT_EQ(read_json(expected.dump(), document, errors), JsonStatus::ok);
        EXPECT_EQ(document, expected);
    }
}

TEST(JsonDifferential, AcceptsMutatedTextsExactlyWhenTheLibraryDoes) {
    RandomJson random(6);
    int accepted = 0;
    for (int i = 0; i != 50'000; ++i) {
        std::string text = random.tree(3).dump();
        random.mutate(text);
        nlohmann::json document;
        JsonErrors errors;
        const JsonStatus status = read_json(text, document, errors);
        // The library refuses numbers that no double holds as if they were malformed, and takes the
        // last of members given twice: both are well-formed but invalid for us.
        if (status == JsonStatus::invalid) continue;
        EXPECT_EQ(status == JsonStatus::ok, nlohmann::json::accept(text)) << text;
        if (status != JsonStatus::ok) continue;
        ++accepted;
        EXPECT_EQ(document, nlohmann::json::parse(text)) << text;
    }
    EXPECT_GT(accepted, 1000);
}

} // namespace
} // namespace armature

#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace armature::spec {

/// A document that can't be used at all: no such file, no JSON or YAML, no OpenAPI. what() is one
/// line, "file:line: what and remedy".
struct ReadError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A value of a JSON or YAML file, and where it stands. Members keep their order. Plain data; a
/// number keeps the digits it was written with, so that none is rounded.
struct Node {
    enum class Kind : unsigned char { null, boolean, number, text, list, map };
    struct Member;

    Kind kind = Kind::null;
    unsigned line = 0;                 ///< from 1
    const std::string* file = nullptr; ///< its name as it was given; lives as long as the Document
    std::string text;                  ///< of a text; of a number as JSON; "true" or "false"
    std::vector<Node> items;           ///< of a list
    std::vector<Member> members;       ///< of a map

    [[nodiscard]] bool is_null() const noexcept { return kind == Kind::null; }
    [[nodiscard]] bool is_boolean() const noexcept { return kind == Kind::boolean; }
    [[nodiscard]] bool is_number() const noexcept { return kind == Kind::number; }
    [[nodiscard]] bool is_text() const noexcept { return kind == Kind::text; }
    [[nodiscard]] bool is_list() const noexcept { return kind == Kind::list; }
    [[nodiscard]] bool is_map() const noexcept { return kind == Kind::map; }
    [[nodiscard]] bool is_true() const noexcept { return is_boolean() && text == "true"; }
    /// A number without a fraction; 1.0 and 1e2 count.
    [[nodiscard]] bool is_integer() const noexcept;

    /// The value of that name; nullptr without one, and for what is no map.
    [[nodiscard]] const Node* find(std::string_view name) const noexcept;
    /// The text of that name; empty when it is absent or no text.
    [[nodiscard]] std::string_view text_of(std::string_view name) const noexcept;
    /// Of a number; 0 for anything else.
    [[nodiscard]] double number() const noexcept;
    /// "api.yaml:12"
    [[nodiscard]] std::string place() const;
};
struct Node::Member {
    std::string name;
    unsigned line = 0;
    Node value;
};

/// Equal as JSON: numbers by value, maps in any order.
[[nodiscard]] bool operator==(const Node& a, const Node& b);

/// As JSON: compact, or with that many spaces for each level.
[[nodiscard]] std::string to_json(const Node& node, unsigned indent = 0);

/// Reads JSON, or YAML 1.2 (core schema; anchors, aliases and merge keys; one document). A text
/// that begins with a brace is JSON unless only YAML can read it. `file` names the text in messages
/// and has to outlive the nodes. Throws ReadError. At most `max_depth` levels, `max_nodes` values
/// and `max_aliased_nodes` of them by aliases: YAML's bombs end early.
[[nodiscard]] Node read_node(std::string_view text, const std::string& file);
inline constexpr unsigned max_depth = 256;
inline constexpr std::size_t max_nodes = 5'000'000;
inline constexpr std::size_t max_aliased_nodes = 200'000;

} // namespace armature::spec

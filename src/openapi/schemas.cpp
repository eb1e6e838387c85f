#include "openapi/schemas.hpp"

#include <armature/describe/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace armature::detail {

namespace {

// What `Error` is to clients, described like any other type.
struct ProblemItem {
    std::string pointer;
    std::string detail;
};
ARMATURE_DESCRIBE(ProblemItem,
                  (pointer,
                   description("A JSON Pointer into the content, or the name of a parameter")),
                  detail);

struct Problem {
    std::string type;
    std::string title;
    std::uint16_t status;
    std::optional<std::string> detail;
    std::optional<std::vector<ProblemItem>> errors;
};
ARMATURE_DESCRIBE(Problem, (type, description("A URI that names the kind of problem")), title,
                  (status, min(100), max(999)), detail,
                  (errors, description("Each fault of a request with many")));

} // namespace

Node SchemaSet::schema_of(const TypeInfo* type) {
    return type == nullptr ? Node::object() : Node::parse(schemas_.schema_of(*type));
}

Node SchemaSet::schema_of_present(const MemberInfo& member) {
    MemberInfo present = member;
    present.type = without_optional(member.type);
    return Node::parse(schemas_.schema_of(present));
}

const TypeInfo* SchemaSet::without_optional(const TypeInfo* type) noexcept {
    while (type != nullptr && type->kind == ValueKind::optional)
        type = type->item;
    return type;
}

Node SchemaSet::problem() { return schema_of(&type_info<Problem>()); }

Node SchemaSet::named() const {
    Node all = Node::object();
    for (const JsonSchemas::Named& one : schemas_.named())
        all[one.name] = Node::parse(one.schema);
    return all;
}

Node SchemaSet::either(Node one, const Node& other) {
    if (one == other || one.empty()) return one;
    if (other.empty()) return other;
    if (!one.contains("anyOf") || one.size() != 1)
        one = Node{{"anyOf", Node::array({std::move(one)})}};
    for (const Node& known : one["anyOf"])
        if (known == other) return one;
    one["anyOf"].push_back(other);
    return one;
}

} // namespace armature::detail

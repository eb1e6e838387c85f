#pragma once

#include "openapi/node.hpp"

#include <armature/describe/type_info.hpp>

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace armature::detail {

/// The schemas of a document (JSON Schema 2020-12). Types with a name are kept once, under that
/// name, and referred to. Two types of one name: the second one gets a number.
class SchemaSet {
  public:
    /// The schema of a type; of null, one that takes anything.
    [[nodiscard]] Node schema_of(const TypeInfo* type);
    /// The schema of a member: that of its type with its rules and notes.
    [[nodiscard]] Node schema_of(const MemberInfo& member);
    /// The same where null can't be said: in a query, for example.
    [[nodiscard]] Node schema_of_present(const MemberInfo& member);
    [[nodiscard]] static const TypeInfo* without_optional(const TypeInfo* type) noexcept;

    /// Keeps a schema that belongs to no type.
    [[nodiscard]] Node reference_to(const std::string& name, Node schema);
    /// All that were referred to, by name.
    [[nodiscard]] const std::map<std::string, Node>& named() const noexcept { return named_; }

    /// One schema for what either of two accepts.
    [[nodiscard]] static Node either(Node one, const Node& other);
    [[nodiscard]] static Node literal(const Literal& value);

  private:
    Node reference(const TypeInfo& type);
    Node object(const TypeInfo& type);
    Node variant(const TypeInfo& type);
    std::string free_name(std::string_view wanted) const;

    std::map<const TypeInfo*, std::string> name_of_;
    std::map<std::string, Node> named_;
};

} // namespace armature::detail

#pragma once

#include "openapi/node.hpp"

#include <armature/json/schema.hpp>

namespace armature::detail {

/// The schemas of a document. Types with a name are kept once, under that name, and referred to.
class SchemaSet {
  public:
    /// The schema of a type; of null, one that takes anything.
    [[nodiscard]] Node schema_of(const TypeInfo* type);
    /// The schema of a member, with its rules and notes, where there is no null: in a query.
    [[nodiscard]] Node schema_of_present(const MemberInfo& member);
    [[nodiscard]] static const TypeInfo* without_optional(const TypeInfo* type) noexcept;
    /// Of problem details (RFC 9457).
    [[nodiscard]] Node problem();
    /// All that were referred to, by name.
    [[nodiscard]] Node named() const;

    /// One schema for what either of two accepts.
    [[nodiscard]] static Node either(Node one, const Node& other);

  private:
    JsonSchemas schemas_{"#/components/schemas/"};
};

} // namespace armature::detail

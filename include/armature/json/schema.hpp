#pragma once

#include <armature/describe/type_info.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// Whose view of a value a schema has.
enum class SchemaUse : std::uint8_t {
    input,  ///< what `read_json` accepts: `read_only` members are not mentioned, nor missed
    output, ///< what `write_json` writes: no `write_only` members; all that are always there,
            ///< required
    both, ///< one schema for both, marked readOnly and writeOnly; required is what reading requires
};

/// JSON Schemas (2020-12) of described types.
///
/// Structs, enumerations and variants are kept by name and referred to by `$ref`, so types may
/// contain themselves. A name is the type's own, of letters, digits and underscores: `Page<User>`
/// is Page_User. Of two types with the same name the second gets a number. Each of a variant's
/// structs has a schema of its own, with the discriminator: PaymentCard of Payment and Card.
///
/// Which texts a schema accepts is what `read_json` accepts, except where JSON Schema has no word
/// for it: members given twice, and bounds beyond what a validator's numbers can tell apart.
///
/// Threads: none; use one object from one thread.
class JsonSchemas {
  public:
    struct Named {
        std::string name;
        std::string schema; ///< JSON text
    };

    /// References are `prefix` and the name: "#/components/schemas/" in OpenAPI.
    explicit JsonSchemas(std::string_view prefix = "#/$defs/", SchemaUse use = SchemaUse::both)
        : prefix_(prefix), use_(use) {}

    /// The schema of a type, as JSON text: `{"$ref":"…"}` for a type with a name.
    [[nodiscard]] std::string schema_of(const TypeInfo& type);
    /// The schema of a member: that of its type, with its rules and notes.
    [[nodiscard]] std::string schema_of(const MemberInfo& member);
    /// All that the schemas given out refer to, in the order they came up.
    [[nodiscard]] const std::vector<Named>& named() const noexcept { return named_; }

  private:
    class Writer;
    // What a name stands for: a type, or one of a variant's structs with its discriminator.
    struct Subject {
        const TypeInfo* type;
        const TypeInfo* variant;
        std::string_view tag;
    };

    const std::string& name_of(const Subject& subject);
    void write_pending();

    std::string prefix_;
    SchemaUse use_;
    std::vector<Subject> subjects_; // of the same index in named_
    std::vector<Named> named_;
    std::size_t written_ = 0;
};

/// The schema of a type as a document of its own, with what it refers to under `$defs`.
[[nodiscard]] std::string json_schema(const TypeInfo& type, SchemaUse use = SchemaUse::both);
template <class T>
[[nodiscard]] std::string json_schema(SchemaUse use = SchemaUse::both) {
    return json_schema(type_info<T>(), use);
}

} // namespace armature

#pragma once

#include "cli/client/model.hpp"

namespace armature::client_gen {

/// What both halves of a Rust client are written with.
namespace rust_text {

[[nodiscard]] const std::set<std::string>& keywords();
[[nodiscard]] std::string literal(std::string_view text);
[[nodiscard]] std::string comment(const std::vector<std::string>& lines, std::string_view margin);
[[nodiscard]] std::string single_line(std::string_view text);

} // namespace rust_text

/// The types of a Rust client.
class RustTypes {
    using Kind = Type::Kind;
    using Decl = Declaration::Kind;

  public:
    /// What can't be the name of a type.
    [[nodiscard]] static Names reserved();

    explicit RustTypes(const Model& model) : model_(model) {}

    [[nodiscard]] std::string name_of(const Type& type) const;
    /// Of something that may be absent.
    [[nodiscard]] static std::string optional(const std::string& name);
    /// The file, once all types are declared.
    [[nodiscard]] std::string write(const std::string& top);

  private:
    [[nodiscard]] std::string boxed_name_of(std::size_t within, const Type& type) const;
    std::string structure(std::size_t index);
    std::string enumeration(const Declaration& one);
    std::string tagged(std::size_t index);
    std::string untagged(std::size_t index);

    const Model& model_;
    std::vector<std::size_t> groups_;
};

} // namespace armature::client_gen

#pragma once

#include "cli/client/names.hpp"
#include "cli/client/plan.hpp"

namespace armature::client_gen {

/// What both halves of a TypeScript client are written with.
namespace typescript_text {

[[nodiscard]] std::string key(std::string_view name);
[[nodiscard]] std::string access(std::string_view name);
[[nodiscard]] std::string single_line(std::string_view text);
/// One line or several; nothing for nothing.
[[nodiscard]] std::string comment(const std::vector<std::string>& lines, std::string_view margin);
[[nodiscard]] std::vector<std::string> notes_of(const spec::Schema& schema);
void add_to(std::vector<std::string>& list, const std::string& type);
[[nodiscard]] std::string joined(const std::vector<std::string>& types, std::string_view with);
[[nodiscard]] std::string union_of(std::vector<std::string> types);

} // namespace typescript_text

/// The types of a TypeScript client, and all names that it exports.
class TypeScriptTypes {
    using Schema = spec::Schema;

  public:
    TypeScriptTypes(const spec::Document& document, const std::vector<Call>& calls,
                    Warnings& warnings);

    /// The file.
    [[nodiscard]] std::string write(const std::string& top);
    /// What a schema is where operations name it, of their own module or of that of types.
    std::string type(const Schema& schema, Use use, unsigned depth);
    void set_prefix(std::string prefix) { prefix_ = std::move(prefix); }
    [[nodiscard]] Names& names() noexcept { return names_; }
    [[nodiscard]] std::size_t count() const noexcept { return type_names_.size(); }

  private:
    std::string reference(const Schema& schema, Use use) const;
    [[nodiscard]] bool is_named(const Schema& schema) const;
    std::string operand(const Schema& schema, Use use, unsigned depth);
    void note_limits(const Schema& schema);
    std::string inline_type(const Schema& schema, Use use, unsigned depth);
    std::string written_type(const Schema& schema, Use use, unsigned depth);
    std::string newly_required(const Schema& schema, Use use);
    std::string choice(const Schema& schema, const std::vector<const Schema*>& alternatives,
                       Use use, unsigned depth);
    std::string own_type(const Schema& schema, Use use, unsigned depth);
    std::string list_type(const Schema& schema, Use use, unsigned depth);
    std::string object_type(const Schema& schema, Use use, unsigned depth);
    std::string declaration(const Schema& schema, Use use, const std::string& name);

    Warnings& warnings_;
    Types types_;
    Names names_;
    std::map<const Schema*, std::string> type_names_;
    std::map<const Schema*, std::string> input_names_;
    std::string prefix_;           ///< before the names of types
    std::set<const Schema*> open_; ///< being written, in place
};

} // namespace armature::client_gen

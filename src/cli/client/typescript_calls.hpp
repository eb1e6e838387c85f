#pragma once

#include "cli/client/typescript_types.hpp"

namespace armature::client_gen {

/// The calls of a TypeScript client.
class TypeScriptCalls {
  public:
    TypeScriptCalls(const spec::Document& document, const std::vector<Call>& calls,
                    Warnings& warnings, TypeScriptTypes& types)
        : document_(document), calls_(calls), warnings_(warnings), types_(types) {}

    /// The file.
    [[nodiscard]] std::string write(const std::string& top);
    /// How a credential is shown; empty if the client can't.
    std::string scheme_of(const spec::SecurityScheme& scheme);
    [[nodiscard]] std::size_t functions() const noexcept { return functions_; }

  private:
    struct Argument {
        std::string name;
        std::string type;
        std::vector<std::string> notes;
        bool is_required = false;
    };

    std::string operation(const Call& call);
    std::string tuple(const spec::Parameter& parameter, const std::string& value);
    std::string call_fields(const Call& call, std::vector<Argument>& arguments,
                            std::set<std::string>& keys);
    std::string path_template(const spec::Operation& operation,
                              const std::map<std::string, std::string>& values);
    std::string body_fields(const Call& call, std::vector<Argument>& arguments);
    std::string auth_field(const spec::Operation& operation);
    std::string failure_types(const Call& call);
    auto can_show() {
        return [this](const spec::SecurityScheme& scheme) { return !scheme_of(scheme).empty(); };
    }

    const spec::Document& document_;
    const std::vector<Call>& calls_;
    Warnings& warnings_;
    TypeScriptTypes& types_;
    std::set<std::string> used_values_, used_types_; ///< of client.ts, by operations.ts
    std::size_t functions_ = 0;
};

} // namespace armature::client_gen

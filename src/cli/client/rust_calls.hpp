#pragma once

#include "cli/client/rust_types.hpp"

namespace armature::client_gen {

/// The calls of a Rust client.
class RustCalls {
    using Kind = Type::Kind;
    using Decl = Declaration::Kind;

  public:
    RustCalls(const spec::Document& document, Model& model, Warnings& warnings, RustTypes& types)
        : document_(document), model_(model), warnings_(warnings), types_(types) {}

    /// The file. Declares types of its own.
    [[nodiscard]] std::string write(const std::string& top);
    /// How a credential is shown; empty if the client can't.
    std::string scheme_of(const spec::SecurityScheme& scheme);
    [[nodiscard]] std::size_t functions() const noexcept { return functions_; }

  private:
    struct Argument {
        std::string name;
        std::string type;
        std::vector<std::string> notes;
        bool is_required;
    };

    std::string operation(const Call& call, Names& names);
    std::string error_enum(const Call& call, const std::string& function);
    static std::string arguments_struct(const std::string& function, const std::string& name,
                                        const std::vector<Argument>& arguments);
    std::string call_code(const Call& call, std::vector<Argument>& arguments);
    static std::string method_of(const spec::Operation& operation);
    std::string path_expression(const spec::Operation& operation,
                                const std::map<std::string, std::string>& values);
    [[nodiscard]] const Declaration* object_of(const Type& type) const;
    [[nodiscard]] bool is_bytes(const Type& type) const;
    std::string body_code(const Call& call, std::vector<Argument>& arguments);
    auto can_show() {
        return [this](const spec::SecurityScheme& scheme) { return !scheme_of(scheme).empty(); };
    }
    std::string auth_code(const spec::Operation& operation);

    const spec::Document& document_;
    Model& model_;
    Warnings& warnings_;
    RustTypes& types_;
    std::size_t functions_ = 0;
};

} // namespace armature::client_gen

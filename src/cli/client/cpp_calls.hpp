#pragma once

#include "cli/client/cpp_types.hpp"

namespace armature::client_gen {

/// The calls of a C++ client.
class CppCalls {
  public:
    CppCalls(const spec::Document& document, Model& model, Warnings& warnings, CppTypes& types)
        : document_(document), model_(model), warnings_(warnings), types_(types) {}

    /// Decides about the types as well. Before the others.
    void write();
    [[nodiscard]] std::string header(const std::string& top, const std::string& package) const;
    [[nodiscard]] std::vector<std::string> sources(const std::string& top,
                                                   const std::string& package);
    [[nodiscard]] std::size_t functions() const noexcept { return functions_; }

  private:
    using Kind = Type::Kind;
    using Decl = Declaration::Kind;
    struct Argument {
        std::string name;
        std::string type;
        std::vector<std::string> notes;
        bool is_required;
        bool is_move_only = false;
    };
    struct Variant {
        std::string suffix, result, give, accept, note;
    };
    struct Plan {
        const Call* call;
        std::string name;
        std::vector<std::pair<const spec::Parameter*, Type>> parameters;
        std::optional<Type> body;
        std::optional<Type> result;
        std::optional<Type> item;
    };

    [[nodiscard]] std::vector<Variant> variants(const Plan& plan) const;
    std::vector<std::string> method_notes(const Call& call, const std::string& note);
    static std::string arguments_struct(const std::string& method, const std::string& name,
                                        const std::vector<Argument>& arguments);
    std::string method_name(const spec::Operation& operation, const Call& call);
    std::string call_code(const Plan& plan, std::vector<Argument>& arguments);
    std::string parameter_code(const spec::Parameter& parameter, const Type& type,
                               const std::string& name,
                               std::map<std::string, std::string>& path_values);
    std::string path_expression(const spec::Operation& operation,
                                const std::map<std::string, std::string>& values);
    std::string body_code(const Call& call, const std::optional<Type>& type,
                          std::vector<Argument>& arguments);
    std::string form_code(const Body& body, const Type& type, std::size_t object,
                          const std::vector<std::string>& notes, std::vector<Argument>& arguments);
    std::string scheme_of(const spec::SecurityScheme& scheme);
    auto can_show() {
        return [this](const spec::SecurityScheme& scheme) { return !scheme_of(scheme).empty(); };
    }
    std::string auth_code(const spec::Operation& operation);
    std::string constructor();
    [[nodiscard]] std::string follow_auth() const;

    const spec::Document& document_;
    Model& model_;
    Warnings& warnings_;
    CppTypes& types_;
    std::string methods_, arguments_;
    std::vector<std::string> codes_; ///< of each operation
    std::size_t functions_ = 0;
};

} // namespace armature::client_gen

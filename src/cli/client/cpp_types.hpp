#pragma once

#include "cli/client/model.hpp"

namespace armature::client_gen {

/// The types of a C++ client.
class CppTypes {
    using Kind = Type::Kind;
    using Decl = Declaration::Kind;

  public:
    /// What can't be the name of a type.
    [[nodiscard]] static Names reserved();

    CppTypes(Model& model, Warnings& warnings) : model_(model), warnings_(warnings) {}

    /// Decides what each declaration is, once all of them are there. `used` are those that calls
    /// name; others that neither these nor the document's own schemas consist of are not written.
    void choose(const std::vector<Type>& used);

    [[nodiscard]] std::string name_of(const Type& type) const;
    /// Of something that may be absent.
    [[nodiscard]] std::string optional_name_of(const Type& type) const;
    /// Whether a declaration is AnyJson.
    [[nodiscard]] bool is_json(std::size_t index) const { return as_json_.contains(index); }
    /// What a type is in the end, past aliases; nothing unless it is an object.
    [[nodiscard]] std::optional<std::size_t> object_of(const Type& type) const;

    /// A type past aliases.
    [[nodiscard]] const Type& meaning_of(const Type& type) const;
    /// Whether a declaration is a struct whose members can be visited.
    [[nodiscard]] bool is_described(std::size_t index) const {
        return at(index).kind == Decl::object && !is_json(index) && !is_big(index);
    }

    struct Member {
        std::string name; ///< in C++
        std::string type;
        const Field* field;
    };
    [[nodiscard]] std::vector<Member> members_of(std::size_t index);

    struct Written {
        std::string header;
        std::vector<std::string> sources; ///< how they are read and written
        std::size_t count = 0;
    };
    [[nodiscard]] Written write(const std::string& top, const std::string& package);

  private:
    // As many as a struct of a variant may have.
    static constexpr std::size_t most_members = 63;
    [[nodiscard]] static bool is_plain_name(std::string_view name);

    struct Wrapper {
        std::string name;
        std::size_t object;
        std::string tag;
    };
    /// How the alternatives of a choice without a discriminator are told apart: by the first byte
    /// of the JSON, objects by the members that they require, in an order in which the first that
    /// fits is right.
    struct Trial {
        std::map<char, std::size_t> by_byte; ///< index of the alternative for " { [ t 0
        std::vector<std::size_t> objects;    ///< where there are several
    };

    [[nodiscard]] const Declaration& at(std::size_t index) const {
        return model_.declarations()[index];
    }
    [[nodiscard]] bool is_variant(std::size_t index) const;
    [[nodiscard]] std::optional<Trial> trial_of(std::size_t index) const;
    [[nodiscard]] bool is_big(std::size_t index) const;
    void find_needed(const std::vector<Type>& used);
    [[nodiscard]] bool is_written(std::size_t index) const {
        return needed_.contains(index) && !as_json_.contains(index);
    }
    std::string enumeration(std::size_t index);
    std::string structure(std::size_t index, const std::set<std::size_t>& complete);
    std::string description(std::size_t index);
    const std::vector<Wrapper>& wrappers_of(std::size_t index);
    std::string wrapper_structs(std::size_t index);
    std::string wrapper_descriptions(std::size_t index);
    std::string variant_description(std::size_t index);
    std::string choice(std::size_t index) const;
    std::string choice_code(std::size_t index, const std::string& package) const;
    std::string big_code(std::size_t index, const std::string& package);
    const std::string& part_name(std::size_t index, std::size_t first);
    [[nodiscard]] bool is_complete(const Type& type, std::size_t within,
                                   const std::set<std::size_t>& complete) const;

    Model& model_;
    Warnings& warnings_;
    std::set<std::size_t> as_json_;                        ///< declarations that are AnyJson
    std::set<std::size_t> texts_;                          ///< enumerations that are std::string
    std::set<std::size_t> needed_;                         ///< declarations with a use
    std::set<std::pair<std::size_t, std::size_t>> cycles_; ///< members that are AnyJson: of, what
    std::map<std::size_t, std::vector<Wrapper>> wrappers_;
    std::map<std::size_t, std::vector<std::string>> parts_; ///< of what has too many members
};

} // namespace armature::client_gen

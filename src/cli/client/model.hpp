#pragma once

#include "cli/client/names.hpp"
#include "cli/client/plan.hpp"

#include <memory>

namespace armature::client_gen {

/// Types as languages with declared types have them: every object, enumeration and choice has a
/// name, schemas written in place after where they stand.

struct Type {
    enum class Kind : unsigned char {
        any, ///< any JSON
        boolean,
        int32,
        int64,
        uint64,
        real32,
        real64,
        text,
        bytes,
        date,
        date_time,
        uuid,
        list,
        map,
        named
    };
    Kind kind = Kind::any;
    std::shared_ptr<const Type> item; ///< of a list or map
    std::size_t named = 0;            ///< index of its declaration
    bool is_nullable = false;
};

struct Field {
    std::string json; ///< its name in JSON
    Type type;
    bool is_required = false;
    const spec::Schema* schema = nullptr;
};

struct Alternative {
    std::vector<std::string> tags; ///< of the discriminator; the first is written
    Type type;
};

struct Declaration {
    enum class Kind : unsigned char { object, enumeration, tagged, untagged, alias };
    Kind kind = Kind::alias;
    std::string name; ///< PascalCase, taken from the names that are free
    const spec::Schema* schema = nullptr;
    std::vector<Field> fields;       ///< object
    bool is_open = false;            ///< object: may have other members
    std::optional<Type> others;      ///< object: what these are
    std::vector<std::string> values; ///< enumeration
    std::string discriminator;       ///< tagged
    std::vector<Alternative> alternatives;
    Type alias;
};

class Model {
  public:
    /// `names` knows what can't be taken.
    Model(const spec::Document& document, Warnings& warnings, Names names);

    [[nodiscard]] const std::vector<Call>& calls() const noexcept { return calls_; }
    [[nodiscard]] const std::deque<Declaration>& declarations() const noexcept {
        return declarations_;
    }
    /// So many declarations, the first, are those of the document's named schemas.
    [[nodiscard]] std::size_t named_count() const noexcept { return named_count_; }
    /// The type for a schema of a call, declared if need be under `context`.
    Type type_of(const spec::Schema& schema, Use use, const std::string& context);
    /// One of several.
    Type type_of(const std::vector<const spec::Schema*>& schemas, const std::string& context);
    std::string take_name(const std::string& name) { return names_.take(name); }

    /// Declarations that contain each other, in a list or map only `in_lists`: for each its group.
    [[nodiscard]] std::vector<std::size_t> groups(bool in_lists = false) const;
    /// Those that a declaration consists of, by lists and maps only `in_lists`.
    [[nodiscard]] std::vector<std::size_t> contained(const Declaration& declaration,
                                                     bool in_lists = false) const;
    static void add_named(const Type& type, bool in_lists, std::vector<std::size_t>& to);

  private:
    using Kind = Type::Kind;
    static Type simple(Kind kind, bool is_nullable = false) {
        return {kind, nullptr, 0, is_nullable};
    }
    Type named(const spec::Schema& schema, Use use);
    void declare(std::size_t index, const spec::Schema& schema, Use use);
    Type lower(const spec::Schema& schema, Use use, const std::string& context, unsigned depth,
               std::optional<std::size_t> self);
    Type lower_choice(const spec::Schema& schema, const std::vector<const spec::Schema*>& choices,
                      Use use, const std::string& context, unsigned depth,
                      std::optional<std::size_t> self);
    Type lower_object(const spec::Schema& schema, Use use, const std::string& context,
                      unsigned depth, std::optional<std::size_t> self);
    std::size_t add(Declaration::Kind kind, const std::string& context,
                    std::optional<std::size_t> self);
    static std::string implied_discriminator(const std::vector<const spec::Schema*>& choices);

    Warnings& warnings_;
    Names names_;
    std::vector<Call> calls_;
    Types types_;
    std::deque<Declaration> declarations_;
    std::size_t named_count_ = 0;
    std::map<std::pair<const spec::Schema*, Use>, std::size_t> by_schema_;
    std::map<std::pair<const spec::Schema*, Use>, Type> in_place_;
    std::set<std::pair<const spec::Schema*, Use>> open_; ///< in place, being looked at
    std::set<std::size_t> in_progress_;                  ///< aliases whose meaning isn't known yet
};

} // namespace armature::client_gen

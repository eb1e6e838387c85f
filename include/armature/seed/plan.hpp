#pragma once

#include <armature/core/task.hpp>
#include <armature/core/uuid.hpp>
#include <armature/db/database.hpp>
#include <armature/seed/fake.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// What factories are made of, and what is planned of them. Programs include
// armature/seed/factory.hpp.

namespace armature::seed::detail {

/// The value of a row's key.
using Key = std::variant<std::monostate, std::int64_t, Uuid, std::string>;

template <class M>
concept KeyMember = (std::integral<M> && !std::same_as<M, bool>) || std::same_as<M, Uuid> ||
                    std::same_as<M, std::string>;

template <class M>
using WithoutOptional = typename armature::detail::without_optional<M>::type;

[[noreturn]] void throw_other_key();
[[noreturn]] void throw_no_trait(std::string_view factory, std::string_view trait);
[[noreturn]] void throw_undescribed_member(std::string_view factory);
[[noreturn]] void throw_no_key(std::string_view factory);
[[noreturn]] void throw_no_parents(std::string_view factory);
[[noreturn]] void throw_seeding_is_over(std::string_view factory);

template <class M>
M from_key(const Key& key) {
    using Value = WithoutOptional<M>;
    if constexpr (std::integral<Value>) {
        if (const auto* number = std::get_if<std::int64_t>(&key))
            return static_cast<Value>(*number);
    } else {
        if (const auto* value = std::get_if<Value>(&key)) return *value;
    }
    throw_other_key();
}
template <class M>
Key to_key(const M& value) {
    if constexpr (armature::detail::is_optional<M>)
        return value ? to_key(*value) : Key{};
    else if constexpr (std::integral<M>)
        return Key{static_cast<std::int64_t>(value)};
    else
        return Key{value};
}

struct Settings {
    std::uint64_t seed = 1;
    Locale locale = Locale::en;
};

/// Rows for a table, each made when it is written: a million of them need no memory.
class RowSource {
  public:
    RowSource() = default;
    RowSource(const RowSource&) = delete;
    RowSource& operator=(const RowSource&) = delete;
    virtual ~RowSource() = default;
    [[nodiscard]] virtual std::uint64_t count() const = 0;
    /// Appends the values of `columns`.
    virtual void cells(std::uint64_t row, std::vector<db::Value>& to) const = 0;
    /// When all rows of the plan are in the database.
    [[nodiscard]] virtual Task<> written(db::Session& session) const;

    std::string table;
    std::vector<std::string> columns;
    /// Rows with the same values of these get the others; empty: all rows are new.
    std::vector<std::string> upsert_by;
};

/// The rows of a factory in a plan.
class Group : public RowSource {
  public:
    [[nodiscard]] std::uint64_t count() const override { return rows; }
    [[nodiscard]] virtual Key key(std::uint64_t row) const = 0;

    Settings settings;
    std::uint64_t rows = 0;
    std::string factory;
    std::uint64_t factory_hash = 0;
    std::uint64_t table_hash = 0;
    std::string key_column;       ///< empty: it has no key
    bool has_integer_key = false; ///< the keys are `first_key`, + 1, + 2 …
    bool is_fixed = false;        ///< … whatever is in the table
    // Known when the table has been looked at.
    std::int64_t first_key = 1;
    std::uint64_t first_index = 0; ///< among the factory's rows
    std::uint64_t first_place = 0; ///< among the table's
};

struct Plan {
    Settings settings;
    std::vector<std::shared_ptr<RowSource>> sources;
};

/// Where a value of a row comes from: another row.
template <class T>
struct Relation {
    Relation(std::size_t which, bool by_default) : column(which), is_default(by_default) {}
    Relation(const Relation&) = delete;
    Relation& operator=(const Relation&) = delete;
    virtual ~Relation() = default;
    /// Plans the other rows, unless they are.
    [[nodiscard]] virtual std::shared_ptr<Group> parents(Plan& plan, std::uint64_t rows) const = 0;
    [[nodiscard]] virtual std::uint64_t choose(std::uint64_t row, std::uint64_t count,
                                               Random& random) const = 0;
    virtual void set(T& object, const Key& key) const = 0;

    std::size_t column;
    bool is_default; ///< of the definition: another one takes its place
};

template <class T>
struct Step {
    Step() = default;
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    virtual ~Step() = default;
    virtual void apply(Fake& fake, T& object) const = 0;
};
template <class T>
struct AfterStep {
    AfterStep() = default;
    AfterStep(const AfterStep&) = delete;
    AfterStep& operator=(const AfterStep&) = delete;
    virtual ~AfterStep() = default;
    [[nodiscard]] virtual Task<> apply(db::Session& session, const T& object) const = 0;
};
template <class T>
struct Children {
    Children() = default;
    Children(const Children&) = delete;
    Children& operator=(const Children&) = delete;
    virtual ~Children() = default;
    virtual void plan(Plan& plan, const std::shared_ptr<Group>& parents) const = 0;
};

template <class T, class Function>
struct StepOf final : Step<T> {
    explicit StepOf(Function given) : function(std::move(given)) {}
    void apply(Fake& fake, T& object) const override {
        if constexpr (std::is_invocable_v<const Function&, Fake&, T&>)
            function(fake, object);
        else
            function(object);
    }
    Function function;
};
template <class T, class Function>
struct AfterStepOf final : AfterStep<T> {
    explicit AfterStepOf(Function given) : function(std::move(given)) {}
    Task<> apply(db::Session& session, const T& object) const override {
        return function(session, object);
    }
    Function function;
};

/// Which of the described members a pointer is.
template <class T, class M>
std::size_t column_of(M T::* pointer, std::string_view factory) {
    std::size_t index = 0;
    std::size_t found = static_cast<std::size_t>(-1);
    for_each_member<T>([&](const auto& member) {
        if constexpr (std::is_same_v<decltype(member.pointer), M T::* const> ||
                      std::is_same_v<std::remove_cvref_t<decltype(member.pointer)>, M T::*>)
            if (member.pointer == pointer) found = index;
        ++index;
    });
    if (found == static_cast<std::size_t>(-1)) throw_undescribed_member(factory);
    return found;
}

} // namespace armature::seed::detail

#pragma once

#include <armature/seed/plan.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature::seed {

template <class T>
class Factory;
template <class T>
class Created;

namespace detail {

template <class T>
class TypedGroup;

template <class T>
std::shared_ptr<TypedGroup<T>> add_group(Plan& plan, const Factory<T>& factory, std::uint64_t rows,
                                         std::shared_ptr<const Relation<T>> to_parents = nullptr);

/// The rows that `set` refers to, and how one of them is chosen.
template <class T, class M>
struct RelationOf : Relation<T> {
    RelationOf(std::size_t which, bool by_default, M T::* to)
        : Relation<T>(which, by_default), pointer(to) {}
    void set(T& object, const Key& key) const override { object.*pointer = from_key<M>(key); }
    M T::* pointer;
};
/// One of some rows, any of them.
template <class T, class M>
struct AnyOf final : RelationOf<T, M> {
    AnyOf(std::size_t which, M T::* to, std::shared_ptr<Group> among, bool skew)
        : RelationOf<T, M>(which, false, to), group(std::move(among)), is_skewed(skew) {}
    std::shared_ptr<Group> parents(Plan&, std::uint64_t) const override { return group.lock(); }
    std::uint64_t choose(std::uint64_t, std::uint64_t count, Random& random) const override {
        return is_skewed ? random.skewed(count) : random.below(count);
    }
    std::weak_ptr<Group> group; // rows may refer to each other in a circle
    bool is_skewed;
};
/// The rows of another factory in turn: its own count, or one for each row.
template <class T, class M, class Parent>
struct InTurn final : RelationOf<T, M> {
    InTurn(std::size_t which, bool by_default, M T::* to, Factory<Parent> of)
        : RelationOf<T, M>(which, by_default, to), factory(std::move(of)) {}
    std::shared_ptr<Group> parents(Plan& plan, std::uint64_t rows) const override {
        return add_group(plan, factory, this->is_default ? rows : factory.rows());
    }
    std::uint64_t choose(std::uint64_t row, std::uint64_t count, Random&) const override {
        return row % count;
    }
    Factory<Parent> factory;
};
/// So many rows of T for each row of another factory.
template <class T, class M>
struct EachOf final : RelationOf<T, M> {
    EachOf(std::size_t which, M T::* to, std::shared_ptr<Group> of, std::uint64_t count)
        : RelationOf<T, M>(which, false, to), group(std::move(of)), each(count) {}
    std::shared_ptr<Group> parents(Plan&, std::uint64_t) const override { return group.lock(); }
    std::uint64_t choose(std::uint64_t row, std::uint64_t, Random&) const override {
        return row / each;
    }
    std::weak_ptr<Group> group;
    std::uint64_t each;
};
template <class T, class Child, class M>
struct ChildrenOf final : Children<T> {
    ChildrenOf(Factory<Child> of, M Child::* to) : factory(std::move(of)), pointer(to) {}
    void plan(Plan& plan, const std::shared_ptr<Group>& parents) const override {
        const std::uint64_t each = factory.rows();
        if (each == 0 || parents->rows == 0) return;
        add_group<Child>(plan, factory, parents->rows * each,
                         std::make_shared<EachOf<Child, M>>(column_of(pointer, factory.name()),
                                                            pointer, parents, each));
    }
    Factory<Child> factory;
    M Child::* pointer;
};

} // namespace detail

/// Makes rows of a described struct for a table. A value: each call gives a changed copy, and a
/// factory may be a constant of the program.
///
///     const auto users = seed::Factory<User>{"users"}
///         .define([](seed::Fake& fake, User& user) {
///             user.name = fake.name();
///             user.email = fake.unique_email();
///         })
///         .trait("admin", [](User& user) { user.role = Role::admin; });
///     const auto posts = seed::Factory<Post>{"posts"}.define(…);
///
///     seeding.create(users.count(100).with("admin").has(posts.count(3), &Post::author));
///
/// The member `id`, or what `key` says, is the key: a whole number, which counts on from the
/// greatest in the table; a `Uuid`; or a text, which the definition sets. Members that are
/// `read_only` besides are left to the database, as are those that no column can hold.
///
/// Functions are called once or several times for a row, on one thread, and always with the same
/// values: they mustn't depend on anything else.
template <class T>
class Factory {
  public:
    explicit Factory(std::string table) : table_(table), name_(std::move(table)) {
        std::size_t index = 0;
        for_each_member<T>([&](const auto& member) {
            using M = typename std::remove_cvref_t<decltype(member)>::value_type;
            if constexpr (detail::KeyMember<detail::WithoutOptional<M>>)
                if (member.name == "id") key_ = index;
            ++index;
        });
    }

    /// What the rows depend on beside the seed and their number; the table's name unless this is
    /// called. For several factories of one table.
    [[nodiscard]] Factory named(std::string name) const {
        Factory changed = *this;
        changed.name_ = std::move(name);
        return changed;
    }
    template <class M>
    [[nodiscard]] Factory key(M T::* member) const {
        static_assert(detail::KeyMember<detail::WithoutOptional<M>>,
                      "armature: a key is a whole number, a Uuid or a std::string");
        Factory changed = *this;
        changed.key_ = detail::column_of(member, name_);
        return changed;
    }
    /// Whole numbers as keys from this one on, whatever is in the table: rows that have them
    /// already are brought up to date. So a seeder can run again.
    [[nodiscard]] Factory keys_from(std::int64_t first) const {
        Factory changed = *this;
        changed.first_key_ = first;
        return changed;
    }
    [[nodiscard]] Factory locale(Locale locale) const {
        Factory changed = *this;
        changed.locale_ = locale;
        return changed;
    }
    [[nodiscard]] Factory count(std::uint64_t rows) const {
        Factory changed = *this;
        changed.rows_ = rows;
        return changed;
    }

    /// `function(Fake&, T&)` or `function(T&)`: sets the members. What is called later comes later.
    template <class Function>
    [[nodiscard]] Factory define(Function function) const {
        return state(std::move(function));
    }
    /// The same, for some rows: `users.count(3).state([](User& user) { user.active = false; })`
    template <class Function>
    [[nodiscard]] Factory state(Function function) const {
        Factory changed = *this;
        changed.steps_.push_back(step(std::move(function)));
        return changed;
    }
    template <class M, class Value>
    [[nodiscard]] Factory set(M T::* member, Value value) const {
        return state([member, value = M(std::move(value))](T& object) { object.*member = value; });
    }
    /// One of the values after the other, from row to row.
    template <class M>
    [[nodiscard]] Factory sequence(M T::* member, std::vector<M> values) const {
        if (values.empty()) throw std::invalid_argument("armature: a sequence needs values");
        return state([member, values = std::move(values)](Fake& fake, T& object) {
            object.*member = values[fake.index() % values.size()];
        });
    }
    /// A state with a name, to be asked for by `with`.
    template <class Function>
    [[nodiscard]] Factory trait(std::string name, Function function) const {
        Factory changed = *this;
        changed.traits_.emplace_back(std::move(name), step(std::move(function)));
        return changed;
    }
    /// Throws std::invalid_argument for a trait that isn't there.
    [[nodiscard]] Factory with(std::string_view trait) const {
        for (const auto& [name, step] : traits_)
            if (name == trait) {
                Factory changed = *this;
                changed.steps_.push_back(step);
                return changed;
            }
        detail::throw_no_trait(name_, trait);
    }

    /// `member` refers to a row of `parent`: a new one for each row, unless `for_`, `recycle` or
    /// the other's `has` say more.
    template <class M, class Parent>
    [[nodiscard]] Factory belongs_to(M T::* member, Factory<Parent> parent) const {
        return related<detail::InTurn<T, M, Parent>>(member, true, std::move(parent));
    }
    /// All rows refer to one new row of `parent`; to several of them in turn, if it has a `count`.
    template <class M, class Parent>
    [[nodiscard]] Factory for_(M T::* member, Factory<Parent> parent) const {
        return related<detail::InTurn<T, M, Parent>>(member, false, std::move(parent));
    }
    /// Each row refers to one of those that were created, any of them.
    template <class M, class Parent>
    [[nodiscard]] Factory recycle(M T::* member, const Created<Parent>& parents) const {
        return related_to(member, parents, false);
    }
    /// The same; a few of them get most, as in life.
    template <class M, class Parent>
    [[nodiscard]] Factory recycle_skewed(M T::* member, const Created<Parent>& parents) const {
        return related_to(member, parents, true);
    }
    /// Each row gets `children.count(n)` rows that refer to it.
    template <class Child, class M>
    [[nodiscard]] Factory has(Factory<Child> children, M Child::* member) const {
        Factory changed = *this;
        changed.children_.push_back(
            std::make_shared<detail::ChildrenOf<T, Child, M>>(std::move(children), member));
        return changed;
    }

    /// `function(T&)` when everything else was set.
    template <class Function>
    [[nodiscard]] Factory after_making(Function function) const {
        Factory changed = *this;
        changed.after_making_.push_back(step(std::move(function)));
        return changed;
    }
    /// `function(db::Session&, const T&)`, which returns a `Task<>`, for each row when all of the
    /// plan are in the database; within the same transaction.
    template <class Function>
    [[nodiscard]] Factory after_creating(Function function) const {
        Factory changed = *this;
        changed.after_creating_.push_back(
            std::make_shared<detail::AfterStepOf<T, Function>>(std::move(function)));
        return changed;
    }

    /// One object, without a database. Its key, and those that it refers to, count from 1.
    [[nodiscard]] T build(std::uint64_t seed = 1) const { return count(1).build_all(seed).front(); }
    /// As many as `count` says.
    [[nodiscard]] std::vector<T> build_all(std::uint64_t seed = 1) const {
        detail::Plan plan;
        plan.settings.seed = seed;
        const auto group = detail::add_group(plan, *this, rows_);
        std::vector<T> all;
        all.reserve(static_cast<std::size_t>(rows_));
        for (std::uint64_t row = 0; row < rows_; ++row)
            all.push_back(group->make(row));
        return all;
    }

    [[nodiscard]] const std::string& table() const noexcept { return table_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }

  private:
    friend class detail::TypedGroup<T>;
    template <class U>
    friend std::shared_ptr<detail::TypedGroup<U>>
    detail::add_group(detail::Plan&, const Factory<U>&, std::uint64_t,
                      std::shared_ptr<const detail::Relation<U>>);

    static constexpr std::size_t no_key = static_cast<std::size_t>(-1);

    template <class Function>
    static std::shared_ptr<const detail::Step<T>> step(Function function) {
        static_assert(std::is_invocable_v<const Function&, Fake&, T&> ||
                          std::is_invocable_v<const Function&, T&>,
                      "armature: a factory's function takes (Fake&, T&) or (T&)");
        return std::make_shared<detail::StepOf<T, Function>>(std::move(function));
    }
    template <class Related, class M, class Parent>
    Factory related(M T::* member, bool by_default, Factory<Parent> parent) const {
        static_assert(detail::KeyMember<detail::WithoutOptional<M>>,
                      "armature: what refers to a row is a whole number, a Uuid or a std::string, "
                      "as that row's key is");
        Factory changed = *this;
        changed.relations_.push_back(std::make_shared<Related>(
            detail::column_of(member, name_), by_default, member, std::move(parent)));
        return changed;
    }
    template <class M, class Parent>
    Factory related_to(M T::* member, const Created<Parent>& parents, bool is_skewed) const {
        Factory changed = *this;
        changed.relations_.push_back(std::make_shared<detail::AnyOf<T, M>>(
            detail::column_of(member, name_), member, parents.group(), is_skewed));
        return changed;
    }

    std::string table_;
    std::string name_;
    std::size_t key_ = no_key;
    std::optional<std::int64_t> first_key_;
    std::optional<Locale> locale_;
    std::uint64_t rows_ = 1;
    std::vector<std::shared_ptr<const detail::Step<T>>> steps_;
    std::vector<std::pair<std::string, std::shared_ptr<const detail::Step<T>>>> traits_;
    std::vector<std::shared_ptr<const detail::Relation<T>>> relations_;
    std::vector<std::shared_ptr<const detail::Children<T>>> children_;
    std::vector<std::shared_ptr<const detail::Step<T>>> after_making_;
    std::vector<std::shared_ptr<const detail::AfterStep<T>>> after_creating_;
};

namespace detail {

template <class T>
class TypedGroup final : public Group {
  public:
    TypedGroup(const Factory<T>& of, std::uint64_t count, Settings given) : factory_(of) {
        settings = given;
        if (of.locale_) settings.locale = *of.locale_;
        rows = count;
        table = of.table_;
        factory = of.name_;
        factory_hash = hash(of.name_);
        table_hash = hash(of.table_);
        std::size_t index = 0;
        for_each_member<T>([&](const auto& member) {
            using M = typename std::remove_cvref_t<decltype(member)>::value_type;
            if (index == factory_.key_) {
                key_column = member.name;
                has_integer_key = std::integral<WithoutOptional<M>>;
            }
            if constexpr (is_column<M>())
                if (index == factory_.key_ || !member.notes.read_only)
                    columns.emplace_back(member.name);
            ++index;
        });
        if (of.first_key_) {
            if (!has_integer_key) throw_no_key(factory);
            first_key = *of.first_key_;
            is_fixed = true;
            upsert_by.push_back(key_column);
        }
    }

    void cells(std::uint64_t row, std::vector<db::Value>& to) const override {
        const T object = make(row);
        std::size_t index = 0;
        for_each_member<T>([&](const auto& member) {
            using M = typename std::remove_cvref_t<decltype(member)>::value_type;
            if constexpr (is_column<M>())
                if (index == factory_.key_ || !member.notes.read_only)
                    to.emplace_back(object.*member.pointer);
            ++index;
        });
    }

    [[nodiscard]] Key key(std::uint64_t row) const override {
        if (has_integer_key) return Key{first_key + static_cast<std::int64_t>(row)};
        Fake fake = fake_of(row);
        T object{};
        set_key(object, row);
        Key found = key_in(object);
        if (!std::holds_alternative<std::string>(found)) return found;
        for (const auto& step : factory_.steps_)
            step->apply(fake, object);
        return key_in(object);
    }

    [[nodiscard]] T make(std::uint64_t row) const {
        Fake fake = fake_of(row);
        T object{};
        set_key(object, row);
        for (const auto& [relation, parents] : parents_) {
            const std::shared_ptr<Group> others = parents.lock();
            if (!others) throw_seeding_is_over(factory);
            Random random{Random::row_seed(settings.seed, factory_hash + relation->column + 1,
                                           first_index + row)};
            relation->set(object, others->key(relation->choose(row, others->rows, random)));
        }
        for (const auto& step : factory_.steps_)
            step->apply(fake, object);
        set_key(object, row);
        for (const auto& step : factory_.after_making_)
            step->apply(fake, object);
        return object;
    }

    Task<> written(db::Session& session) const override {
        if (factory_.after_creating_.empty()) co_return;
        for (std::uint64_t row = 0; row < rows; ++row) {
            const T object = make(row);
            for (const auto& step : factory_.after_creating_)
                co_await step->apply(session, object);
        }
    }

    void refer(std::shared_ptr<const Relation<T>> relation, const std::shared_ptr<Group>& parents) {
        if (!parents) throw_seeding_is_over(factory);
        if (parents->rows == 0) throw_no_parents(factory);
        if (parents->key_column.empty()) throw_no_key(parents->factory);
        for (auto& known : parents_)
            if (known.first->column == relation->column) {
                known = {std::move(relation), parents};
                return;
            }
        parents_.emplace_back(std::move(relation), parents);
    }

  private:
    template <class M>
    static constexpr bool is_column() {
        return db::detail::is_bindable<M>();
    }
    [[nodiscard]] Fake fake_of(std::uint64_t row) const noexcept {
        return Fake{settings.seed, factory_hash,      first_index + row,
                    table_hash,    first_place + row, settings.locale};
    }
    // Texts are the definition's.
    void set_key(T& object, std::uint64_t row) const {
        std::size_t index = 0;
        for_each_member<T>([&](const auto& member) {
            using M = typename std::remove_cvref_t<decltype(member)>::value_type;
            using Value = WithoutOptional<M>;
            if constexpr (std::integral<Value> && KeyMember<Value>) {
                if (index == factory_.key_)
                    object.*member.pointer =
                        static_cast<Value>(first_key + static_cast<std::int64_t>(row));
            } else if constexpr (std::same_as<Value, Uuid>) {
                if (index == factory_.key_)
                    object.*member.pointer =
                        Fake{settings.seed, mix(factory_hash), first_index + row,
                             table_hash,    first_place + row, settings.locale}
                            .uuid();
            }
            ++index;
        });
    }
    [[nodiscard]] Key key_in(const T& object) const {
        Key found;
        std::size_t index = 0;
        for_each_member<T>([&](const auto& member) {
            using M = typename std::remove_cvref_t<decltype(member)>::value_type;
            if constexpr (KeyMember<WithoutOptional<M>>)
                if (index == factory_.key_) found = to_key(object.*member.pointer);
            ++index;
        });
        return found;
    }

    Factory<T> factory_;
    std::vector<std::pair<std::shared_ptr<const Relation<T>>, std::weak_ptr<Group>>> parents_;
};

template <class T>
std::shared_ptr<TypedGroup<T>> add_group(Plan& plan, const Factory<T>& factory, std::uint64_t rows,
                                         std::shared_ptr<const Relation<T>> to_parents) {
    auto group = std::make_shared<TypedGroup<T>>(factory, rows, plan.settings);
    std::vector<std::shared_ptr<const Relation<T>>> relations = factory.relations_;
    if (to_parents) relations.push_back(std::move(to_parents));
    for (std::size_t i = 0; i < relations.size(); ++i) {
        bool is_replaced = false;
        for (std::size_t later = i + 1; later < relations.size(); ++later)
            is_replaced = is_replaced || relations[later]->column == relations[i]->column;
        if (is_replaced || rows == 0) continue;
        group->refer(relations[i], relations[i]->parents(plan, rows));
    }
    plan.sources.push_back(group);
    for (const auto& children : factory.children_)
        children->plan(plan, group);
    return group;
}

} // namespace detail

/// The rows of a `create`, to be referred to by others while the `Seeding` is there.
template <class T>
class Created {
  public:
    explicit Created(std::shared_ptr<detail::TypedGroup<T>> group) : group_(std::move(group)) {}

    [[nodiscard]] std::uint64_t count() const noexcept { return group_->rows; }
    /// A row as it is in the database, once `flush` was reached. Throws std::out_of_range.
    [[nodiscard]] T row(std::uint64_t index) const {
        if (index >= group_->rows) throw std::out_of_range("armature: there are fewer rows");
        return group_->make(index);
    }
    /// `member` of these rows refers to those, which may refer to these: a cycle of foreign keys.
    /// Before the `flush` that writes them.
    template <class M, class Other>
    void recycle(M T::* member, const Created<Other>& others) const {
        group_->refer(
            std::make_shared<detail::AnyOf<T, M>>(detail::column_of(member, group_->factory),
                                                  member, others.group(), false),
            others.group());
    }
    [[nodiscard]] const std::shared_ptr<detail::TypedGroup<T>>& group() const noexcept {
        return group_;
    }

  private:
    std::shared_ptr<detail::TypedGroup<T>> group_;
};

} // namespace armature::seed

#pragma once

#include <armature/describe/kinds.hpp>

#include <cstddef>
#include <utility>
#include <vector>

/// Members of models that hold what is related: `db::Many`, `db::One`. See docs/models.md.
namespace armature::db {

namespace detail {

[[noreturn]] void throw_not_there(bool is_loaded);

} // namespace detail

/// The other side of a relation to many: a list that isn't there before it was loaded, see
/// `ModelQuery::with`. In JSON and schemas an optional list. `T` may be incomplete.
template <class T>
class Many {
  public:
    using value_type = std::vector<T>;

    [[nodiscard]] bool is_loaded() const noexcept { return is_loaded_; }
    explicit operator bool() const noexcept { return is_loaded_; }
    /// Throws std::logic_error before it was loaded, as what follows.
    [[nodiscard]] value_type& operator*() {
        if (!is_loaded_) detail::throw_not_there(false);
        return items_;
    }
    [[nodiscard]] const value_type& operator*() const {
        if (!is_loaded_) detail::throw_not_there(false);
        return items_;
    }
    [[nodiscard]] value_type* operator->() { return &**this; }
    [[nodiscard]] const value_type* operator->() const { return &**this; }
    [[nodiscard]] std::size_t size() const { return (**this).size(); }
    [[nodiscard]] auto begin() const { return (**this).begin(); }
    [[nodiscard]] auto end() const { return (**this).end(); }
    [[nodiscard]] const T& operator[](std::size_t index) const { return (**this).at(index); }

    /// Loaded, and with nothing in it.
    value_type& emplace() {
        items_.clear();
        is_loaded_ = true;
        return items_;
    }
    void reset() noexcept {
        items_.clear();
        is_loaded_ = false;
    }

  private:
    value_type items_;
    bool is_loaded_ = false;
};

/// The other side of a relation to one, or none. In JSON and schemas an optional object. `T` may be
/// incomplete, and the struct itself.
template <class T>
class One {
  public:
    using value_type = T;

    One() noexcept = default;
    One(const One& other)
        : object_(other.object_ ? new T(*other.object_) : nullptr), is_loaded_(other.is_loaded_) {}
    One(One&& other) noexcept
        : object_(std::exchange(other.object_, nullptr)),
          is_loaded_(std::exchange(other.is_loaded_, false)) {}
    One& operator=(One other) noexcept {
        std::swap(object_, other.object_);
        std::swap(is_loaded_, other.is_loaded_);
        return *this;
    }
    ~One() { delete object_; }

    [[nodiscard]] bool is_loaded() const noexcept { return is_loaded_; }
    /// Whether there is one; false before it was loaded.
    explicit operator bool() const noexcept { return object_ != nullptr; }
    /// Throws std::logic_error when there is none, as `->`.
    [[nodiscard]] T& operator*() {
        if (!object_) detail::throw_not_there(is_loaded_);
        return *object_;
    }
    [[nodiscard]] const T& operator*() const {
        if (!object_) detail::throw_not_there(is_loaded_);
        return *object_;
    }
    [[nodiscard]] T* operator->() { return &**this; }
    [[nodiscard]] const T* operator->() const { return &**this; }

    /// Loaded, and there is one: made from the arguments.
    template <class... Arguments>
    T& emplace(Arguments&&... arguments) {
        T* const made = new T(std::forward<Arguments>(arguments)...);
        delete std::exchange(object_, made);
        is_loaded_ = true;
        return *object_;
    }
    void reset() noexcept {
        delete std::exchange(object_, nullptr);
        is_loaded_ = false;
    }
    /// Loaded, and there is none.
    void set_none() noexcept {
        reset();
        is_loaded_ = true;
    }

  private:
    T* object_ = nullptr;
    bool is_loaded_ = false;
};

} // namespace armature::db

namespace armature::detail {

template <class T>
inline constexpr bool is_optional<db::Many<T>> = true;
template <class T>
inline constexpr bool is_optional<db::One<T>> = true;

} // namespace armature::detail

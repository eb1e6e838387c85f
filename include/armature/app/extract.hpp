#pragma once

#include <armature/app/operation.hpp>
#include <armature/core/error.hpp>
#include <armature/core/request.hpp>
#include <armature/core/type_name.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace armature {

/// What an extractor works from.
struct ExtractInput {
    Request& request;
    /// Which `Path` argument of the handler this is, counted from 0.
    std::size_t path_index;
    /// The object that `Extract<T>::state_type` was resolved to at build, else null.
    void* state;
};

/// How a handler's parameter of type `T` is made from the request. Specialise it for a type of your
/// own:
///
///     template <> struct armature::Extract<TenantId> {
///         static TenantId from(ExtractInput& input);   // throws Error to refuse the request
///     };
///
/// Optional members: `static constexpr bool needs_body = true` has the whole content in memory
/// before `from` runs; `static constexpr bool is_path = true` makes it take the next path
/// parameter; `using state_type = S` has the `.data(S{…})` of the nearest scope resolved at build;
/// `static void document(OperationInfo&)` says what it means for clients.
template <class T>
struct Extract;

namespace detail {

template <class T>
concept Extractable = requires(ExtractInput& input) {
    { Extract<T>::from(input) } -> std::convertible_to<T>;
};

template <class T>
inline constexpr bool extracts_path = [] {
    if constexpr (requires { Extract<T>::is_path; })
        return static_cast<bool>(Extract<T>::is_path);
    else
        return false;
}();

template <class T>
inline constexpr bool extracts_body = [] {
    if constexpr (requires { Extract<T>::needs_body; })
        return static_cast<bool>(Extract<T>::needs_body);
    else
        return false;
}();

template <class T>
constexpr DocumentHook extract_hook() {
    if constexpr (requires { &Extract<T>::document; })
        return &Extract<T>::document;
    else
        return nullptr;
}

template <class T>
concept ExtractsState = requires { typename Extract<T>::state_type; };

// The parsers behind Path<T>; each throws Error 400 that names the parameter.
[[nodiscard]] std::string_view path_text(const ExtractInput& input);
[[nodiscard]] std::uint64_t path_unsigned(const ExtractInput& input, std::uint64_t max);
[[nodiscard]] std::int64_t path_signed(const ExtractInput& input, std::int64_t min,
                                       std::int64_t max);
[[nodiscard]] double path_double(const ExtractInput& input, double max);

} // namespace detail

/// One path parameter, by position: the first `Path` argument of a handler is the first `{…}` of
/// the pattern. `T` is an integer, a floating-point type, `std::string` or `std::string_view`
/// (which lives as long as the request). Anything that isn't a `T` is answered with 400.
template <class T>
class Path {
  public:
    explicit Path(T value) : value_(std::move(value)) {}
    [[nodiscard]] const T& value() const noexcept { return value_; }
    [[nodiscard]] const T& operator*() const noexcept { return value_; }
    [[nodiscard]] const T* operator->() const noexcept { return &value_; }
    operator const T&() const noexcept { return value_; } // NOLINT: reads like the value it is

  private:
    T value_;
};

template <class T>
struct Extract<Path<T>> {
    static constexpr bool is_path = true;
    static Path<T> from(const ExtractInput& input) {
        if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>)
            return Path<T>{T{detail::path_text(input)}};
        else if constexpr (std::is_same_v<T, bool>)
            static_assert(!sizeof(T*), "armature: Path<bool> is ambiguous; take a std::string");
        else if constexpr (std::unsigned_integral<T>)
            return Path<T>{
                static_cast<T>(detail::path_unsigned(input, std::numeric_limits<T>::max()))};
        else if constexpr (std::signed_integral<T>)
            return Path<T>{static_cast<T>(detail::path_signed(input, std::numeric_limits<T>::min(),
                                                              std::numeric_limits<T>::max()))};
        else if constexpr (std::floating_point<T>)
            return Path<T>{static_cast<T>(
                detail::path_double(input, static_cast<double>(std::numeric_limits<T>::max())))};
        else
            static_assert(!sizeof(T*), "armature: Path<T> takes an integer, a floating-point type, "
                                       "std::string or std::string_view");
    }
    static void document(OperationInfo& info) { info.path_parameter(detail::type_of<T>()); }
};

/// Application state: the value given to `.data(…)` of the nearest enclosing scope. Resolved when
/// the application is built, so using it is one pointer. All loops share the object: synchronise
/// what you change.
template <class T>
class State {
  public:
    explicit State(T& object) noexcept : object_(&object) {}
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_; }

  private:
    T* object_;
};

template <class T>
struct Extract<State<T>> {
    using state_type = T;
    static State<T> from(const ExtractInput& input) noexcept {
        return State<T>{*static_cast<T*>(input.state)};
    }
};

/// The whole content of the request as it was sent; lives as long as the request.
class Bytes {
  public:
    explicit Bytes(std::string_view text) noexcept : text_(text) {}
    [[nodiscard]] std::string_view view() const noexcept { return text_; }
    operator std::string_view() const noexcept { return text_; } // NOLINT

  private:
    std::string_view text_;
};

template <>
struct Extract<Bytes> {
    static constexpr bool needs_body = true;
    static Bytes from(const ExtractInput& input) noexcept {
        return Bytes{input.request.body().text()};
    }
    static void document(OperationInfo& info) { info.content("*/*", nullptr); }
};

/// The Content-Type's media type without parameters, in its original case; empty without one.
[[nodiscard]] std::string_view content_media_type(const Request& request) noexcept;

} // namespace armature

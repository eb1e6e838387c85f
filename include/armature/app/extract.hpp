#pragma once

#include <armature/app/fixed_text.hpp>
#include <armature/app/operation.hpp>
#include <armature/app/text_value.hpp>
#include <armature/core/error.hpp>
#include <armature/core/request.hpp>
#include <armature/core/type_name.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
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
/// before `from` runs, `static constexpr bool takes_body = true` says that it reads the content
/// itself; `static constexpr bool is_path = true` makes it take the next path parameter;
/// `using state_type = S` has the `.data(S{…})` of the nearest scope resolved at build;
/// `static bool is_present(const ExtractInput&)` allows `std::optional` of the type, which is
/// nullopt where that is false; `static void document(OperationInfo&)` says what it means for
/// clients.
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

// Has the content in memory before the handler runs.
template <class T>
inline constexpr bool extracts_body = [] {
    if constexpr (requires { Extract<T>::needs_body; })
        return static_cast<bool>(Extract<T>::needs_body);
    else
        return false;
}();

// Uses the content up, in memory or piece by piece.
template <class T>
inline constexpr bool takes_body = [] {
    if constexpr (requires { Extract<T>::takes_body; })
        return static_cast<bool>(Extract<T>::takes_body);
    else
        return extracts_body<T>;
}();

template <class T>
inline constexpr std::string_view path_name = [] {
    if constexpr (requires { Extract<T>::path_name; })
        return std::string_view{Extract<T>::path_name};
    else
        return std::string_view{};
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

[[nodiscard]] std::string_view path_text(const ExtractInput& input, std::string_view name) noexcept;
/// Where an encoded slash, which travels as a NUL byte, is one again.
[[nodiscard]] std::string_view path_text_with_slashes(const ExtractInput& input,
                                                      std::string_view name);
void document_path(OperationInfo& info, std::string_view name, const TypeInfo* type);
/// Error 400 that says which parameter must be what.
[[noreturn]] void throw_bad_path(const ExtractInput& input, std::string_view name,
                                 std::string wanted);

} // namespace detail

/// One path parameter. `T` is an integer, a floating-point type, `bool`, a described enumeration,
/// `std::string`, `std::string_view` (which lives as long as the request) or a type with a
/// `TextForm`, such as `Uuid`. Anything that isn't a
/// `T` is answered with 400.
///
/// By position: the first `Path` argument of a handler is the first `{…}` of the pattern; there
/// must be one for each. By name: `Path<int, "id">` is the parameter `{id}`, whichever others there
/// are. A handler takes all of them by position or all by name.
template <class T, FixedText Name = "">
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

template <class T, FixedText Name>
struct Extract<Path<T, Name>> {
    static constexpr bool is_path = Name.view().empty();
    static constexpr std::string_view path_name = Name.view();

    static Path<T, Name> from(const ExtractInput& input) {
        if constexpr (!detail::is_text_value<T>) {
            static_assert(detail::is_text_value<T>,
                          "armature: Path<T> takes a number, bool, a described enumeration, "
                          "std::string, std::string_view or a type with a TextForm");
        } else if constexpr (value_kind<T> == ValueKind::text) {
            return Path<T, Name>{T{detail::path_text_with_slashes(input, path_name)}};
        } else {
            T value{};
            if (!detail::read_text(detail::path_text(input, path_name), value))
                detail::throw_bad_path(input, path_name, detail::wanted_text<T>());
            return Path<T, Name>{std::move(value)};
        }
    }
    static void document(OperationInfo& info) {
        detail::document_path(info, path_name, detail::type_of<T>());
    }
};

/// What the extractors that hold a value have in common: they are used like a pointer to it.
template <class T>
class Extracted {
  public:
    using value_type = T;

    explicit Extracted(T value) : value_(std::move(value)) {}
    [[nodiscard]] T& value() & noexcept { return value_; }
    [[nodiscard]] const T& value() const& noexcept { return value_; }
    [[nodiscard]] T&& value() && noexcept { return std::move(value_); }
    [[nodiscard]] T& operator*() & noexcept { return value_; }
    [[nodiscard]] const T& operator*() const& noexcept { return value_; }
    [[nodiscard]] T&& operator*() && noexcept { return std::move(value_); }
    [[nodiscard]] T* operator->() noexcept { return &value_; }
    [[nodiscard]] const T* operator->() const noexcept { return &value_; }

  private:
    T value_;
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

/// `BodyStream&` as a handler's parameter is the content piece by piece; see `Request::body`.
template <>
struct Extract<BodyStream> {
    static constexpr bool takes_body = true;
    static void document(OperationInfo& info) { info.content("*/*", nullptr); }
};

/// A value that middleware attached with `request.set(T{…})`, the identity of a user for example.
/// Without one the answer is 500 and the log says which type is missing: the middleware doesn't run
/// for this route. `std::optional<Extension<T>>` is for handlers that can do without.
template <class T>
class Extension {
  public:
    explicit Extension(T& object) noexcept : object_(&object) {}
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_; }

  private:
    T* object_;
};

namespace detail {
[[noreturn]] void throw_no_extension(std::string_view type);
} // namespace detail

template <class T>
struct Extract<Extension<T>> {
    static bool is_present(const ExtractInput& input) noexcept {
        return input.request.find<T>() != nullptr;
    }
    static Extension<T> from(const ExtractInput& input) {
        T* const object = input.request.find<T>();
        if (object == nullptr) detail::throw_no_extension(detail::type_name<T>());
        return Extension<T>{*object};
    }
};

/// Who sent the request: the connection's other end, or who a trusted proxy says is behind it.
class ClientAddress {
  public:
    explicit ClientAddress(const PeerAddress& peer) noexcept : peer_(peer) {}
    [[nodiscard]] const PeerAddress& operator*() const noexcept { return peer_; }
    [[nodiscard]] const PeerAddress* operator->() const noexcept { return &peer_; }

  private:
    PeerAddress peer_;
};

template <>
struct Extract<ClientAddress> {
    static ClientAddress from(const ExtractInput& input) noexcept {
        return ClientAddress{input.request.peer()};
    }
};

/// What may be absent. What is there and malformed is refused all the same.
template <class T>
    requires requires(const ExtractInput& input) {
        { Extract<T>::is_present(input) } -> std::same_as<bool>;
    }
struct Extract<std::optional<T>> {
    static constexpr bool needs_body = detail::extracts_body<T>;
    static std::optional<T> from(const ExtractInput& input) {
        if (!Extract<T>::is_present(input)) return std::nullopt;
        return Extract<T>::from(input);
    }
    static void document(OperationInfo& info) {
        if constexpr (requires { &Extract<T>::document; }) info.optional(&Extract<T>::document);
    }
};

/// The Content-Type's media type without parameters, in its original case; empty without one.
[[nodiscard]] std::string_view content_media_type(const Request& request) noexcept;

} // namespace armature

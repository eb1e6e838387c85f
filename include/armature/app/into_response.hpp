#pragma once

#include <armature/core/error.hpp>
#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace armature {

/// How a handler's result of type `T` becomes a response. Specialise it for a type of your own:
///
///     template <> struct armature::IntoResponse<Csv> {
///         static void into(Csv&& csv, Request& request, Response& response);
///     };
///
/// `response` is empty with status 200 when `into` is called.
template <class T>
struct IntoResponse;

namespace detail {

template <class T>
concept Respondable = requires(T&& value, Request& request, Response& response) {
    IntoResponse<T>::into(std::move(value), request, response);
};

// std::expected and its relatives: has_value(), operator*, error().
template <class T>
concept ExpectedLike = requires(T value) {
    { value.has_value() } -> std::same_as<bool>;
    *value;
    value.error();
};

template <class T>
concept RespondableExpected =
    ExpectedLike<T> && Respondable<std::remove_cvref_t<decltype(std::declval<T&>().error())>> &&
    (std::is_void_v<decltype(*std::declval<T&>())> ||
     Respondable<std::remove_cvref_t<decltype(*std::declval<T&>())>>);

inline constexpr std::string_view plain_text = "text/plain; charset=utf-8";

} // namespace detail

template <>
struct IntoResponse<Response> {
    static void into(Response&& value, Request&, Response& response) {
        response = std::move(value);
    }
};

template <>
struct IntoResponse<std::string> {
    static void into(std::string&& value, Request&, Response& response) {
        response.set_content(detail::plain_text, Body{std::move(value)});
    }
};

// Text behind a view may change or go once the handler returned, so it is copied, into memory that
// lives as long as the request: no allocation.
template <>
struct IntoResponse<std::string_view> {
    static void into(std::string_view value, Request& request, Response& response) {
        response.set_content_view(detail::plain_text, request.arena().copy(value));
    }
};
template <>
struct IntoResponse<const char*> : IntoResponse<std::string_view> {};

template <>
struct IntoResponse<Body> {
    static void into(Body&& value, Request&, Response& response) {
        response.body(std::move(value));
    }
};

/// A status without content; from 400 on with problem details.
template <>
struct IntoResponse<Status> {
    static void into(Status value, Request&, Response& response) {
        if (static_cast<unsigned>(value) >= 400) throw Error{value};
        response.status(value);
    }
};

template <>
struct IntoResponse<Error> {
    [[noreturn]] static void into(Error&& value, Request&, Response&) { throw std::move(value); }
};

/// nullopt is 404.
template <detail::Respondable T>
struct IntoResponse<std::optional<T>> {
    static void into(std::optional<T>&& value, Request& request, Response& response) {
        if (!value) throw Error::not_found();
        IntoResponse<T>::into(*std::move(value), request, response);
    }
};

/// A status and the content that goes with it.
template <detail::Respondable T>
struct IntoResponse<std::pair<Status, T>> {
    static void into(std::pair<Status, T>&& value, Request& request, Response& response) {
        IntoResponse<T>::into(std::move(value.second), request, response);
        response.status(value.first);
    }
};

/// The value, or the error. No content where the value's type is void.
template <detail::RespondableExpected T>
struct IntoResponse<T> {
    static void into(T&& value, Request& request, Response& response) {
        using Value = std::remove_cvref_t<decltype(*value)>;
        using Failure = std::remove_cvref_t<decltype(value.error())>;
        if (!value.has_value())
            IntoResponse<Failure>::into(std::move(value.error()), request, response);
        else if constexpr (std::is_void_v<Value>)
            response.status(Status::no_content);
        else
            IntoResponse<Value>::into(std::move(*value), request, response);
    }
};

} // namespace armature

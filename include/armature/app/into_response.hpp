#pragma once

#include <armature/app/operation.hpp>
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
/// `response` is empty with status 200 when `into` is called. An optional member
/// `static void document(OperationInfo&)` says what the response is to clients.
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

// Adds to an operation what a result of type T can be.
template <class T>
void document_result(OperationInfo& info) {
    if constexpr (std::is_void_v<T>)
        info.response(Status::no_content);
    else if constexpr (requires { &IntoResponse<T>::document; })
        IntoResponse<T>::document(info);
}

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
    static void document(OperationInfo& info) { info.response("text/plain", nullptr); }
};

// Text behind a view may change or go once the handler returned, so it is copied, into memory that
// lives as long as the request: no allocation.
template <>
struct IntoResponse<std::string_view> {
    static void into(std::string_view value, Request& request, Response& response) {
        response.set_content_view(detail::plain_text, request.arena().copy(value));
    }
    static void document(OperationInfo& info) { info.response("text/plain", nullptr); }
};
template <>
struct IntoResponse<const char*> : IntoResponse<std::string_view> {};

template <>
struct IntoResponse<Body> {
    static void into(Body&& value, Request&, Response& response) {
        response.body(std::move(value));
    }
    static void document(OperationInfo& info) { info.response("*/*", nullptr); }
};

/// A status without content; from 400 on with problem details.
template <>
struct IntoResponse<Status> {
    static void into(Status value, Request&, Response& response) {
        if (static_cast<unsigned>(value) >= 400) throw Error{value};
        response.status(value);
    }
    static void document(OperationInfo& info) { info.response(any_other); }
};

template <>
struct IntoResponse<Error> {
    [[noreturn]] static void into(Error&& value, Request&, Response&) { throw std::move(value); }
    static void document(OperationInfo& info) { info.error(any_other); }
};

/// nullopt is 404.
template <detail::Respondable T>
struct IntoResponse<std::optional<T>> {
    static void into(std::optional<T>&& value, Request& request, Response& response) {
        if (!value) throw Error::not_found();
        IntoResponse<T>::into(*std::move(value), request, response);
    }
    static void document(OperationInfo& info) {
        detail::document_result<T>(info);
        info.error(Status::not_found);
    }
};

/// A status and the content that goes with it.
template <detail::Respondable T>
struct IntoResponse<std::pair<Status, T>> {
    static void into(std::pair<Status, T>&& value, Request& request, Response& response) {
        IntoResponse<T>::into(std::move(value.second), request, response);
        response.status(value.first);
    }
    static void document(OperationInfo& info) {
        const Status outer = info.answer_with(any_success);
        detail::document_result<T>(info);
        info.answer_with(outer);
    }
};

/// A result with a status that is known while compiling, so that documents have it too:
/// `return Created{Json{user}};`
template <Status S, class T>
struct WithStatus {
    explicit WithStatus(T made) : value(std::move(made)) {}
    T value;
};
/// 201, with the Location of what was created if it is given: `Created{user, "/users/7"}`.
template <class T>
struct Created : WithStatus<Status::created, T> {
    explicit Created(T made, std::string at = {})
        : WithStatus<Status::created, T>(std::move(made)), location(std::move(at)) {}
    std::string location;
};
template <class T>
Created(T) -> Created<T>;
template <class T>
Created(T, std::string) -> Created<T>;
template <class T>
struct Accepted : WithStatus<Status::accepted, T> {
    using WithStatus<Status::accepted, T>::WithStatus;
};
template <class T>
Accepted(T) -> Accepted<T>;

template <Status S, detail::Respondable T>
struct IntoResponse<WithStatus<S, T>> {
    static void into(WithStatus<S, T>&& result, Request& request, Response& response) {
        IntoResponse<T>::into(std::move(result.value), request, response);
        response.status(S);
    }
    static void document(OperationInfo& info) {
        const Status outer = info.answer_with(S);
        detail::document_result<T>(info);
        info.answer_with(outer);
    }
};
template <detail::Respondable T>
struct IntoResponse<Created<T>> : IntoResponse<WithStatus<Status::created, T>> {
    static void into(Created<T>&& result, Request& request, Response& response) {
        IntoResponse<T>::into(std::move(result.value), request, response);
        response.status(Status::created);
        if (!result.location.empty()) response.header(Field::location, result.location);
    }
    static void document(OperationInfo& info) {
        IntoResponse<WithStatus<Status::created, T>>::document(info);
        info.response(Status::created).header("Location").description = "Where it is";
    }
};
template <class T>
struct IntoResponse<Accepted<T>> : IntoResponse<WithStatus<Status::accepted, T>> {};

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
    static void document(OperationInfo& info) {
        detail::document_result<std::remove_cvref_t<decltype(*std::declval<T&>())>>(info);
        const Status outer = info.answer_with(any_other);
        detail::document_result<std::remove_cvref_t<decltype(std::declval<T&>().error())>>(info);
        info.answer_with(outer);
    }
};

} // namespace armature

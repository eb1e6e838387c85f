#pragma once

#include <armature/app/extract.hpp>
#include <armature/app/into_response.hpp>
#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

#include <string>
#include <utility>

namespace armature {

/// JSON content. As a handler's parameter: the request's content, read into `T` and checked by its
/// rules. Content that isn't JSON is answered with 400, faults in it with 422 and all of them
/// listed, another media type with 415; `std::optional<Json<T>>` is nullopt for a request without
/// content. As a result: `T` written as JSON.
///
/// `T` is a struct with ARMATURE_DESCRIBE, or anything else that `read_json` and `write_json` take.
template <class T>
class Json : public Extracted<T> {
  public:
    using Extracted<T>::Extracted;
};

template <class T>
Json(T) -> Json<T>;

namespace detail {

/// Throws Error 415 unless the content is declared as JSON.
void require_json(const Request& request);
/// JSON content of that type, and the errors above.
void document_json(OperationInfo& info, const TypeInfo* type);
[[noreturn]] void throw_json_errors(JsonStatus status, JsonErrors& errors);

// Described structs, and lists of them, may be returned as they are.
template <class T>
concept DescribedResult = Described<T> || (RangeLike<T> && !MapLike<T> && requires {
                              typename T::value_type;
                          } && Described<typename T::value_type>);

} // namespace detail

template <class T>
struct Extract<Json<T>> {
    static constexpr bool needs_body = true;
    static bool is_present(const ExtractInput& input) noexcept {
        return !input.request.body().empty();
    }
    static Json<T> from(const ExtractInput& input) {
        detail::require_json(input.request);
        T value{};
        JsonErrors errors;
        const JsonStatus status = read_json(input.request.body().text(), value, errors);
        if (status != JsonStatus::ok) detail::throw_json_errors(status, errors);
        return Json<T>{std::move(value)};
    }
    static void document(OperationInfo& info) { detail::document_json(info, detail::type_of<T>()); }
};

template <class T>
struct IntoResponse<Json<T>> {
    static void into(Json<T>&& value, Request&, Response& response) {
        response.set_content("application/json", Body{to_json(*value)});
    }
    static void document(OperationInfo& info) {
        info.response("application/json", detail::type_of<T>());
    }
};

template <detail::DescribedResult T>
struct IntoResponse<T> {
    static void into(T&& value, Request&, Response& response) {
        response.set_content("application/json", Body{to_json(value)});
    }
    static void document(OperationInfo& info) {
        info.response("application/json", detail::type_of<T>());
    }
};

} // namespace armature

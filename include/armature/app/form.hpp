#pragma once

#include <armature/app/extract.hpp>
#include <armature/app/text_fields.hpp>

namespace armature {

/// What an HTML form sends, read into the described struct `T` and checked by its rules:
/// application/x-www-form-urlencoded, or multipart/form-data without files. As a handler's
/// parameter: `post([](Form<SignUp> form) { … })`. Files are for `Multipart`.
///
/// What members may be and how they are read: see `Query`. All faults are answered together with
/// 422, each with the JSON Pointer of its member; malformed multipart content and more than 1000
/// values with 400, another media type with 415.
///
/// `std::optional<Form<T>>` is nullopt for a request without content.
template <class T>
class Form : public Extracted<T> {
  public:
    using Extracted<T>::Extracted;
};

namespace detail {

void document_form(OperationInfo& info, const TypeInfo* type);
void read_form(const ExtractInput& input, void* object, const TextFields& fields);

} // namespace detail

template <class T>
struct Extract<Form<T>> {
    static constexpr bool needs_body = true;
    static bool is_present(const ExtractInput& input) noexcept {
        return !input.request.body().empty();
    }
    static Form<T> from(const ExtractInput& input) {
        if constexpr (!detail::is_text_struct<T>()) {
            static_assert(detail::is_text_struct<T>(),
                          "armature: Form<T> takes a struct with ARMATURE_DESCRIBE whose members "
                          "are numbers, bool, texts, described enumerations, or std::optional or "
                          "std::vector of these");
        } else {
            T value{};
            detail::read_form(input, &value, detail::text_fields<T>());
            return Form<T>{std::move(value)};
        }
    }
    static void document(OperationInfo& info) { detail::document_form(info, detail::type_of<T>()); }
};

} // namespace armature

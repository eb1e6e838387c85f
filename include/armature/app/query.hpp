#pragma once

#include <armature/app/extract.hpp>
#include <armature/app/text_fields.hpp>

namespace armature {

/// The query string, read into the described struct `T` and checked by its rules. As a handler's
/// parameter:
///
///     struct Search { std::string q; std::optional<int> page; std::vector<std::string> tag; };
///     ARMATURE_DESCRIBE(Search, (q, min_length(1)), (page, min(1)), tag);
///
///     get([](Query<Search> search) { … })      // ?q=ada&tag=a&tag=b
///
/// Members are numbers, bool (`true` and `false`), described enumerations, texts (a
/// std::string_view lives as long as the request), `std::optional` of one of these, which may be
/// absent, and vectors, which take every value of that name. An empty value of anything but text
/// counts as absent; parameters that `T` doesn't have are ignored. All faults are answered together
/// with 422, each with its parameter's name; more than 1000 parameters with 400.
///
/// `std::optional<Query<T>>` is nullopt for a request without a query string.
template <class T>
class Query : public Extracted<T> {
  public:
    using Extracted<T>::Extracted;
};

namespace detail {

void document_query(OperationInfo& info, const TypeInfo* type);
void read_query(const ExtractInput& input, void* object, const TextFields& fields);

} // namespace detail

template <class T>
struct Extract<Query<T>> {
    static bool is_present(const ExtractInput& input) noexcept {
        return !input.request.query_text().empty();
    }
    static Query<T> from(const ExtractInput& input) {
        if constexpr (!detail::is_text_struct<T>()) {
            static_assert(detail::is_text_struct<T>(),
                          "armature: Query<T> takes a struct with ARMATURE_DESCRIBE whose members "
                          "are numbers, bool, texts, described enumerations, or std::optional or "
                          "std::vector of these");
        } else {
            T value{};
            detail::read_query(input, &value, detail::text_fields<T>());
            return Query<T>{std::move(value)};
        }
    }
    static void document(OperationInfo& info) {
        detail::document_query(info, detail::type_of<T>());
    }
};

} // namespace armature

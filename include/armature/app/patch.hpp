#pragma once

#include <armature/app/json.hpp>
#include <armature/describe/type_info.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace armature {

namespace detail {

// Whether a patch can replace a member as a whole: no object that it would have to reach into.
template <class T, std::size_t I>
constexpr bool is_patchable() {
    constexpr const auto& member = description_of<T>.template get<I>();
    using M = typename std::remove_cvref_t<decltype(member)>::value_type;
    constexpr ValueKind kind = value_kind<typename without_optional<M>::type>;
    return member.notes.read_only || (kind != ValueKind::object && kind != ValueKind::variant &&
                                      kind != ValueKind::map && kind != ValueKind::optional);
}

// `T` as a request has to have it in which everything may be absent.
template <class T, class Indices>
struct PatchOf;
template <class T, std::size_t... I>
struct PatchOf<T, std::index_sequence<I...>> {
    static_assert((is_patchable<T, I>() && ...),
                  "armature: Patch<T> replaces members as a whole: one that is an object itself, a "
                  "map, a variant or a relation has to be read_only");

    static constexpr JsonFields fields{JsonFieldTable<T, std::index_sequence<I...>>::fields,
                                       sizeof...(I), 0};
    static constexpr auto name = [] {
        constexpr std::string_view own = unqualified(type_name<T>());
        constexpr std::string_view end = "Patch";
        std::array<char, own.size() + end.size()> text{};
        std::size_t size = 0;
        for (const std::string_view part : {own, end})
            for (const char c : part)
                text[size++] = c;
        return text;
    }();
    static constexpr auto members = [] {
        std::array<MemberInfo, sizeof...(I)> all{
            MemberInfos<T, std::index_sequence<I...>>::values[I]...};
        for (MemberInfo& member : all) {
            member.required = false;
            member.initial = nullptr; // what is absent isn't reset
        }
        return all;
    }();
    static constexpr TypeInfo info = [] {
        TypeInfo made;
        made.kind = ValueKind::object;
        made.name = {name.data(), name.size()};
        made.members = members;
        return made;
    }();
};

} // namespace detail

/// A handler's parameter: JSON content that changes some members of a `T` and leaves the others, a
/// JSON Merge Patch (RFC 7396). Null makes a `std::optional` member nullopt. `T` is a described
/// struct without objects in it, but for those that are `read_only`, as any such member is ignored.
///
///     Task<Post> patch(Path<std::int64_t> id, Patch<Post> patch) {
///         const Post original = co_await posts_.get(*id);
///         Post changed = patch.applied_to(original);
///         co_return co_await posts_.update(std::move(changed), original);
///     }
///
/// Another media type than application/merge-patch+json, application/json or another of JSON's is
/// answered with 415. It views the request's content, and lives as long as that.
template <class T>
class Patch {
    using Of = detail::PatchOf<T, typename decltype(description_of<T>)::indices>;

  public:
    explicit Patch(std::string_view text) noexcept : text_(text) {}

    /// `object` with what the content has. Throws `Error` 400 for what isn't JSON, and 422 with all
    /// faults of values that break the rules of `T`.
    [[nodiscard]] T applied_to(T object) const {
        JsonErrors errors;
        JsonReader reader(text_, errors);
        JsonStatus status = reader.read_object(&object, Of::fields);
        if (status != JsonStatus::malformed && reader.finish() != JsonStatus::ok)
            status = JsonStatus::malformed;
        if (status != JsonStatus::ok) detail::throw_json_errors(status, errors);
        return object;
    }
    /// What documents the content.
    [[nodiscard]] static constexpr const TypeInfo& type() noexcept { return Of::info; }

  private:
    std::string_view text_;
};

template <class T>
struct Extract<Patch<T>> {
    static constexpr bool needs_body = true;
    static Patch<T> from(const ExtractInput& input) {
        detail::require_json(input.request);
        return Patch<T>{input.request.body().text()};
    }
    static void document(OperationInfo& info) {
        info.content("application/merge-patch+json", &Patch<T>::type());
        detail::document_json(info, &Patch<T>::type());
    }
};

} // namespace armature

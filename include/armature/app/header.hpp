#pragma once

#include <armature/app/extract.hpp>

namespace armature {

/// A field of the request's head: `Header<"x-tenant">`, `Header<"content-length", std::uint64_t>`.
/// The name is written in lower case. `T` is what `Path` takes; a std::string_view lives as long as
/// the request. Of several lines of that name it is the first. Absent or no `T`: 400.
/// `std::optional<Header<…>>` is nullopt where it is absent.
template <FixedText Name, class T = std::string_view>
class Header : public Extracted<T> {
  public:
    using Extracted<T>::Extracted;
};

/// A cookie by its name, case included: `Cookie<"session">`. `T`, absence and malformed values are
/// as for `Header`. Of several cookies of that name it is the first, the one of the longest path.
template <FixedText Name, class T = std::string_view>
class Cookie : public Extracted<T> {
  public:
    using Extracted<T>::Extracted;
};

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1), syntactically checked; whether it is
/// good is for the application to say. Without one the answer is 401 with a challenge, with a
/// malformed one 400. The text lives as long as the request; keep it out of logs.
/// `std::optional<BearerToken>` is nullopt where there is no bearer token.
class BearerToken {
  public:
    explicit BearerToken(std::string_view text) noexcept : text_(text) {}
    [[nodiscard]] std::string_view view() const noexcept { return text_; }

  private:
    std::string_view text_;
};

namespace detail {

consteval bool is_lower_case_name(std::string_view name) {
    for (const char c : name)
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    return !name.empty();
}

void document_single(OperationInfo& info, ParameterIn in, std::string_view name,
                     const TypeInfo* type);
/// The first cookie of that name.
[[nodiscard]] std::optional<std::string_view> cookie_text(const ExtractInput& input,
                                                          std::string_view name) noexcept;
/// Error 400: "The header x-id is missing", or "… must be " what is wanted.
[[noreturn]] void throw_missing(std::string_view what, std::string_view name);
[[noreturn]] void throw_bad(std::string_view what, std::string_view name, std::string wanted);

template <class T>
T read_single(std::optional<std::string_view> text, std::string_view what, std::string_view name) {
    if (!text) throw_missing(what, name);
    T value{};
    if (!read_text(*text, value)) throw_bad(what, name, wanted_text<T>());
    return value;
}

} // namespace detail

template <FixedText Name, class T>
struct Extract<Header<Name, T>> {
    static bool is_present(const ExtractInput& input) noexcept { return find(input).has_value(); }
    static Header<Name, T> from(const ExtractInput& input) {
        if constexpr (!detail::is_lower_case_name(Name.view()))
            static_assert(detail::is_lower_case_name(Name.view()),
                          "armature: the name in Header<\"name\"> is a field's, in lower case");
        else if constexpr (!detail::is_text_value<T>)
            static_assert(detail::is_text_value<T>,
                          "armature: Header<\"name\", T> takes a number, bool, a described "
                          "enumeration, std::string, std::string_view or a type with a TextForm");
        else
            return Header<Name, T>{detail::read_single<T>(find(input), "header", Name.view())};
    }

    static void document(OperationInfo& info) {
        detail::document_single(info, ParameterIn::header, Name.view(), detail::type_of<T>());
    }

  private:
    static std::optional<std::string_view> find(const ExtractInput& input) noexcept {
        return input.request.header(FieldName{Name.text});
    }
};

template <FixedText Name, class T>
struct Extract<Cookie<Name, T>> {
    static bool is_present(const ExtractInput& input) noexcept {
        return detail::cookie_text(input, Name.view()).has_value();
    }
    static Cookie<Name, T> from(const ExtractInput& input) {
        if constexpr (!detail::is_text_value<T>)
            static_assert(detail::is_text_value<T>,
                          "armature: Cookie<\"name\", T> takes a number, bool, a described "
                          "enumeration, std::string, std::string_view or a type with a TextForm");
        else
            return Cookie<Name, T>{detail::read_single<T>(detail::cookie_text(input, Name.view()),
                                                          "cookie", Name.view())};
    }
    static void document(OperationInfo& info) {
        detail::document_single(info, ParameterIn::cookie, Name.view(), detail::type_of<T>());
    }
};

template <>
struct Extract<BearerToken> {
    static bool is_present(const ExtractInput& input) noexcept;
    static BearerToken from(const ExtractInput& input);
    static void document(OperationInfo& info);
};

} // namespace armature

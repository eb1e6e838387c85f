#pragma once

#include <armature/core/status.hpp>
#include <armature/describe/type_info.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

struct OperationInfo;

enum class ParameterIn : std::uint8_t { path, query, header, cookie };

/// A parameter of an operation, or a field of a response.
struct ParameterInfo {
    ParameterIn in = ParameterIn::query;
    std::string name;
    const TypeInfo* type = nullptr; ///< null: text
    bool required = true;
    const MemberInfo* member = nullptr; ///< whose rules and documentation hold for it, if any
    std::string description;
    std::string example; ///< JSON text
    bool deprecated = false;
};

/// Content in one media type.
struct ContentInfo {
    std::string media_type;
    const TypeInfo* type = nullptr; ///< null: whatever the media type allows
    std::string example;            ///< JSON text
};

/// What a response may have. Status 0 (`any_success`) stands for a success whose status is only
/// known at run time, status 1 (`any_other`) for all that the operation doesn't list.
struct ResponseInfo {
    Status status = Status::ok;
    std::string description; ///< empty: the status' reason phrase
    std::vector<ContentInfo> contents;
    std::vector<ParameterInfo> headers;

    /// The field of that name, added if it is new.
    ParameterInfo& header(std::string_view name, const TypeInfo* type = nullptr);
};
inline constexpr Status any_success{0};
inline constexpr Status any_other{1};

/// How a client shows who it is.
struct SecurityScheme {
    enum class Kind : std::uint8_t { bearer, basic, api_key, openid_connect };

    Kind kind = Kind::bearer;
    std::string name; ///< what the document calls it; one name is one scheme
    std::string description;
    std::string format;                   ///< of bearer tokens: "JWT", for people
    ParameterIn in = ParameterIn::header; ///< where the API key is
    std::string parameter;                ///< the API key's header, query parameter or cookie
    std::string url;                      ///< OpenID Connect's discovery document
    std::vector<std::string> scopes;      ///< what the operation needs of it

    [[nodiscard]] static SecurityScheme bearer(std::string_view format = "");
    [[nodiscard]] static SecurityScheme basic();
    [[nodiscard]] static SecurityScheme api_key(ParameterIn in, std::string_view parameter);
    [[nodiscard]] static SecurityScheme openid_connect(std::string_view url);
};

/// Adds to an operation what an extractor, a result or a middleware means for its clients.
using DocumentHook = void (*)(OperationInfo& operation);

/// What one method of one path says of itself; see `Application::operations`. Collected when asked,
/// never at a request, from the hooks of what the route is made of:
///
///     static void document(OperationInfo&);   // of Extract<T> and IntoResponse<T>
///     void document(OperationInfo&) const;    // of middleware
///
/// and from what the route says itself: `.summary("…")`, `.tag("…")`, `.document(hook)`.
struct OperationInfo {
    std::string method;  ///< "GET"; "ANY" for a handler of every method
    std::string pattern; ///< the route's, with its scopes' prefixes
    std::string summary; ///< one line
    std::string description;
    std::string operation_id; ///< empty: one is derived from the method and the pattern
    std::vector<std::string> tags;
    bool deprecated = false;
    bool hidden = false; ///< served, but in no document
    std::vector<ParameterInfo> parameters;
    std::vector<ContentInfo> body; ///< the request's content in each of its media types
    bool body_required = true;
    std::vector<ResponseInfo> responses;
    std::vector<SecurityScheme> security; ///< all of them at once

    /// The parameter of that place and name, added if it is new.
    ParameterInfo& parameter(ParameterIn in, std::string_view name, const TypeInfo* type,
                             bool required = true);
    /// The next parameter of the pattern, whose name it has; and 400 for values that don't fit.
    void path_parameter(const TypeInfo* type);

    /// One parameter for each member of a described struct.
    void parameters_of(ParameterIn in, const TypeInfo& type);

    /// Content that the request may have; and 413 for too much of it.
    ContentInfo& content(std::string_view media_type, const TypeInfo* type);

    /// The response with that status, added if it is new.
    ResponseInfo& response(Status status);
    /// Content of the response that is being documented; see `answer_with`.
    ResponseInfo& response(std::string_view media_type, const TypeInfo* type);
    /// An error with problem details (RFC 9457).
    ResponseInfo& error(Status status);

    void requires_security(SecurityScheme scheme);

    /// Which status the responses have that are documented next: 200 until this is called.
    /// Returns the one before.
    Status answer_with(Status status);
    [[nodiscard]] Status answers_with() const noexcept { return answers_with_; }

    /// Runs a hook; what it adds to the request is optional.
    void optional(DocumentHook hook);

    /// How many parameters of the pattern `path_parameter` took.
    [[nodiscard]] std::size_t path_count() const noexcept { return path_count_; }

  private:
    Status answers_with_ = Status::ok;
    std::size_t path_count_ = 0;
};

namespace detail {

// Null for types without a description, which handlers may read and write all the same.
template <class T>
constexpr const TypeInfo* type_of() noexcept {
    if constexpr (value_kind<T> == ValueKind::unsupported)
        return nullptr;
    else
        return &type_info<T>();
}

} // namespace detail

} // namespace armature

#include "core/characters.hpp"

#include <armature/app/header.hpp>
#include <armature/core/cookie.hpp>

namespace armature {

namespace detail {

void document_single(OperationInfo& info, ParameterIn in, std::string_view name,
                     const TypeInfo* type) {
    info.parameter(in, name, type);
    info.error(Status::bad_request);
}

std::optional<std::string_view> cookie_text(const ExtractInput& input,
                                            std::string_view name) noexcept {
    return find_cookie(input.request.headers(), name);
}

void throw_missing(std::string_view what, std::string_view name) {
    throw Error::bad_request(
        std::string{"The "}.append(what).append(" ").append(name).append(" is missing"));
}

void throw_bad(std::string_view what, std::string_view name, std::string wanted) {
    throw Error::bad_request(std::string{"The "}
                                 .append(what)
                                 .append(" ")
                                 .append(name)
                                 .append(" must be ")
                                 .append(wanted));
}

} // namespace detail

namespace {

constexpr std::string_view scheme = "Bearer";

// What follows the scheme, spaces included; nullopt if there is another scheme or none.
std::optional<std::string_view> bearer_credentials(const Request& request) noexcept {
    const auto field = request.header(Field::authorization);
    if (!field || !Headers::equal_names(field->substr(0, scheme.size()), scheme))
        return std::nullopt;
    const std::string_view rest = field->substr(scheme.size());
    if (!rest.empty() && rest.front() != ' ') return std::nullopt;
    return rest;
}

// b64token of RFC 6750 §2.1
bool is_b64token(std::string_view text) noexcept {
    static constexpr CharacterSet characters = CharacterSet::alphanumeric_and("-._~+/");
    const std::size_t size = text.find_last_not_of('=') + 1;
    for (const char c : text.substr(0, size))
        if (!characters.contains(c)) return false;
    return size != 0;
}

} // namespace

bool Extract<BearerToken>::is_present(const ExtractInput& input) noexcept {
    return bearer_credentials(input.request).has_value();
}

BearerToken Extract<BearerToken>::from(const ExtractInput& input) {
    const auto credentials = bearer_credentials(input.request);
    // RFC 6750 §3.1: no error code for a request that doesn't try to authenticate.
    if (!credentials)
        throw Error::unauthorized("Send a bearer token")
            .header("www-authenticate", "Bearer realm=\"api\"");
    std::string_view token = *credentials;
    while (!token.empty() && token.front() == ' ')
        token.remove_prefix(1);
    std::size_t fields = 0;
    input.request.headers().all(Field::authorization, [&](std::string_view) { ++fields; });
    if (fields != 1 || !is_b64token(token))
        throw Error::bad_request("The Authorization field is malformed")
            .header("www-authenticate", "Bearer realm=\"api\", error=\"invalid_request\"");
    return BearerToken{token};
}

void Extract<BearerToken>::document(OperationInfo& info) {
    info.requires_security(SecurityScheme::bearer());
    info.error(Status::bad_request);
    info.error(Status::unauthorized);
}

} // namespace armature

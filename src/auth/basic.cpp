
#include <armature/auth/basic.hpp>
#include <armature/core/base64.hpp>

#include <algorithm>
#include <stdexcept>

namespace armature::detail {

BasicChallenge::BasicChallenge(std::string_view realm) {
    const bool fits = !realm.empty() && std::all_of(realm.begin(), realm.end(), [](char c) {
        return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
    });
    if (!fits)
        throw std::invalid_argument("armature: the realm of basic_auth is visible ASCII without "
                                    "quotes and backslashes");
    text_ = "Basic realm=\"" + std::string{realm} + "\", charset=\"UTF-8\"";
}

void BasicChallenge::refuse() const {
    throw Error::unauthorized("Log in with your name and password")
        .header("www-authenticate", text_);
}

BasicCredentials BasicChallenge::read(Request& request) const {
    constexpr std::string_view scheme = "Basic ";
    std::size_t fields = 0;
    request.headers().all(Field::authorization, [&](std::string_view) { ++fields; });
    const auto field = request.header(Field::authorization);
    if (!field || !Headers::equal_names(field->substr(0, scheme.size()), scheme)) refuse();
    std::string_view encoded = field->substr(scheme.size());
    while (encoded.starts_with(' '))
        encoded.remove_prefix(1);
    std::optional<std::string> text;
    if (fields == 1) text = from_base64(encoded);
    const std::size_t colon = text ? text->find(':') : std::string::npos;
    const bool has_control =
        text && std::any_of(text->begin(), text->end(), [](char c) {
            return static_cast<unsigned char>(c) < ' ' || c == 0x7f; // RFC 7617 §2
        });
    if (colon == std::string::npos || has_control)
        throw Error::bad_request("The Authorization field is malformed");
    BasicCredentials credentials;
    credentials.user = text->substr(0, colon);
    credentials.password = SecretString{text->substr(colon + 1)};
    wipe(text->data(), text->size());
    return credentials;
}

void accept_principal(Request& request, Principal principal) { request.set(std::move(principal)); }

void document_basic(OperationInfo& info) {
    info.requires_security(SecurityScheme::basic());
    info.error(Status::bad_request);
    info.error(Status::unauthorized);
}

} // namespace armature::detail

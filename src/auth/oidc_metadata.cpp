#include "auth/oidc_metadata.hpp"

#include "auth/json_object.hpp"
#include "auth/url_check.hpp"

#include <algorithm>
#include <stdexcept>

namespace armature::auth {
namespace {

using nlohmann::json;

std::string url_member(const json& document, const char* name) {
    const std::string* const text = text_member(document, name);
    if (text == nullptr)
        throw std::invalid_argument(std::string{"armature: the provider's metadata lacks "} + name);
    check_secure_url(*text, name);
    return *text;
}

// A list that is left out stands for what the specification says.
bool lists(const json& document, const char* name, std::string_view wanted, bool without) {
    const auto found = document.find(name);
    if (found == document.end()) return without;
    return found->is_array() && std::any_of(found->begin(), found->end(),
                                            [&](const json& one) { return one == wanted; });
}

} // namespace

OidcMetadata read_oidc_metadata(std::string_view text, std::string_view issuer, Client& client) {
    const std::optional<json> document = read_object(text);
    if (!document) throw std::invalid_argument("armature: the provider's metadata is no object");
    const std::string* const says = text_member(*document, "issuer");
    if (says == nullptr || *says != issuer)
        throw std::invalid_argument("armature: the metadata is of another issuer");
    if (!lists(*document, "response_types_supported", "code", true))
        throw std::invalid_argument("armature: the provider doesn't give out codes");
    if (!lists(*document, "code_challenge_methods_supported", "S256", true))
        throw std::invalid_argument("armature: the provider doesn't support PKCE with S256");

    OidcMetadata metadata;
    metadata.authorization_endpoint = url_member(*document, "authorization_endpoint");
    metadata.token_endpoint = url_member(*document, "token_endpoint");
    if (document->contains("end_session_endpoint"))
        metadata.end_session_endpoint = url_member(*document, "end_session_endpoint");
    const auto with_issuer = document->find("authorization_response_iss_parameter_supported");
    metadata.answers_with_issuer = with_issuer != document->end() && *with_issuer == true;
    metadata.takes_basic =
        lists(*document, "token_endpoint_auth_methods_supported", "client_secret_basic", true);
    metadata.keys = std::make_shared<RemoteJwks>(client, url_member(*document, "jwks_uri"));
    return metadata;
}

} // namespace armature::auth

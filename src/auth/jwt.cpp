#include "auth/json_object.hpp"
#include "auth/jws.hpp"
#include "auth/key.hpp"
#include "core/unix_time.hpp"

#include <armature/auth/jwt.hpp>
#include <armature/core/base64.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace armature {
namespace {

using nlohmann::json;
using Reason = JwtError::Reason;

[[noreturn]] void refuse(Reason reason) { throw JwtError{reason}; }

constexpr std::size_t max_key_id = 256;

std::string lower_type(std::string_view type) {
    std::string lower{type};
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    // RFC 7515 §4.1.9: it may be left out where there is no other slash.
    if (lower.starts_with("application/") && lower.find('/', 12) == std::string::npos)
        lower.erase(0, 12);
    return lower;
}

json object_of(std::string_view segment) {
    const std::optional<std::string> text = from_base64url(segment);
    std::optional<json> object;
    if (text) object = auth::read_object(*text);
    if (!object) refuse(Reason::malformed);
    return *std::move(object);
}

std::string text_claim(const json& claims, const char* name) {
    const auto found = claims.find(name);
    if (found == claims.end()) return {};
    if (!found->is_string()) refuse(Reason::claims);
    return found->get<std::string>();
}

// NumericDate of RFC 7519 §2; fractions are allowed, and rounded down.
std::optional<std::int64_t> time_claim(const json& claims, const char* name) {
    const auto found = claims.find(name);
    if (found == claims.end()) return std::nullopt;
    if (!found->is_number()) refuse(Reason::claims);
    const double seconds = found->get<double>();
    constexpr double limit = 1e15; // exact as a double, and sums of two stay far from overflow
    if (!(seconds > -limit && seconds < limit)) refuse(Reason::claims);
    return static_cast<std::int64_t>(std::floor(seconds));
}

std::vector<std::string> list_claim(const json& claims, const char* name) {
    std::vector<std::string> texts;
    const auto found = claims.find(name);
    if (found == claims.end()) return texts;
    if (found->is_string()) {
        texts.push_back(found->get<std::string>());
        return texts;
    }
    if (!found->is_array()) refuse(Reason::claims);
    for (const json& one : *found) {
        if (!one.is_string()) refuse(Reason::claims);
        texts.push_back(one.get<std::string>());
    }
    return texts;
}

// Of texts separated by spaces.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end != 0) words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

JwtClaims read_claims(std::string text) {
    const std::optional<json> object = auth::read_object(text);
    if (!object) refuse(Reason::malformed);
    JwtClaims claims;
    claims.issuer = text_claim(*object, "iss");
    claims.subject = text_claim(*object, "sub");
    claims.id = text_claim(*object, "jti");
    claims.audience = list_claim(*object, "aud");
    claims.expires_at = time_claim(*object, "exp");
    claims.not_before = time_claim(*object, "nbf");
    claims.issued_at = time_claim(*object, "iat");
    claims.roles = list_claim(*object, "roles");
    claims.scopes = object->contains("scope") ? words_of(text_claim(*object, "scope"))
                                              : list_claim(*object, "scp");
    claims.json = std::move(text);
    return claims;
}

void check_times(const JwtClaims& claims, const JwtRules& rules, std::int64_t now) {
    const std::int64_t skew = rules.clock_skew.count() / 1000;
    // RFC 7519 §4.1.4: not accepted on or after it.
    if (!claims.expires_at) refuse(Reason::claims);
    if (now - skew >= *claims.expires_at) refuse(Reason::expired);
    if (claims.not_before && now + skew < *claims.not_before) refuse(Reason::not_yet_valid);
    if (claims.issued_at && now + skew < *claims.issued_at) refuse(Reason::not_yet_valid);
    if (rules.max_age) {
        if (!claims.issued_at) refuse(Reason::claims);
        if (now - skew > *claims.issued_at + rules.max_age.count() / 1000) refuse(Reason::expired);
    }
}

} // namespace

const char* JwtError::what() const noexcept {
    switch (reason_) {
    case Reason::malformed:
        return "The token is malformed";
    case Reason::algorithm:
        return "The token's algorithm is not accepted";
    case Reason::critical:
        return "The token demands an extension that is not supported";
    case Reason::type:
        return "The token is for something else";
    case Reason::key:
        return "The token's key is unknown";
    case Reason::signature:
        return "The token's signature is wrong";
    case Reason::claims:
        return "The token lacks a claim, or has a malformed one";
    case Reason::expired:
        return "The token has expired";
    case Reason::not_yet_valid:
        return "The token is not valid yet";
    case Reason::issuer:
        return "The token is of another issuer";
    case Reason::audience:
        return "The token is for another audience";
    }
    return "The token is not accepted";
}

std::optional<std::string> JwtClaims::text(std::string_view name) const {
    const std::optional<nlohmann::json> object = auth::read_object(json);
    if (!object) return std::nullopt;
    const std::string* const found = auth::text_member(*object, std::string{name}.c_str());
    if (found == nullptr) return std::nullopt;
    return *found;
}

namespace auth {

void check_rules(const JwtRules& rules) {
    if (rules.issuer.empty())
        throw std::invalid_argument(
            "armature: JwtRules::issuer has to say whose tokens are accepted: the \"iss\" in them");
    if (rules.audience.empty())
        throw std::invalid_argument("armature: JwtRules::audience has to say what this service is "
                                    "in tokens: their \"aud\"");
    if (rules.type.empty())
        throw std::invalid_argument("armature: JwtRules::type can't be empty; "
                                    "jwt_type::any_jwt is for issuers that don't tell types apart");
    if (rules.clock_skew < Duration{} || rules.clock_skew > Duration::seconds(600))
        throw std::invalid_argument("armature: JwtRules::clock_skew is at most ten minutes");
    if (rules.max_age < Duration{})
        throw std::invalid_argument("armature: JwtRules::max_age can't be negative");
}

void check_remote_algorithms(const JwtRules& rules) {
    using enum JwsAlgorithm;
    const bool has_hmac =
        std::any_of(rules.algorithms.begin(), rules.algorithms.end(),
                    [](JwsAlgorithm one) { return one == hs256 || one == hs384 || one == hs512; });
    if (rules.algorithms.empty() || has_hmac)
        throw std::invalid_argument("armature: name in JwtRules::algorithms what the issuer signs "
                                    "with, such as JwsAlgorithm::rs256; an HMAC's key can't be "
                                    "published");
}

Jws take_apart(std::string_view token, const JwtRules& rules) {
    if (token.size() > rules.max_size) refuse(Reason::malformed);
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
        refuse(Reason::malformed);

    const json header = object_of(token.substr(0, first));
    Jws jws;
    const std::string* const alg = text_member(header, "alg");
    if (alg == nullptr) refuse(Reason::malformed);
    const std::optional<JwsAlgorithm> algorithm = find_jws_algorithm(*alg);
    if (!algorithm ||
        (!rules.algorithms.empty() && std::find(rules.algorithms.begin(), rules.algorithms.end(),
                                                *algorithm) == rules.algorithms.end()))
        refuse(Reason::algorithm);
    jws.algorithm = *algorithm;
    // No extension is understood here, so whatever it lists is refused (RFC 7515 §4.1.11).
    if (header.contains("crit")) refuse(Reason::critical);
    if (const auto kid = header.find("kid"); kid != header.end()) {
        if (!kid->is_string() || kid->get_ref<const std::string&>().size() > max_key_id)
            refuse(Reason::malformed);
        jws.key_id = kid->get<std::string>();
    }
    jws.type = "jwt";
    if (const auto typ = header.find("typ"); typ != header.end()) {
        if (!typ->is_string()) refuse(Reason::malformed);
        jws.type = lower_type(typ->get_ref<const std::string&>());
    }
    if (jws.type != lower_type(rules.type)) refuse(Reason::type);

    jws.signed_part = token.substr(0, second);
    jws.payload = token.substr(first + 1, second - first - 1);
    std::optional<std::string> signature = from_base64url(token.substr(second + 1));
    if (!signature) refuse(Reason::malformed);
    jws.signature = *std::move(signature);
    return jws;
}

JwtClaims check(const Jws& jws, const Jwk* key, const JwtRules& rules, std::int64_t now) {
    if (key == nullptr) refuse(Reason::key);
    if (!verify(key->data(), jws.algorithm, jws.signed_part, jws.signature))
        refuse(Reason::signature);
    std::optional<std::string> payload = from_base64url(jws.payload);
    if (!payload) refuse(Reason::malformed);
    JwtClaims claims = read_claims(*std::move(payload));
    if (claims.issuer != rules.issuer) refuse(Reason::issuer);
    if (std::find(claims.audience.begin(), claims.audience.end(), rules.audience) ==
        claims.audience.end())
        refuse(Reason::audience);
    check_times(claims, rules, now);
    return claims;
}

} // namespace auth

JwtVerifier::JwtVerifier(JwkSet keys, JwtRules rules)
    : keys_(std::move(keys)), rules_(std::move(rules)) {
    auth::check_rules(rules_);
    if (keys_.empty())
        throw std::invalid_argument("armature: a JwtVerifier needs a key to verify tokens with");
    for (const Jwk& key : keys_.keys()) {
        const auto usable = [&](JwsAlgorithm one) { return key.allows(one); };
        if (rules_.algorithms.empty()
                ? !key.algorithm()
                : std::none_of(rules_.algorithms.begin(), rules_.algorithms.end(), usable))
            throw std::invalid_argument("armature: say in JwtRules::algorithms which algorithm the "
                                        "key \"" +
                                        key.id() + "\" verifies");
    }
}

JwtClaims JwtVerifier::verify(std::string_view token) const {
    return verify(token, unix_seconds());
}

JwtClaims JwtVerifier::verify(std::string_view token, std::int64_t now) const {
    const auth::Jws jws = auth::take_apart(token, rules_);
    return auth::check(jws, keys_.find(jws.key_id, jws.algorithm), rules_, now);
}

JwtSigner::JwtSigner(Jwk key) : key_(std::move(key)) {
    if (!key_.can_sign())
        throw std::invalid_argument("armature: a public key can't sign; JwtSigner needs the "
                                    "private one");
    if (!key_.algorithm())
        throw std::invalid_argument("armature: say how to sign with this key: "
                                    "key.for_algorithm(JwsAlgorithm::ps256)");
}

std::string JwtSigner::sign(const JwtClaims& claims, std::string_view type) const {
    if (!claims.expires_at)
        throw std::invalid_argument("armature: a token needs an expiry: JwtClaims::expires_at");
    json payload = json::object();
    if (!claims.json.empty()) {
        std::optional<json> more = auth::read_object(claims.json);
        if (!more) throw std::invalid_argument("armature: JwtClaims::json has to be a JSON object");
        payload = *std::move(more);
    }
    const auto put = [&payload](const char* name, json value) {
        if (!payload.emplace(name, std::move(value)).second)
            throw std::invalid_argument(
                std::string{"armature: JwtClaims::json repeats the claim "} + name);
    };
    if (!claims.issuer.empty()) put("iss", claims.issuer);
    if (!claims.subject.empty()) put("sub", claims.subject);
    if (claims.audience.size() == 1) put("aud", claims.audience.front());
    if (claims.audience.size() > 1) put("aud", claims.audience);
    put("exp", *claims.expires_at);
    if (claims.not_before) put("nbf", *claims.not_before);
    if (claims.issued_at) put("iat", *claims.issued_at);
    if (!claims.id.empty()) put("jti", claims.id);
    if (!claims.roles.empty()) put("roles", claims.roles);
    if (!claims.scopes.empty()) {
        std::string scope;
        for (const std::string& one : claims.scopes)
            scope.append(scope.empty() ? "" : " ").append(one);
        put("scope", std::move(scope));
    }

    json header;
    header["alg"] = to_string(*key_.algorithm());
    header["typ"] = type;
    if (!key_.id().empty()) header["kid"] = key_.id();
    std::string token = to_base64url(to_json(header));
    token.append(".").append(to_base64url(to_json(payload)));
    const std::string signature = auth::sign(key_.data(), *key_.algorithm(), token);
    token.append(".").append(to_base64url(signature));
    return token;
}

JwtClaims jwt_claims(std::string_view issuer, std::string_view subject, std::string_view audience,
                     Duration lifetime) {
    JwtClaims claims;
    claims.issuer = issuer;
    claims.subject = subject;
    claims.audience.emplace_back(audience);
    claims.issued_at = unix_seconds();
    claims.expires_at = *claims.issued_at + lifetime.count() / 1000;
    claims.id = to_base64url(crypto::random_bytes(16));
    return claims;
}

} // namespace armature

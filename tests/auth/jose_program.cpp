// What jose.mjs talks to. A line is a command: "sign ALGORITHM SECRET" answers with the public key
// (or the secret) and a token, "verify KEY TOKEN", whose key is a JWK in base64url, with the
// claims.

#include <armature/auth/jwt.hpp>
#include <armature/core/base64.hpp>

#include <exception>
#include <iostream>
#include <sstream>
#include <string>

using namespace armature;

namespace {

JwtRules rules() {
    JwtRules rules;
    rules.issuer = "https://login.example";
    rules.audience = "api";
    return rules;
}

std::string sign(const std::string& name, const std::string& secret) {
    const JwsAlgorithm algorithm = find_jws_algorithm(name).value();
    const bool is_hmac = name.starts_with("HS");
    const Jwk key =
        is_hmac ? Jwk::secret(from_base64url(secret).value(), algorithm) : Jwk::generate(algorithm);
    JwtClaims claims = jwt_claims("https://login.example", "user-7", "api", Duration::seconds(600));
    claims.scopes = {"a", "b"};
    claims.json = R"({"name":"Zoë \u0001"})";
    return (is_hmac ? "{}" : key.public_json()) + " " + JwtSigner{key}.sign(claims);
}

std::string verify(const std::string& key, const std::string& token) {
    const Jwk jwk = Jwk::from_json(from_base64url(key).value());
    return JwtVerifier{jwk, rules()}.verify(token).json;
}

} // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words{line};
        std::string command, first, second;
        words >> command >> first >> second;
        try {
            std::cout << (command == "sign" ? sign(first, second) : verify(first, second)) << '\n';
        } catch (const std::exception& error) {
            std::cout << "refused: " << error.what() << '\n';
        }
        std::cout.flush();
    }
}

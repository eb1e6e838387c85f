#include "auth/base32.hpp"
#include "core/unix_time.hpp"
#include "crypto/crypto.hpp"

#include <armature/auth/api_key.hpp>
#include <armature/core/constant_time.hpp>

#include <algorithm>
#include <stdexcept>

namespace armature {
namespace {

constexpr std::size_t id_size = 16;     // characters of 5 bits
constexpr std::size_t secret_size = 52; // 256 bits

std::string lower_base32(std::string_view bytes) {
    std::string text = auth::to_base32(bytes);
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::string hash_of(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const char byte : crypto::sha256(text)) {
        hex.push_back(digits[static_cast<unsigned char>(byte) >> 4]);
        hex.push_back(digits[static_cast<unsigned char>(byte) & 0xf]);
    }
    return hex;
}

void check_prefix(std::string_view prefix) {
    const bool fits = std::all_of(prefix.begin(), prefix.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (prefix.empty() || prefix.size() > 20 || !fits)
        throw std::invalid_argument("armature: the prefix of API keys is 1 to 20 lower-case "
                                    "letters, digits and hyphens");
}

} // namespace

ApiKey ApiKey::generate(std::string_view prefix) {
    check_prefix(prefix);
    ApiKey key;
    key.id = lower_base32(crypto::random_bytes(id_size * 5 / 8));
    std::string text{prefix};
    text.append("_").append(key.id).append("_").append(lower_base32(crypto::random_bytes(32)));
    key.hash = hash_of(text);
    key.text = SecretString{std::move(text)};
    return key;
}

namespace detail {

ApiKeyReader::ApiKeyReader(ApiKeyOptions options) : options_(std::move(options)) {
    check_prefix(options_.prefix);
    Headers{}.append(options_.header, "x"); // throws for what is no field's name
    challenge_ = "ApiKey header=\"" + options_.header + "\"";
}

void ApiKeyReader::refuse() const {
    throw Error::unauthorized("Send a valid API key as " + options_.header)
        .header("www-authenticate", challenge_);
}

std::string_view ApiKeyReader::text(Request& request) const {
    std::size_t fields = 0;
    request.headers().all(options_.header, [&](std::string_view) { ++fields; });
    const std::string_view text = request.header(options_.header).value_or("");
    const std::size_t prefix = options_.prefix.size();
    const auto is_base32 = [](std::string_view part) {
        return std::all_of(part.begin(), part.end(),
                           [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); });
    };
    if (fields != 1 || text.size() != prefix + 1 + id_size + 1 + secret_size ||
        !text.starts_with(options_.prefix) || text[prefix] != '_' ||
        text[prefix + 1 + id_size] != '_' || !is_base32(text.substr(prefix + 1, id_size)) ||
        !is_base32(text.substr(prefix + 2 + id_size)))
        refuse();
    return text;
}

std::string ApiKeyReader::id(std::string_view text) const {
    return std::string{text.substr(options_.prefix.size() + 1, id_size)};
}

void ApiKeyReader::accept(Request& request, std::string_view text,
                          std::optional<StoredApiKey> stored) const {
    const std::string hash = hash_of(text);
    const bool matches = constant_time_equal(hash, stored ? stored->hash : std::string(64, '-'));
    if (!stored || !matches || (stored->expires_at && unix_seconds() >= *stored->expires_at))
        refuse();
    request.set(std::move(stored->principal));
}

void ApiKeyReader::document(OperationInfo& info) const {
    info.requires_security(SecurityScheme::api_key(ParameterIn::header, options_.header));
    info.error(Status::unauthorized);
}

} // namespace detail
} // namespace armature

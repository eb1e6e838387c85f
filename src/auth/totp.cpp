#include "auth/base32.hpp"
#include "core/unix_time.hpp"
#include "crypto/crypto.hpp"

#include <armature/auth/totp.hpp>
#include <armature/core/constant_time.hpp>
#include <armature/core/url.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace armature {
namespace {

const EVP_MD* digest_of(TotpHash hash) noexcept {
    switch (hash) {
    case TotpHash::sha1:
        return ::EVP_sha1();
    case TotpHash::sha256:
        return ::EVP_sha256();
    case TotpHash::sha512:
        break;
    }
    return ::EVP_sha512();
}

SecretString key_of(const SecretString& secret) {
    std::string text = secret.expose();
    std::erase(text, ' ');
    while (text.ends_with('='))
        text.pop_back();
    std::optional<std::string> key = auth::from_base32(text);
    detail::wipe(text.data(), text.size());
    if (!key || key->empty())
        throw std::invalid_argument("armature: a secret of TOTP is text in base32");
    return SecretString{*std::move(key)};
}

// HOTP of RFC 4226 §5.3.
std::string code_of(const TotpOptions& options, const SecretString& key, std::int64_t step) {
    std::array<char, 8> counter{};
    for (std::size_t i = 0; i < counter.size(); ++i)
        counter[i] = static_cast<char>(static_cast<std::uint64_t>(step) >> (56 - 8 * i));
    const std::string mac = crypto::hmac(digest_of(options.hash), key.expose(),
                                         std::string_view{counter.data(), counter.size()});
    const std::size_t offset = static_cast<unsigned char>(mac.back()) & 0xf;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i)
        number = (number << 8) | static_cast<unsigned char>(mac[offset + i]);
    number &= 0x7fffffff;
    std::string code(options.digits, '0');
    for (std::size_t i = options.digits; i-- > 0; number /= 10)
        code[i] = static_cast<char>('0' + number % 10);
    return code;
}

} // namespace

Totp::Totp(TotpOptions options) : options_(options) {
    if (options.digits < 6 || options.digits > 8 || options.period < 1 || options.period > 300 ||
        options.window > 2)
        throw std::invalid_argument("armature: TotpOptions: 6 to 8 digits, a period of 1 to 300 "
                                    "seconds, a window of at most 2 periods");
}

SecretString Totp::make_secret() { return SecretString{auth::to_base32(crypto::random_bytes(20))}; }

SecretString Totp::uri(std::string_view issuer, std::string_view account,
                       const SecretString& secret) const {
    constexpr std::array<std::string_view, 3> names{"SHA1", "SHA256", "SHA512"};
    const std::string from = percent_encode(issuer, EncodeSet::query_component);
    std::string text = "otpauth://totp/" + from + ":" +
                       percent_encode(account, EncodeSet::query_component) +
                       "?secret=" + secret.expose() + "&issuer=" + from;
    text.append("&algorithm=").append(names[static_cast<std::size_t>(options_.hash)]);
    text.append("&digits=").append(std::to_string(options_.digits));
    text.append("&period=").append(std::to_string(options_.period));
    return SecretString{std::move(text)};
}

std::string Totp::code_at(const SecretString& secret, std::int64_t time) const {
    return code_of(options_, key_of(secret), time / options_.period);
}

std::optional<std::int64_t> Totp::verify(const SecretString& secret, std::string_view code,
                                         std::optional<std::int64_t> after) const {
    return verify(secret, code, after, unix_seconds());
}

std::optional<std::int64_t> Totp::verify(const SecretString& secret, std::string_view code,
                                         std::optional<std::int64_t> after,
                                         std::int64_t now) const {
    const SecretString key = key_of(secret);
    const std::int64_t current = now / options_.period;
    const auto window = static_cast<std::int64_t>(options_.window);
    std::optional<std::int64_t> found;
    // All of them, whichever fits: the time tells nothing.
    for (std::int64_t step = current - window; step <= current + window; ++step) {
        const bool fits = constant_time_equal(code_of(options_, key, step), code);
        if (fits && (!after || step > *after)) found = step;
    }
    return found;
}

} // namespace armature

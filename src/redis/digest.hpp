#pragma once

#include <openssl/evp.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace armature::redis {

/// A digest in hexadecimal.
[[nodiscard]] inline std::string hex_digest(const EVP_MD* algorithm, std::string_view text) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest, &size, algorithm, nullptr) != 1)
        throw std::runtime_error("armature: OpenSSL lacks a digest that Redis needs");
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[digest[i] >> 4];
        hex += "0123456789abcdef"[digest[i] & 15];
    }
    return hex;
}

} // namespace armature::redis

#pragma once

#include "crypto/crypto.hpp"

#include <armature/tls/identity.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <string>

namespace armature::tls {

using crypto::Handle;

/// `what`, and OpenSSL's reason if it has one.
[[nodiscard]] inline TlsError openssl_error(std::string what) {
    char reason[256];
    if (const unsigned long code = ERR_get_error(); code != 0) {
        ERR_error_string_n(code, reason, sizeof reason);
        what.append(": ").append(reason);
    }
    ERR_clear_error();
    return TlsError{what};
}

} // namespace armature::tls

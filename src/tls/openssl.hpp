#pragma once

#include <armature/tls/identity.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace armature::tls {

template <auto release>
struct Releaser {
    template <class T>
    void operator()(T* object) const noexcept {
        release(object);
    }
};
/// Owns an OpenSSL object.
template <class T, auto release>
using Handle = std::unique_ptr<T, Releaser<release>>;

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

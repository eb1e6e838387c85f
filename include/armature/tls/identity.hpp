#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace armature::tls {

/// A certificate or key that can't be used: which one, why, and what may help, in one line.
class TlsError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A certificate chain with its private key: what a server proves its name with. The names it is
/// used for are those in the certificate (Subject Alternative Name, RFC 9525).
class Identity {
  public:
    /// PEM files, the server's own certificate first in the chain. They are read when the server
    /// starts and again at each reload.
    [[nodiscard]] static Identity files(std::string chain_path, std::string key_path);
    /// PEM texts. Checked when the server starts.
    [[nodiscard]] static Identity pem(std::string chain, std::string private_key);

    /// The texts, read now if they are in files. Throws `TlsError`.
    struct Pem {
        std::string chain;
        std::string private_key;
        std::string source; ///< where they came from, for messages; empty without files
    };
    [[nodiscard]] Pem load() const;

  private:
    Identity(bool in_files, std::string chain, std::string key);

    bool in_files_;
    std::string chain_; ///< or its path
    std::string key_;
};

/// A fresh certificate for development that signed itself: ECDSA P-256, valid for 30 days, for
/// these DNS names and IP addresses. Browsers warn about it. Throws `TlsError`.
[[nodiscard]] Identity self_signed(const std::vector<std::string>& names);
/// The same for localhost, 127.0.0.1 and ::1.
[[nodiscard]] Identity self_signed();

/// How a server speaks TLS. Only TLS 1.3, and TLS 1.2 with forward secrecy and authenticated
/// encryption, are spoken.
struct ServerTlsOptions {
    /// Tried in order for the name that a client asks for; the first is for clients that ask for
    /// none of them. Without any, a server for HTTPS doesn't start.
    std::vector<Identity> identities{};
    /// PEM certificates of authorities. When there are any, clients may show a certificate that one
    /// of them signed.
    std::string client_authorities{};
    /// … and must.
    bool require_client_certificate = false;
};

} // namespace armature::tls

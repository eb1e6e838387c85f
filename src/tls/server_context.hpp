#pragma once

#include "tls/openssl.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace armature::tls {

/// The keys of session tickets. A new one every `lifetime`; tickets of the last one are still
/// taken, and renewed. Shared by all connections of a server, and kept over a reload.
/// Threads: any.
class TicketKeys {
  public:
    TicketKeys();
    ~TicketKeys();
    TicketKeys(const TicketKeys&) = delete;
    TicketKeys& operator=(const TicketKeys&) = delete;

    /// What OpenSSL calls for each ticket that it writes (`encrypt`) or reads.
    int use(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
            bool encrypt);

    static constexpr std::int64_t lifetime = 12 * 60 * 60; ///< seconds

  private:
    struct Key {
        unsigned char name[16];
        unsigned char cipher[32];
        unsigned char mac[32];
        std::int64_t made_at = 0;
    };
    static Key make(std::int64_t now);

    std::mutex mutex_;
    Key current_;
    Key previous_;
};

/// What a server needs to begin TLS with a client: certificates by name, and the rules.
/// Immutable; connections keep the one they began with. Threads: any.
class ServerContext {
  public:
    /// `protocols` for ALPN in order of preference, for example {"h2", "http/1.1"}.
    /// `keys` must outlive this and every connection. Throws `TlsError`.
    ServerContext(const ServerTlsOptions& options, const std::vector<std::string>& protocols,
                  TicketKeys& keys);
    ServerContext(const ServerContext&) = delete;
    ServerContext& operator=(const ServerContext&) = delete;

    /// A new connection's state. Throws std::bad_alloc.
    [[nodiscard]] Handle<SSL, SSL_free> connect() const;

  private:
    struct Named {
        Handle<SSL_CTX, SSL_CTX_free> context;
        std::vector<std::string> names; ///< in lower case; "*.example.com" as it is written
    };
    Handle<SSL_CTX, SSL_CTX_free> make(const ServerTlsOptions& options, const Identity& identity);
    static int choose_identity(SSL* connection, int* alert, void* self);
    static int choose_protocol(SSL* connection, const unsigned char** chosen, unsigned char* size,
                               const unsigned char* offered, unsigned offered_size, void* self);
    static int use_ticket_key(SSL* connection, unsigned char* name, unsigned char* iv,
                              EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int encrypt);

    std::string protocols_; ///< as ALPN writes them
    TicketKeys& keys_;
    std::vector<Named> identities_;
};

} // namespace armature::tls

#pragma once

#include "http3/replay_store.hpp"
#include "http3/secrets.hpp"

#include <armature/tls/identity.hpp>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature::http3 {

/// What TLS needs of a server: immutable, shared by all workers and by each connection that was
/// made with it.
class Credentials {
  public:
    /// A client that names a host gets the first certificate for that name, else the first one.
    /// Throws `tls::TlsError`.
    Credentials(const tls::ServerTlsOptions& options, const Secrets& secrets, bool early_data);
    Credentials(const Credentials&) = delete;
    Credentials& operator=(const Credentials&) = delete;
    ~Credentials();

    /// A new server session, ready for QUIC but for its connection (`gnutls_session_set_ptr`).
    /// Throws std::runtime_error.
    [[nodiscard]] gnutls_session_t make_session() const;

  private:
    static int client_hello(gnutls_session_t session);
    [[nodiscard]] gnutls_certificate_credentials_t choose(std::string_view host) const noexcept;
    static int add_early(void* store, time_t expiry, const gnutls_datum_t* key,
                         const gnutls_datum_t* value);

    struct Free {
        void operator()(gnutls_certificate_credentials_t made) const noexcept {
            gnutls_certificate_free_credentials(made);
        }
        void operator()(gnutls_priority_t made) const noexcept { gnutls_priority_deinit(made); }
        void operator()(gnutls_anti_replay_t made) const noexcept {
            gnutls_anti_replay_deinit(made);
        }
        void operator()(gnutls_x509_crt_t made) const noexcept { gnutls_x509_crt_deinit(made); }
    };
    template <class Handle>
    using Owner = std::unique_ptr<std::remove_pointer_t<Handle>, Free>;

    std::array<std::uint8_t, 64> ticket_key_;
    bool early_data_;
    gnutls_certificate_request_t client_certificate_ = GNUTLS_CERT_IGNORE;
    ReplayStore replays_;
    struct Named {
        Owner<gnutls_certificate_credentials_t> credentials;
        Owner<gnutls_x509_crt_t> certificate; ///< knows its names
    };
    std::vector<Named> identities_;
    Owner<gnutls_priority_t> priority_;
    Owner<gnutls_anti_replay_t> anti_replay_;
};

/// The credentials for new connections; replaced when certificates were renewed. Threads: any.
class CredentialsSlot {
  public:
    explicit CredentialsSlot(std::shared_ptr<const Credentials> first)
        : current_(std::move(first)) {}

    [[nodiscard]] std::shared_ptr<const Credentials> get() const {
        const std::lock_guard lock{mutex_};
        return current_;
    }
    /// Connections that were made before keep what they have.
    void set(std::shared_ptr<const Credentials> next) {
        const std::lock_guard lock{mutex_};
        current_.swap(next);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Credentials> current_;
};

} // namespace armature::http3

#include "http3/credentials.hpp"

#include "http3/quic_compat.hpp"

#include <stdexcept>
#include <string_view>

namespace armature::http3 {

namespace {

// TLS 1.3 only, and no middlebox compatibility messages (RFC 9001 §8.4).
constexpr const char* priorities =
    "%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:"
    "+AES-256-GCM:+CHACHA20-POLY1305:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1";

// How much a client's and our clock may differ, in milliseconds, for early data.
constexpr unsigned early_data_window = 10'000;

constexpr std::string_view protocol = "h3";

gnutls_datum_t datum(std::string_view text) noexcept {
    return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
            static_cast<unsigned>(text.size())};
}

} // namespace

Credentials::Credentials(const tls::ServerTlsOptions& options, const Secrets& secrets,
                         bool early_data)
    : ticket_key_(secrets.ticket_key), early_data_(early_data) {
    if (options.identities.empty()) throw tls::TlsError{"HTTP/3 needs a certificate"};
    const auto check = [](int result, const char* what) {
        if (result < 0) throw tls::TlsError{std::string{what} + ": " + gnutls_strerror(result)};
    };
    constexpr const char* unusable = "a certificate and its key can't be used";
    for (const tls::Identity& identity : options.identities) {
        const tls::Identity::Pem pem = identity.load();
        const gnutls_datum_t chain = datum(pem.chain);
        const gnutls_datum_t key = datum(pem.private_key);
        Named& named = identities_.emplace_back();
        gnutls_certificate_credentials_t credentials = nullptr;
        check(gnutls_certificate_allocate_credentials(&credentials), unusable);
        named.credentials.reset(credentials);
        check(gnutls_certificate_set_x509_key_mem2(credentials, &chain, &key, GNUTLS_X509_FMT_PEM,
                                                   nullptr, 0),
              unusable);
        if (!options.client_authorities.empty()) {
            const gnutls_datum_t authorities = datum(options.client_authorities);
            if (gnutls_certificate_set_x509_trust_mem(credentials, &authorities,
                                                      GNUTLS_X509_FMT_PEM) <= 0)
                throw tls::TlsError{"the authorities for client certificates can't be used"};
        }
        gnutls_x509_crt_t certificate = nullptr;
        check(gnutls_x509_crt_init(&certificate), unusable);
        named.certificate.reset(certificate);
        check(gnutls_x509_crt_import(certificate, &chain, GNUTLS_X509_FMT_PEM), unusable);
    }
    if (options.require_client_certificate)
        client_certificate_ = GNUTLS_CERT_REQUIRE;
    else if (!options.client_authorities.empty())
        client_certificate_ = GNUTLS_CERT_REQUEST;
    gnutls_priority_t priority = nullptr;
    check(gnutls_priority_init(&priority, priorities, nullptr), "no TLS priorities");
    priority_.reset(priority);
    if (!early_data_) return;
    gnutls_anti_replay_t anti_replay = nullptr;
    check(gnutls_anti_replay_init(&anti_replay), "no replay protection");
    anti_replay_.reset(anti_replay);
    gnutls_anti_replay_set_add_function(anti_replay, &add_early);
    gnutls_anti_replay_set_ptr(anti_replay, &replays_);
    gnutls_anti_replay_set_window(anti_replay, early_data_window);
}

Credentials::~Credentials() { gnutls_memset(ticket_key_.data(), 0, ticket_key_.size()); }

gnutls_certificate_credentials_t Credentials::choose(std::string_view host) const noexcept {
    const std::string name{host};
    for (const Named& named : identities_)
        if (gnutls_x509_crt_check_hostname(named.certificate.get(), name.c_str()) != 0)
            return named.credentials.get();
    return identities_.front().credentials.get();
}

int Credentials::client_hello(gnutls_session_t session) {
    // GnuTLS checks the protocol only when the client offers any; HTTP/3 is never spoken without.
    gnutls_datum_t selected;
    if (gnutls_alpn_get_selected_protocol(session, &selected) != 0)
        return GNUTLS_E_NO_APPLICATION_PROTOCOL;
    char host[256];
    std::size_t size = sizeof host;
    unsigned type = 0;
    if (gnutls_server_name_get(session, host, &size, &type, 0) != 0 || type != GNUTLS_NAME_DNS)
        return 0;
    const auto& self = *static_cast<const Credentials*>(gnutls_db_get_ptr(session));
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, self.choose({host, size}));
    return 0;
}

int Credentials::add_early(void* store, time_t expiry, const gnutls_datum_t* key,
                           const gnutls_datum_t*) {
    const std::string_view text{reinterpret_cast<const char*>(key->data), key->size};
    const auto until = static_cast<Nanoseconds>(expiry) * 1'000'000'000;
    return static_cast<ReplayStore*>(store)->add(text, until, wall_now())
               ? 0
               : GNUTLS_E_DB_ENTRY_EXISTS;
}

gnutls_session_t Credentials::make_session() const {
    unsigned flags = GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET | GNUTLS_NO_END_OF_EARLY_DATA;
    if (early_data_) flags |= GNUTLS_ENABLE_EARLY_DATA;
    gnutls_session_t session = nullptr;
    if (gnutls_init(&session, flags) != 0) throw std::runtime_error{"no TLS session"};
    const gnutls_datum_t ticket_key{const_cast<unsigned char*>(ticket_key_.data()),
                                    static_cast<unsigned>(ticket_key_.size())};
    const gnutls_datum_t offered = datum(protocol);
    if (gnutls_priority_set(session, priority_.get()) != 0 ||
        gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
                               identities_.front().credentials.get()) != 0 ||
        gnutls_alpn_set_protocols(session, &offered, 1, GNUTLS_ALPN_MANDATORY) != 0 ||
        gnutls_session_ticket_enable_server(session, &ticket_key) != 0 ||
        ngtcp2_crypto_gnutls_configure_server_session(session) != 0) {
        gnutls_deinit(session);
        throw std::runtime_error{"no TLS session"};
    }
    gnutls_db_set_ptr(session, const_cast<Credentials*>(this)); // for `client_hello`
    gnutls_handshake_set_post_client_hello_function(session, &client_hello);
    if (client_certificate_ != GNUTLS_CERT_IGNORE) {
        gnutls_certificate_server_set_request(session, client_certificate_);
        gnutls_session_set_verify_cert(session, nullptr, 0);
    }
    if (early_data_) {
        gnutls_anti_replay_enable(session, anti_replay_.get());
        gnutls_record_set_max_early_data_size(session, 0xffffffff); // RFC 9001 §4.6.1
    }
    return session;
}

} // namespace armature::http3

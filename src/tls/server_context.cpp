#include "tls/server_context.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <new>

namespace armature::tls {

// --- session tickets (RFC 5077, RFC 8446 §4.6.1) -------------------------------------------------

namespace {

std::int64_t now() noexcept { return static_cast<std::int64_t>(std::time(nullptr)); }

bool start(EVP_CIPHER_CTX* cipher, const unsigned char* key, const unsigned char* iv,
           bool encrypt) {
    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key, iv, encrypt ? 1 : 0) == 1;
}

bool start(EVP_MAC_CTX* mac, unsigned char* key, std::size_t size) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key, size),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

} // namespace

TicketKeys::TicketKeys() : current_(make(now())), previous_(make(0)) {}
TicketKeys::~TicketKeys() {
    OPENSSL_cleanse(&current_, sizeof current_);
    OPENSSL_cleanse(&previous_, sizeof previous_);
}

TicketKeys::Key TicketKeys::make(std::int64_t made_at) {
    Key key;
    if (RAND_bytes(key.name, sizeof key.name) != 1 ||
        RAND_bytes(key.cipher, sizeof key.cipher) != 1 || RAND_bytes(key.mac, sizeof key.mac) != 1)
        throw openssl_error("no random numbers for session tickets");
    key.made_at = made_at;
    return key;
}

int TicketKeys::use(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                    EVP_MAC_CTX* mac, bool encrypt) {
    constexpr int failed = -1, unknown = 0, good = 1, good_but_old = 2;
    const std::lock_guard lock{mutex_};
    const std::int64_t time = now();
    if (time - current_.made_at >= lifetime) {
        previous_ = time - current_.made_at < 2 * lifetime ? current_ : make(0);
        current_ = make(time);
    }
    if (encrypt) {
        std::memcpy(name, current_.name, sizeof current_.name);
        if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return failed;
        return start(cipher, current_.cipher, iv, true) &&
                       start(mac, current_.mac, sizeof current_.mac)
                   ? good
                   : failed;
    }
    Key* key = std::memcmp(name, current_.name, sizeof current_.name) == 0     ? &current_
               : std::memcmp(name, previous_.name, sizeof previous_.name) == 0 ? &previous_
                                                                               : nullptr;
    if (key == nullptr) return unknown;
    if (!start(cipher, key->cipher, iv, false) || !start(mac, key->mac, sizeof key->mac))
        return failed;
    return key == &current_ ? good : good_but_old;
}

// --- the context --------------------------------------------------------------------------------

namespace {

std::string lower(std::string_view text) {
    std::string lowered{text};
    for (char& c : lowered)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lowered;
}

std::vector<std::string> names_of(const X509& certificate) {
    std::vector<std::string> names;
    auto* found = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(found); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(found, i);
        if (name->type != GEN_DNS) continue; // clients name hosts, never addresses
        const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
        names.push_back(
            lower({text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}));
    }
    GENERAL_NAMES_free(found);
    return names;
}

// A wildcard stands for one whole label, the first (RFC 9525 §6.3).
bool matches(std::string_view pattern, std::string_view name) noexcept {
    if (!pattern.starts_with("*.")) return pattern == name;
    const std::size_t dot = name.find('.');
    return dot != std::string_view::npos && dot > 0 && name.substr(dot) == pattern.substr(1);
}

Handle<BIO, BIO_free_all> reader(const std::string& text) {
    return Handle<BIO, BIO_free_all>{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

// Keys have no passphrase here: whoever could type one in is not there when a server starts.
int no_passphrase(char*, int, int, void*) { return 0; }

void use_identity(SSL_CTX& context, const Identity::Pem& pem) {
    const auto chain = reader(pem.chain);
    const Handle<X509, X509_free> own{
        PEM_read_bio_X509_AUX(chain.get(), nullptr, nullptr, nullptr)};
    if (!own) throw openssl_error("the certificate chain holds no PEM certificate");
    if (SSL_CTX_use_certificate(&context, own.get()) != 1)
        throw openssl_error("the certificate can't be used");
    while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr))
        SSL_CTX_add0_chain_cert(&context, next);
    ERR_clear_error(); // the end of the text is one to OpenSSL

    const auto key_text = reader(pem.private_key);
    const Handle<EVP_PKEY, EVP_PKEY_free> key{
        PEM_read_bio_PrivateKey(key_text.get(), nullptr, &no_passphrase, nullptr)};
    if (!key) throw openssl_error("the private key is no PEM key without a passphrase");
    if (SSL_CTX_use_PrivateKey(&context, key.get()) != 1 ||
        SSL_CTX_check_private_key(&context) != 1)
        throw openssl_error("the private key doesn't belong to the certificate");
}

void trust_clients_of(SSL_CTX& context, const std::string& authorities, bool require) {
    const auto text = reader(authorities);
    X509_STORE* store = SSL_CTX_get_cert_store(&context);
    int count = 0;
    while (X509* next = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
        const Handle<X509, X509_free> authority{next};
        X509_STORE_add_cert(store, next);
        SSL_CTX_add_client_CA(&context, next);
        ++count;
    }
    ERR_clear_error();
    if (count == 0) throw TlsError{"client_authorities holds no PEM certificate"};
    SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | (require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       nullptr);
}

} // namespace

ServerContext::ServerContext(const ServerTlsOptions& options,
                             const std::vector<std::string>& protocols, TicketKeys& keys)
    : keys_(keys) {
    if (options.identities.empty())
        throw TlsError{"TLS needs a certificate: give tls::Identity::files(chain, key), or "
                       "tls::self_signed() for development"};
    if (options.require_client_certificate && options.client_authorities.empty())
        throw TlsError{"require_client_certificate needs client_authorities to check them with"};
    for (const std::string& protocol : protocols) {
        protocols_ += static_cast<char>(protocol.size());
        protocols_ += protocol;
    }
    for (const Identity& identity : options.identities) {
        Named& named = identities_.emplace_back();
        named.context = make(options, identity);
        named.names = names_of(*SSL_CTX_get0_certificate(named.context.get()));
    }
}

Handle<SSL_CTX, SSL_CTX_free> ServerContext::make(const ServerTlsOptions& options,
                                                  const Identity& identity) {
    Handle<SSL_CTX, SSL_CTX_free> made{SSL_CTX_new(TLS_server_method())};
    if (!made) throw openssl_error("can't start OpenSSL");
    SSL_CTX& context = *made;
    SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
    SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                      SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                      SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(&context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                   SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_set_cipher_list(&context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
        throw openssl_error("OpenSSL has no suitable cipher");
    SSL_CTX_set_num_tickets(&context, 1);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(&context, &use_ticket_key);
    // Without it, a session of a client with a certificate is not resumed.
    static constexpr unsigned char session_scope[] = "armature";
    SSL_CTX_set_session_id_context(&context, session_scope, sizeof session_scope - 1);
    SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF); // tickets need no memory here
    SSL_CTX_set_tlsext_servername_callback(&context, &choose_identity);
    SSL_CTX_set_tlsext_servername_arg(&context, this);
    SSL_CTX_set_alpn_select_cb(&context, &choose_protocol, this);
    SSL_CTX_set_app_data(&context, this);
    const Identity::Pem pem = identity.load();
    try {
        use_identity(context, pem);
    } catch (const TlsError& error) {
        if (pem.source.empty()) throw;
        throw TlsError{pem.source + ": " + error.what()};
    }
    if (!options.client_authorities.empty())
        trust_clients_of(context, options.client_authorities, options.require_client_certificate);
    return made;
}

Handle<SSL, SSL_free> ServerContext::connect() const {
    Handle<SSL, SSL_free> connection{SSL_new(identities_.front().context.get())};
    if (!connection) throw std::bad_alloc{};
    SSL_set_accept_state(connection.get());
    return connection;
}

int ServerContext::choose_identity(SSL* connection, int*, void* self) {
    const char* asked = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    if (asked == nullptr) return SSL_TLSEXT_ERR_NOACK;
    const std::string name = lower(asked);
    for (const Named& identity : static_cast<ServerContext*>(self)->identities_)
        for (const std::string& pattern : identity.names)
            if (matches(pattern, name)) {
                SSL_set_SSL_CTX(connection, identity.context.get());
                return SSL_TLSEXT_ERR_OK;
            }
    return SSL_TLSEXT_ERR_NOACK; // the first one; whether it will do is for the client to say
}

int ServerContext::choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                                   const unsigned char* offered, unsigned offered_size,
                                   void* self) {
    const std::string& ours = static_cast<ServerContext*>(self)->protocols_;
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(ours.data()),
                              static_cast<unsigned>(ours.size()), offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL; // RFC 7301 §3.2
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

int ServerContext::use_ticket_key(SSL* connection, unsigned char* name, unsigned char* iv,
                                  EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int encrypt) {
    auto* self = static_cast<ServerContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
    try {
        return self->keys_.use(name, iv, cipher, mac, encrypt != 0);
    } catch (...) {
        return -1;
    }
}

} // namespace armature::tls

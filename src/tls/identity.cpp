#include "tls/openssl.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace armature::tls {

namespace {

// Certificates and keys are small; a larger file is another one.
constexpr std::size_t largest_file = 1024 * 1024;

std::string read_file(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "rbe"),
                                                               &std::fclose};
    if (!file) throw TlsError{"can't read " + path + ": " + std::strerror(errno)};
    std::string text(largest_file + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get()) != 0) throw TlsError{"can't read " + path};
    if (text.size() > largest_file)
        throw TlsError{path + " is larger than 1 MiB: is it a PEM file?"};
    return text;
}

std::string to_text(BIO& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(&bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

bool is_address(const std::string& name) {
    return name.find(':') != std::string::npos ||
           name.find_first_not_of("0123456789.") == std::string::npos;
}

void add_extension(X509& certificate, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    if (extension == nullptr) throw openssl_error("can't make a certificate for '" + value + "'");
    X509_add_ext(&certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

} // namespace

Identity::Identity(bool in_files, std::string chain, std::string key)
    : in_files_(in_files), chain_(std::move(chain)), key_(std::move(key)) {}

Identity Identity::files(std::string chain_path, std::string key_path) {
    return {true, std::move(chain_path), std::move(key_path)};
}

Identity Identity::pem(std::string chain, std::string private_key) {
    return {false, std::move(chain), std::move(private_key)};
}

Identity::Pem Identity::load() const {
    if (in_files_) return {read_file(chain_), read_file(key_), chain_ + ", " + key_};
    return {chain_, key_, {}};
}

Identity self_signed() { return self_signed({"localhost", "127.0.0.1", "::1"}); }

Identity self_signed(const std::vector<std::string>& names) {
    if (names.empty()) throw TlsError{"a certificate needs at least one name"};
    const Handle<EVP_PKEY, EVP_PKEY_free> key{EVP_EC_gen("P-256")};
    const Handle<X509, X509_free> certificate{X509_new()};
    if (!key || !certificate) throw openssl_error("can't make a key");
    X509& x = *certificate;
    X509_set_version(&x, X509_VERSION_3);
    unsigned char serial[16];
    if (RAND_bytes(serial, sizeof serial) != 1) throw openssl_error("no random numbers");
    serial[0] &= 0x7F; // positive (RFC 5280 §4.1.2.2)
    const Handle<BIGNUM, BN_free> number{BN_bin2bn(serial, sizeof serial, nullptr)};
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&x));
    constexpr long day = 24 * 60 * 60;
    X509_gmtime_adj(X509_getm_notBefore(&x), -60 * 60); // clocks differ
    X509_gmtime_adj(X509_getm_notAfter(&x), 30 * day);
    X509_set_pubkey(&x, key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(&x), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(names.front().c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(&x, X509_get_subject_name(&x));
    std::string alternatives;
    for (const std::string& name : names) {
        if (name.find(',') != std::string::npos)
            throw TlsError{"'" + name + "' is no name for a certificate"};
        if (!alternatives.empty()) alternatives += ',';
        alternatives += (is_address(name) ? "IP:" : "DNS:") + name;
    }
    add_extension(x, NID_subject_alt_name, alternatives);
    add_extension(x, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x, NID_key_usage, "critical,digitalSignature");
    add_extension(x, NID_ext_key_usage, "serverAuth");
    if (X509_sign(&x, key.get(), EVP_sha256()) == 0) throw openssl_error("can't sign");

    const Handle<BIO, BIO_free_all> chain_text{BIO_new(BIO_s_mem())};
    const Handle<BIO, BIO_free_all> key_text{BIO_new(BIO_s_mem())};
    PEM_write_bio_X509(chain_text.get(), &x);
    PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return Identity::pem(to_text(*chain_text), to_text(*key_text));
}

} // namespace armature::tls

#include "routes.hpp"

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace armature;

namespace showcase {

namespace {

/// A SHA-256 in the making.
class Sha256 {
  public:
    Sha256() { check(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr)); }
    void add(std::string_view bytes) {
        check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
    }
    std::string hex() {
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        check(EVP_DigestFinal_ex(context_.get(), digest, &size));
        std::string text;
        for (unsigned i = 0; i < size; ++i) {
            text += "0123456789abcdef"[digest[i] >> 4];
            text += "0123456789abcdef"[digest[i] & 15];
        }
        return text;
    }

  private:
    struct Free {
        void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
    };
    static void check(int done) {
        if (done != 1) throw std::runtime_error{"SHA-256 is not to be had"};
    }

    std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

struct Uploaded {
    std::string name;
    std::optional<std::string> filename;
    std::string type;
    std::uint64_t size;
    std::string sha256;
};
ARMATURE_DESCRIBE(Uploaded, name, filename, type, size, sha256);

// However large the parts are, only a buffer of them is in memory.
Task<std::vector<Uploaded>> upload(Multipart form) {
    std::vector<Uploaded> all;
    while (MultipartPart* part = co_await form.next()) {
        Uploaded& uploaded = all.emplace_back();
        uploaded.name = part->name();
        uploaded.filename = part->filename();
        uploaded.type = part->content_type();
        Sha256 sha256;
        while (const auto piece = co_await part->next()) {
            uploaded.size += piece->size();
            sha256.add(*piece);
        }
        uploaded.sha256 = sha256.hex();
    }
    co_return all;
}

} // namespace

void add_upload(App& app) {
    app.route("/upload", post(upload).summary("What was uploaded, file by file").tag("Content"));
}

} // namespace showcase

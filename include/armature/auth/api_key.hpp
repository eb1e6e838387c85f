#pragma once

#include <armature/auth/principal.hpp>
#include <armature/config/secret.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace armature {

/// A new API key: "shop_k7jx2m4qztabcdef_" and 52 more characters. The prefix lets people and
/// scanners of secrets see what it is, the id finds it, the rest is 256 random bits.
struct ApiKey {
    SecretString text; ///< shown to its owner once, and kept nowhere
    std::string id;    ///< stored: what to look it up by
    std::string hash;  ///< stored: SHA-256 of the text, in hexadecimal

    /// `prefix` is 1 to 20 lower-case letters, digits and hyphens. Throws std::invalid_argument.
    [[nodiscard]] static ApiKey generate(std::string_view prefix);
};

/// What is stored of a key, as your table has it.
struct StoredApiKey {
    std::string hash = {};
    Principal principal = {};                    ///< who its bearer is
    std::optional<std::int64_t> expires_at = {}; ///< seconds since 1970
};

struct ApiKeyOptions {
    std::string prefix = {}; ///< of the keys that are accepted; has to be set
    std::string header = "x-api-key";
};

namespace detail {

class ApiKeyReader {
  public:
    explicit ApiKeyReader(ApiKeyOptions options);
    /// The key of a request, which is well-formed. Throws `Error` 401.
    [[nodiscard]] std::string_view text(Request& request) const;
    [[nodiscard]] std::string id(std::string_view text) const;
    /// Attaches the principal. Throws `Error` 401.
    void accept(Request& request, std::string_view text, std::optional<StoredApiKey> stored) const;
    void document(OperationInfo& info) const;

  private:
    [[noreturn]] void refuse() const;
    ApiKeyOptions options_;
    std::string challenge_;
};

template <class Lookup>
concept FindsApiKey = requires(const Lookup& lookup, const std::string& id) {
    { lookup(id) } -> std::same_as<std::optional<StoredApiKey>>;
};
template <class Lookup>
concept FindsApiKeyLater = requires(const Lookup& lookup, const std::string& id) {
    { lookup(id) } -> std::same_as<Task<std::optional<StoredApiKey>>>;
};

} // namespace detail

/// A guard: lets requests pass that bear a key which `lookup` knows, and attaches its `Principal`.
template <class Lookup>
class ApiKeyGuard {
  public:
    static constexpr std::string_view name = "api_key";

    ApiKeyGuard(ApiKeyOptions options, Lookup lookup)
        : reader_(std::move(options)), lookup_(std::move(lookup)) {}

    auto can_activate(Request& request) const {
        if constexpr (detail::FindsApiKey<Lookup>) {
            const std::string_view text = reader_.text(request);
            reader_.accept(request, text, lookup_(reader_.id(text)));
        } else {
            return ask(request);
        }
    }
    void document(OperationInfo& info) const { reader_.document(info); }

  private:
    Task<void> ask(Request& request) const {
        const std::string_view text = reader_.text(request);
        const std::string id = reader_.id(text);
        std::optional<StoredApiKey> stored = co_await lookup_(id);
        reader_.accept(request, text, std::move(stored));
    }

    detail::ApiKeyReader reader_;
    Lookup lookup_;
};

/// `lookup` takes the id of a key and returns `std::optional<StoredApiKey>`, or a `Task` of it. Ids
/// are no secrets: an index of the database may find them. The hash is compared here, in constant
/// time. Throws std::invalid_argument without a prefix, or for a header that is no token.
template <class Lookup>
    requires detail::FindsApiKey<Lookup> || detail::FindsApiKeyLater<Lookup>
[[nodiscard]] ApiKeyGuard<Lookup> api_key_auth(ApiKeyOptions options, Lookup lookup) {
    return ApiKeyGuard<Lookup>{std::move(options), std::move(lookup)};
}

} // namespace armature

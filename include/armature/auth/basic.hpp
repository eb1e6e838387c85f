#pragma once

#include <armature/auth/principal.hpp>
#include <armature/config/secret.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace armature {

/// A user's name and password as `Authorization: Basic` has them (RFC 7617).
struct BasicCredentials {
    std::string user;
    SecretString password;
};

namespace detail {

class BasicChallenge {
  public:
    explicit BasicChallenge(std::string_view realm);
    /// Throws `Error` 401 with the challenge without credentials, 400 for malformed ones.
    [[nodiscard]] BasicCredentials read(Request& request) const;
    [[noreturn]] void refuse() const;

  private:
    std::string text_;
};

void accept_principal(Request& request, Principal principal);
void document_basic(OperationInfo& info);

template <class Check>
concept ChecksBasic = requires(const Check& check, const BasicCredentials& credentials) {
    { check(credentials) } -> std::same_as<std::optional<Principal>>;
};
template <class Check>
concept ChecksBasicLater = requires(const Check& check, const BasicCredentials& credentials) {
    { check(credentials) } -> std::same_as<Task<std::optional<Principal>>>;
};

} // namespace detail

/// A guard: asks for a user's name and password, and attaches the `Principal` that `check` gives.
/// Everybody on the way can read them: over TLS only.
template <class Check>
class BasicGuard {
  public:
    static constexpr std::string_view name = "basic";

    BasicGuard(std::string_view realm, Check check) : challenge_(realm), check_(std::move(check)) {}

    auto can_activate(Request& request) const {
        if constexpr (detail::ChecksBasic<Check>)
            accept(request, check_(challenge_.read(request)));
        else
            return ask(request);
    }
    void document(OperationInfo& info) const { detail::document_basic(info); }

  private:
    Task<void> ask(Request& request) const {
        const BasicCredentials credentials = challenge_.read(request);
        std::optional<Principal> principal = co_await check_(credentials);
        accept(request, std::move(principal));
    }
    void accept(Request& request, std::optional<Principal> principal) const {
        if (!principal) challenge_.refuse();
        detail::accept_principal(request, *std::move(principal));
    }

    detail::BasicChallenge challenge_;
    Check check_;
};

/// `check` takes `const BasicCredentials&` and returns `std::optional<Principal>`, or a `Task` of
/// it; nullopt refuses. Look passwords up by `PasswordHasher::verify`, or compare them with
/// `constant_time_equal`. `realm` is shown to users. Throws std::invalid_argument for a realm that
/// no field can hold.
template <class Check>
    requires detail::ChecksBasic<Check> || detail::ChecksBasicLater<Check>
[[nodiscard]] BasicGuard<Check> basic_auth(std::string_view realm, Check check) {
    return BasicGuard<Check>{realm, std::move(check)};
}

} // namespace armature

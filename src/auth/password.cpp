#include "auth/gate.hpp"
#include "crypto/crypto.hpp"

#include <armature/auth/password.hpp>
#include <armature/core/constant_time.hpp>
#include <armature/core/error.hpp>
#include <armature/core/scheduler.hpp>

#include <argon2.h>
#include <crypt.h>

#include <atomic>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace armature {
namespace {

constexpr std::size_t salt_size = 16;
constexpr std::size_t hash_size = 32;
constexpr std::uint32_t max_memory_kib = 1024 * 1024;
constexpr std::uint32_t max_passes = 100;
constexpr std::uint32_t max_lanes = 64;
// 2^14 rounds take about a second; more is an attack or a mistake.
constexpr int max_bcrypt_cost = 14;

struct Cost {
    std::uint32_t memory_kib = 0;
    std::uint32_t passes = 0;
    std::uint32_t lanes = 0;
};

bool take(std::string_view& text, std::string_view expected) noexcept {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}
bool take_number(std::string_view& text, std::uint32_t& number) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

// What a hash of Argon2id says that it takes; nullopt for what is none, or takes too much.
std::optional<Cost> cost_of(std::string_view stored) noexcept {
    Cost cost;
    const bool read = take(stored, "$argon2id$v=19$m=") && take_number(stored, cost.memory_kib) &&
                      take(stored, ",t=") && take_number(stored, cost.passes) &&
                      take(stored, ",p=") && take_number(stored, cost.lanes) && take(stored, "$");
    if (!read || cost.memory_kib > max_memory_kib || cost.passes > max_passes ||
        cost.lanes > max_lanes || stored.size() > 200)
        return std::nullopt;
    return cost;
}

std::string argon2_hash(const Cost& cost, std::string_view password) {
    const std::string salt = crypto::random_bytes(salt_size);
    std::string encoded(::argon2_encodedlen(cost.passes, cost.memory_kib, cost.lanes, salt_size,
                                            hash_size, Argon2_id),
                        '\0');
    const int result = ::argon2id_hash_encoded(
        cost.passes, cost.memory_kib, cost.lanes, password.data(), password.size(), salt.data(),
        salt.size(), hash_size, encoded.data(), encoded.size());
    if (result != ARGON2_OK)
        throw std::runtime_error(std::string{"armature: Argon2: "} +
                                 ::argon2_error_message(result));
    encoded.resize(std::strlen(encoded.c_str()));
    return encoded;
}

bool argon2_matches(const std::string& stored, std::string_view password) {
    const int result = ::argon2id_verify(stored.c_str(), password.data(), password.size());
    if (result == ARGON2_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
    return result == ARGON2_OK;
}

bool is_bcrypt(std::string_view stored) noexcept {
    // "$2b$10$" and 53 characters.
    if (stored.size() != 60 ||
        !(stored.starts_with("$2a$") || stored.starts_with("$2b$") || stored.starts_with("$2y$")))
        return false;
    int cost = 0;
    const char* const end = stored.data() + 6;
    const auto [read, error] = std::from_chars(stored.data() + 4, end, cost);
    return error == std::errc{} && read == end && cost <= max_bcrypt_cost && stored[6] == '$';
}

bool bcrypt_matches(const std::string& stored, const std::string& password) {
    // It reads up to a NUL, and would take what is before it for the whole.
    if (password.find('\0') != std::string::npos) return false;
    const auto data = std::make_unique<crypt_data>();
    std::memset(data.get(), 0, sizeof *data);
    const char* const hashed = ::crypt_r(password.c_str(), stored.c_str(), data.get());
    const bool matches = hashed != nullptr && constant_time_equal(hashed, stored);
    detail::wipe(data.get(), sizeof *data);
    return matches;
}

} // namespace

struct PasswordHasher::State {
    explicit State(const PasswordOptions& options)
        : cost{options.memory_kib, options.passes, options.lanes},
          gate(options.at_once, options.max_waiting) {}

    // Counts the work that is under way.
    class Counted {
      public:
        explicit Counted(State& of) noexcept : state_(of) {
            ++state_.hashed;
            const std::size_t now = ++state_.at_once;
            std::size_t most = state_.most_at_once;
            while (now > most && !state_.most_at_once.compare_exchange_weak(most, now))
                continue;
        }
        Counted(const Counted&) = delete;
        Counted& operator=(const Counted&) = delete;
        ~Counted() { --state_.at_once; }

      private:
        State& state_;
    };

    std::string hash(std::string_view password) {
        const Counted counted{*this};
        return argon2_hash(cost, password);
    }
    PasswordCheck check(const std::string& password, const std::optional<std::string>& stored);

    const Cost cost;
    auth::Gate gate;
    std::string nobodys; ///< what the passwords of unknown users are compared with
    std::atomic<std::uint64_t> hashed{0};
    std::atomic<std::size_t> at_once{0};
    std::atomic<std::size_t> most_at_once{0};
};

PasswordCheck PasswordHasher::State::check(const std::string& password,
                                           const std::optional<std::string>& stored) {
    const Counted counted{*this};
    PasswordCheck result;
    if (stored && is_bcrypt(*stored)) {
        result.matches = bcrypt_matches(*stored, password);
        result.needs_rehash = result.matches;
        return result;
    }
    const std::optional<Cost> paid = stored ? cost_of(*stored) : std::nullopt;
    if (!paid) {
        static_cast<void>(argon2_matches(nobodys, password));
        return result;
    }
    result.matches = argon2_matches(*stored, password);
    result.needs_rehash =
        result.matches && (paid->memory_kib < cost.memory_kib || paid->passes < cost.passes ||
                           paid->lanes != cost.lanes);
    return result;
}

PasswordHasher::PasswordHasher(const PasswordOptions& options) {
    if (options.lanes < 1 || options.lanes > max_lanes || options.memory_kib < 8 * options.lanes ||
        options.memory_kib > max_memory_kib || options.passes < 1 || options.passes > max_passes)
        throw std::invalid_argument("armature: PasswordOptions: memory_kib is 8 times lanes to "
                                    "1 GiB, passes 1 to 100, lanes 1 to 64");
    if (options.at_once < 1)
        throw std::invalid_argument("armature: PasswordOptions::at_once is at least 1");
    state_ = std::make_unique<State>(options);
    state_->nobodys = argon2_hash(state_->cost, crypto::random_bytes(32));
}

PasswordHasher::~PasswordHasher() = default;

Task<std::string> PasswordHasher::hash(SecretString password) {
    if (password.expose().size() > max_size)
        throw Error::unprocessable("A password has at most 1024 bytes");
    auth::Gate::Permit permit = co_await state_->gate.enter();
    // The work can't be interrupted: it holds the permit, also when nobody waits for it any more.
    auto work = [this, permit = std::move(permit), password = std::move(password)] {
        return state_->hash(password.expose());
    };
    co_return co_await blocking(std::move(work));
}

Task<PasswordCheck> PasswordHasher::verify(SecretString password,
                                           std::optional<std::string> stored) {
    // Nobody's password is that long; whose it would be makes no difference to the time.
    if (password.expose().size() > max_size) co_return PasswordCheck{};
    auth::Gate::Permit permit = co_await state_->gate.enter();
    auto work = [this, permit = std::move(permit), password = std::move(password),
                 stored = std::move(stored)] { return state_->check(password.expose(), stored); };
    co_return co_await blocking(std::move(work));
}

std::uint64_t PasswordHasher::hashed() const noexcept { return state_->hashed; }
std::size_t PasswordHasher::most_at_once() const noexcept { return state_->most_at_once; }

} // namespace armature

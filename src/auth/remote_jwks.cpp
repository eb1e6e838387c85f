#include "auth/gate.hpp"
#include "auth/jws.hpp"
#include "auth/url_check.hpp"

#include <armature/auth/remote_jwks.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/log/log.hpp>

#include <algorithm>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace armature {

struct RemoteJwks::State {
    State(Client& with, std::string from, RemoteJwksOptions given)
        : client(with), url(std::move(from)), options(given) {}

    Client& client;
    const std::string url;
    const RemoteJwksOptions options;
    // Who fetches. As many may wait as the server lets in.
    auth::Gate fetching{1, 100'000};

    std::mutex mutex; // of what follows
    std::shared_ptr<const JwkSet> keys;
    std::int64_t fetched_at = 0;
    std::optional<std::int64_t> asked_at;

    struct View {
        std::shared_ptr<const JwkSet> keys;
        std::int64_t age = 0;
        bool may_ask = true;
    };
    [[nodiscard]] View look() {
        const std::int64_t now = Scheduler::current().read_clock();
        const std::lock_guard lock{mutex};
        return {keys, now - fetched_at, !asked_at || now - *asked_at >= options.cool_down.count()};
    }
    [[nodiscard]] bool usable(const View& view) const noexcept {
        return view.keys && view.age < options.max_stale.count();
    }
    [[nodiscard]] bool fresh(const View& view) const noexcept {
        return view.keys && view.age < options.max_age.count();
    }

    Task<> refresh(std::shared_ptr<const JwkSet> seen);
    Task<JwkSet> fetch();
};

namespace {

// How long after a fetch that nobody waited for to its end the next may begin.
constexpr std::int64_t pause_after_cancelled = 1'000;

} // namespace

Task<JwkSet> RemoteJwks::State::fetch() {
    ClientRequest request = ClientRequest{Method::get, url}
                                .header("accept", "application/json")
                                .timeout(Duration::seconds(10));
    ClientResponse response = co_await client.send(std::move(request));
    if (response.status() != Status::ok)
        throw Error::unavailable("the issuer answers the question for its keys with " +
                                 std::to_string(status_code(response.status())));
    const std::string text = co_await response.text(options.max_size);
    try {
        co_return JwkSet::from_json(text);
    } catch (const std::invalid_argument& error) {
        throw Error::unavailable(error.what());
    }
}

// Has newer keys than those that were `seen`, if they can be had.
Task<> RemoteJwks::State::refresh(std::shared_ptr<const JwkSet> seen) {
    const auth::Gate::Permit permit = co_await fetching.enter();
    // Somebody else may have asked while we waited.
    const View view = look();
    if (view.keys != seen || !view.may_ask) co_return;
    {
        const std::lock_guard lock{mutex};
        asked_at = Scheduler::current().read_clock();
    }
    bool ended = false;
    // Who leaves early, by which the fetch ends, must not keep the others from it for long.
    struct Early {
        State& state;
        const bool& ended;
        ~Early() {
            if (ended) return;
            const std::lock_guard lock{state.mutex};
            state.asked_at = *state.asked_at - state.options.cool_down.count() +
                             std::min(pause_after_cancelled, state.options.cool_down.count());
        }
    };
    const Early early{*this, ended};
    try {
        JwkSet fetched = co_await fetch();
        const std::lock_guard lock{mutex};
        keys = std::make_shared<const JwkSet>(std::move(fetched));
        fetched_at = Scheduler::current().read_clock();
        ended = true;
    } catch (const Error& error) {
        ended = true; // the keys of before go on, or the caller finds none
        log::warn("the keys of an issuer can't be had", {{"url", url}, {"reason", error.what()}});
    }
}

RemoteJwks::RemoteJwks(Client& client, std::string_view url, RemoteJwksOptions options) {
    auth::check_secure_url(url, "RemoteJwks");
    if (options.max_age <= Duration{} || options.max_stale < options.max_age ||
        options.cool_down <= Duration{})
        throw std::invalid_argument("armature: RemoteJwksOptions needs a max_age and cool_down "
                                    "above zero, and a max_stale that isn't below max_age");
    state_ = std::make_unique<State>(client, std::string{url}, options);
}

RemoteJwks::~RemoteJwks() = default;

Task<JwtClaims> RemoteJwks::verify(std::string_view token, const JwtRules& rules) {
    const auth::Jws jws = auth::take_apart(token, rules);
    State::View view = state_->look();
    const auto find = [&] {
        return view.keys ? view.keys->find(jws.key_id, jws.algorithm) : nullptr;
    };
    // Old keys are used while one request asks for newer ones; without the key there is only to
    // wait.
    if (!state_->usable(view) || find() == nullptr || (!state_->fresh(view) && view.may_ask)) {
        co_await state_->refresh(view.keys);
        view = state_->look();
    }
    if (!state_->usable(view))
        throw Error::unavailable("The keys to verify tokens with can't be had");
    co_return auth::check(jws, find(), rules, auth::unix_now());
}

RemoteJwtGuard::RemoteJwtGuard(std::shared_ptr<RemoteJwks> keys, JwtRules rules)
    : keys_(std::move(keys)) {
    auth::check_rules(rules);
    if (!keys_) throw std::invalid_argument("armature: RemoteJwtGuard needs the issuer's keys");
    auth::check_remote_algorithms(rules);
    rules_ = std::make_shared<const JwtRules>(std::move(rules));
}

Task<void> RemoteJwtGuard::can_activate(Request& request) const {
    const std::string_view token = detail::bearer_token(request);
    std::optional<JwtError> refused;
    try {
        JwtClaims claims = co_await keys_->verify(token, *rules_);
        request.set(detail::principal_of(std::move(claims)));
    } catch (const JwtError& error) {
        refused = error;
    }
    if (refused) detail::refuse_token(*refused);
}

void RemoteJwtGuard::document(OperationInfo& info) const {
    detail::document_bearer(info);
    info.error(Status::service_unavailable);
}

} // namespace armature

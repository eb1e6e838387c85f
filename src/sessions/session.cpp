#include "core/unix_time.hpp"
#include "crypto/crypto.hpp"
#include "sessions/sealer.hpp"
#include "sessions/state.hpp"

#include <armature/core/base64.hpp>
#include <armature/sessions/session.hpp>

#include <stdexcept>

namespace armature {

using sessions::Fate;
using sessions::SessionState;

namespace {

constexpr std::size_t most_cookie_bytes = 4096; // of name and value, as browsers keep them

// Of a stored session: what the cookie says, and under which key that is kept.
constexpr std::size_t id_bytes = 32;

bool is_id(std::string_view text) {
    const std::optional<std::string> bytes = from_base64url(text);
    return bytes && bytes->size() == id_bytes;
}

std::string store_key(std::string_view id) {
    return "session:" + crypto::to_hex(crypto::sha256(id));
}

} // namespace

CookieSessions::CookieSessions(const SecretKeys& keys, SessionOptions options)
    : cookies_(std::make_shared<const sessions::Cookies>(std::move(options))),
      // The name in the purpose: a cookie of another name is another kind of session.
      sealer_(std::make_shared<const sessions::Sealer>(keys, "session cookie " +
                                                                 cookies_->options().cookie)) {}

void CookieSessions::before(Request& request) const {
    SessionState state;
    if (const auto text = cookies_->text(request)) {
        const std::optional<std::string> content = sealer_->open(*text);
        state.came = content && state.read(*content) && cookies_->holds(state, unix_seconds());
        if (!state.came) {
            state = SessionState{};
            state.stale = true;
        }
    }
    if (!state.came) state.began = state.seen = unix_seconds();
    request.set(std::move(state));
}

void CookieSessions::after(Request& request, Response& response) const {
    SessionState* const state = request.find<SessionState>();
    if (state == nullptr) return;
    switch (cookies_->fate(*state, unix_seconds())) {
    case Fate::stay:
        return;
    case Fate::forget:
        return cookies_->forget(response);
    case Fate::keep:
        break;
    }
    const std::string sealed = sealer_->seal(state->to_text());
    if (sealed.size() + cookies_->options().cookie.size() > most_cookie_bytes)
        throw Error::internal("The session takes " + std::to_string(sealed.size()) +
                              " bytes and a cookie holds 4096: keep less in it, or use "
                              "StoredSessions");
    cookies_->send(response, sealed);
}

StoredSessions::StoredSessions(std::shared_ptr<KeyValueStore> store, SessionOptions options)
    : store_(std::move(store)),
      cookies_(std::make_shared<const sessions::Cookies>(std::move(options))) {
    if (store_ == nullptr)
        throw std::invalid_argument("armature: StoredSessions need a store, such as MemoryStore");
}

Task<Response> StoredSessions::operator()(Request& request, Next next) const {
    SessionState loaded;
    if (const auto text = cookies_->text(request)) {
        if (is_id(*text)) {
            loaded.id = *text;
            const std::optional<std::string> content = co_await store_->get(store_key(loaded.id));
            loaded.came =
                content && loaded.read(*content) && cookies_->holds(loaded, unix_seconds());
        }
        if (!loaded.came) {
            loaded = SessionState{};
            loaded.stale = true;
        }
    }
    if (!loaded.came) loaded.began = loaded.seen = unix_seconds();
    SessionState& state = request.set(std::move(loaded));

    Response response = co_await next(request);

    const std::int64_t now = unix_seconds();
    const Fate fate = cookies_->fate(state, now);
    if (fate == Fate::stay) co_return response;
    if (fate == Fate::forget) {
        if (state.came) (void)co_await store_->erase(store_key(state.id));
        cookies_->forget(response);
        co_return response;
    }
    const Duration life = cookies_->life(state, now);
    if (state.came && !state.renewed) {
        // Only if it is there still: what another request ended meanwhile stays ended.
        const bool is_kept = co_await store_->set(store_key(state.id), state.to_text(), life,
                                                  KeyValueStore::Write::if_present);
        if (!is_kept)
            cookies_->forget(response);
        else if (cookies_->options().persistent)
            cookies_->send(response, state.id);
        co_return response;
    }
    if (state.came) {
        // What another request ended meanwhile doesn't come back under another id; what this one
        // set does, as when a log-in was sent twice.
        const bool was_there = co_await store_->erase(store_key(state.id));
        if (!was_there) {
            state.drop_what_came();
            if (state.values.empty()) {
                cookies_->forget(response);
                co_return response;
            }
        }
    }
    const std::string id = to_base64url(crypto::random_bytes(id_bytes));
    (void)co_await store_->set(store_key(id), state.to_text(), life,
                               KeyValueStore::Write::if_absent);
    cookies_->send(response, id);
    co_return response;
}

} // namespace armature

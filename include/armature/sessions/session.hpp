#pragma once

#include <armature/app/extract.hpp>
#include <armature/app/middleware.hpp>
#include <armature/core/cookie.hpp>
#include <armature/core/duration.hpp>
#include <armature/sessions/secret_keys.hpp>
#include <armature/store/key_value_store.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace armature {

namespace sessions {
struct SessionState;
class Cookies;
class Sealer;
} // namespace sessions

/// What the server remembers of one client from request to request. A parameter of handlers; in
/// middleware and guards `Session::of(request)`. `CookieSessions` or `StoredSessions` has to stand
/// outside, else the answer is 500 and the log says so.
///
/// A session begins when something is put into it, and is kept when the handler is through: what a
/// streamed body's producer changes later is lost. Lifetime: as the request's.
class Session {
  public:
    [[nodiscard]] static Session of(Request& request);
    /// Nullopt where no session middleware stands outside.
    [[nodiscard]] static std::optional<Session> find(Request& request) noexcept;

    /// The value, until the session changes; or nullopt.
    [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
    /// Throws std::invalid_argument for an empty name, or one that begins with "armature:".
    void set(std::string_view name, std::string_view value);
    /// False when there was none.
    bool erase(std::string_view name);
    /// Takes all values out, not the session's id.
    void clear();

    /// Call it where somebody logs in or gains rights: the session goes on under a new id, its time
    /// begins anew, tokens made before are void. So an id that an attacker planted or saw is worth
    /// nothing.
    void renew();
    /// Call it where somebody logs out: nothing of the session stays.
    void end();

    /// Nothing came with the request, or nothing that still holds.
    [[nodiscard]] bool is_new() const noexcept;
    /// Seconds since 1970-01-01 UTC; of the last `renew`.
    [[nodiscard]] std::int64_t began_at() const noexcept;

    /// Leaves a text for the page that is shown next, after a redirect for example.
    void flash(std::string_view name, std::string_view text);
    /// The text that was left, once.
    [[nodiscard]] std::optional<std::string> take_flash(std::string_view name);

    /// A random text that belongs to this session until it is renewed; made when it is first asked
    /// for.
    [[nodiscard]] std::string_view secret();

  private:
    explicit Session(sessions::SessionState& state) noexcept : state_(&state) {}
    sessions::SessionState* state_;
};

template <>
struct Extract<Session> {
    static bool is_present(const ExtractInput& input) noexcept {
        return Session::find(input.request).has_value();
    }
    static Session from(const ExtractInput& input) { return Session::of(input.request); }
};

struct SessionOptions {
    /// The prefix makes browsers insist on Secure, on path "/", and on the host that set it: no
    /// subdomain can plant one. Without it, on an http address that isn't localhost for example,
    /// set `secure` too.
    std::string cookie = "__Host-session";
    /// After so long without a request it is over. It is noted down only when an eighth of it has
    /// passed, so that most requests write nothing.
    Duration idle = Duration::seconds(30 * 60);
    /// So long after it began it is over, however busy.
    Duration absolute = Duration::seconds(12 * 3600);
    SameSite same_site = SameSite::lax;
    /// False lets it travel over http, to whoever listens. Not with a `__Host-` name.
    bool secure = true;
    /// Keeps the cookie when the browser is closed, for `idle`.
    bool persistent = false;
};

/// Sessions that the client keeps itself: the cookie holds everything, encrypted and authenticated
/// by AES-256-GCM. Needs no store and never waits. At most 4096 bytes; `end` makes the browser
/// forget, but can't call back a copy that somebody stole before: it holds until `idle` is over.
/// With one key at most 2^32 cookies should be made; rotate keys.
class CookieSessions {
  public:
    static constexpr std::string_view name = "cookie-sessions";

    /// Throws std::invalid_argument for options that contradict each other.
    explicit CookieSessions(const SecretKeys& keys, SessionOptions options = {});

    void before(Request& request) const;
    void after(Request& request, Response& response) const;

  private:
    std::shared_ptr<const sessions::Cookies> cookies_;
    std::shared_ptr<const sessions::Sealer> sealer_;
};

/// Sessions in a `KeyValueStore`: the cookie is a random id of 256 bits, of which the store sees a
/// digest only. `end` is final for all copies. An id that the server didn't give out is never used.
///
/// Of two requests at once that change one session, the later one's values stay.
class StoredSessions {
  public:
    static constexpr std::string_view name = "stored-sessions";

    /// Throws std::invalid_argument as `CookieSessions`.
    explicit StoredSessions(std::shared_ptr<KeyValueStore> store, SessionOptions options = {});

    Task<Response> operator()(Request& request, Next next) const;

  private:
    std::shared_ptr<KeyValueStore> store_;
    std::shared_ptr<const sessions::Cookies> cookies_;
};

} // namespace armature

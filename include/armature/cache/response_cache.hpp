#pragma once

#include <armature/app/middleware.hpp>
#include <armature/cache/cache.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace armature {

struct ResponseCacheOptions {
    /// Where responses are kept; a cache of its own by default.
    Cache cache = Cache{};
    /// Larger contents aren't kept. Bytes.
    std::size_t max_content = 1024 * 1024;
    /// Obeys Cache-Control of requests. Without it, clients can't have anything made anew.
    bool obey_requests = true;
    /// What it is called in Cache-Status: a token.
    std::string name = "armature";
    /// Milliseconds of a clock that never goes back; for tests.
    std::int64_t (*clock)() noexcept = &steady_now;
};

/// Middleware that keeps responses and gives them again, as a shared cache after RFC 9111:
///
///     app.wrap(ResponseCache{})
///     …  return Response::text("hello").header("cache-control", "max-age=60");
///
/// Only what says for how long it is fresh (Cache-Control s-maxage or max-age, or Expires) is kept,
/// of GET, with content in memory, of any final status but 206 and 304; never what says no-store or
/// private, has Set-Cookie or `Vary: *`, nor what answers a request with Authorization, unless it
/// is public or says s-maxage or must-revalidate (§3.5). HEAD is answered from it too.
///
/// - Requests that differ in a field that the response names in Vary don't share it.
/// - Of many that miss at the same time one goes on and the others wait for it.
/// - What is stale and has an ETag or Last-Modified is validated: the handler sees If-None-Match,
/// and
///   its 304 makes it fresh again. stale-while-revalidate gives the stale one to all but the
///   request that renews it, stale-if-error when that gets 500, 502, 503 or 504.
/// - A successful POST, PUT, PATCH or DELETE ends what is kept for its URL, and for those of its
///   Location and Content-Location (§4.4).
/// - If-None-Match and If-Modified-Since of clients are answered from what is kept.
/// - `Age` and `Cache-Status` (RFC 9211) say what happened.
///
/// Wrap with it what answers everybody the same, inside of guards: who isn't let in gets nothing
/// from it. A handler that looks at a cookie, or at any other field, has to say so in Vary.
class ResponseCache {
  public:
    static constexpr std::string_view name = "response-cache";

    ResponseCache() : ResponseCache(ResponseCacheOptions{}) {}
    /// Throws std::invalid_argument for options that can't be right.
    explicit ResponseCache(ResponseCacheOptions options);

    Task<Response> operator()(Request& request, Next next) const;

    class State; // inside of the library only

  private:
    std::shared_ptr<State> state_;
};

} // namespace armature

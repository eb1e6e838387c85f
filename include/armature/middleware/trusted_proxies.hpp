#pragma once

#include <armature/core/address_ranges.hpp>
#include <armature/core/request.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

namespace armature {

/// Which fields tell where a request came from. A proxy writes one kind and may pass on the other
/// as its client sent it, so only one is believed.
enum class ForwardingFields : std::uint8_t {
    x_forwarded, ///< X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host
    forwarded,   ///< Forwarded (RFC 7239)
};

struct TrustedProxiesOptions {
    ForwardingFields fields = ForwardingFields::x_forwarded;
    /// Believe what they say of the scheme.
    bool scheme = true;
    /// Believe what they say of the host: only if your proxies set it, because one that doesn't
    /// passes on what its client made up.
    bool host = false;
};

/// The proxy that a request came by, beside its client: attached to requests of trusted proxies.
struct ProxyAddress {
    PeerAddress address; ///< the connection's other end
};

/// Middleware that believes trusted proxies what they say of a request's origin: then
/// `Request::peer` is the client's address, and scheme and authority are those that it asked for.
/// Handlers, logs, limits and everything else see these. Put it outermost.
///
/// The chain of proxies is followed from the connection's other end, from right to left, as long as
/// each is trusted: the client is the first that isn't. What a client wrote itself stands further
/// left and isn't looked at. Where a trusted proxy hides its client ("unknown", "_hidden", or what
/// is no address), the proxy counts as the client. A Forwarded field whose quotes don't end is
/// refused with 400. From peers that aren't trusted nothing is believed.
///
/// Cost of a request that comes directly: a comparison for each range. Allocates nothing.
class TrustedProxies {
  public:
    static constexpr std::string_view name = "trusted-proxies";

    /// Throws std::invalid_argument when there are no proxies.
    explicit TrustedProxies(AddressRanges proxies, TrustedProxiesOptions options = {});

    void before(Request& request) const {
        if (proxies_.contains(request.peer())) believe(request);
    }

  private:
    void believe(Request& request) const;
    void believe_x_forwarded(Request& request) const noexcept;
    void believe_forwarded(Request& request) const;
    /// Takes the client's address from a proxy's word; whether it is a trusted proxy too.
    bool follow(Request& request, std::string_view node) const noexcept;

    AddressRanges proxies_;
    TrustedProxiesOptions options_;
};

} // namespace armature

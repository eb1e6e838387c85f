#include "server/proxy_protocol.hpp"

#include <armature/core/error.hpp>
#include <armature/middleware/trusted_proxies.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

// What proxies say of their clients. As a header of the PROXY protocol: however much of it is
// there, the same comes of it. As a Forwarded and an X-Forwarded-For field of a trusted proxy: the
// client is never left unknown, and a host that is believed is one.

namespace {

using namespace armature;
using State = server::ProxyHeader::State;

void require(bool condition) {
    if (!condition) std::abort();
}

void read_header(std::string_view bytes) {
    const server::ProxyHeader whole = server::parse_proxy_header(bytes);
    require(whole.state == State::complete ? whole.size > 0 && whole.size <= bytes.size()
                                           : !whole.client);
    for (std::size_t size = 0; size < bytes.size() && size < 300; ++size) {
        const server::ProxyHeader part = server::parse_proxy_header(bytes.substr(0, size));
        if (whole.state == State::complete && size >= whole.size)
            require(part.state == State::complete && part.size == whole.size);
        else if (whole.state != State::malformed)
            require(part.state == State::incomplete);
        else
            require(part.state != State::complete);
    }
}

void read_field(const char* name, std::string_view value, const TrustedProxies& middleware) {
    Request request = Request::get("/");
    if (!request.mutable_headers().try_append(name, value)) return;
    static_cast<void>(request.mutable_headers().try_append("x-forwarded-host", value));
    request.set_peer(*parse_address("10.0.0.1"));
    request.head().authority = "a";
    try {
        middleware.before(request);
    } catch (const Error& error) {
        require(error.status() == Status::bad_request);
    }
    require(request.peer().family() == PeerAddress::Family::ipv4 ||
            request.peer().family() == PeerAddress::Family::ipv6);
    require(!request.authority().empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const TrustedProxies x_forwarded{{"10.0.0.0/8"}, {.host = true}};
    static const TrustedProxies forwarded{
        {"10.0.0.0/8"}, {.fields = ForwardingFields::forwarded, .scheme = true, .host = true}};
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    read_header(bytes);
    read_field("x-forwarded-for", bytes, x_forwarded);
    read_field("forwarded", bytes, forwarded);
    return 0;
}

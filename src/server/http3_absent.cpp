#include "server/http3.hpp"

namespace armature::server {

std::unique_ptr<Http3Service> Http3Service::make(const ServerOptions&, const Dispatcher&,
                                                 std::atomic<std::uint32_t>&) {
    throw ServerError{"this build has no HTTP/3: its libraries (on Debian libngtcp2-dev, "
                      "libngtcp2-crypto-gnutls-dev, libnghttp3-dev, libgnutls28-dev) were missing"};
}

} // namespace armature::server

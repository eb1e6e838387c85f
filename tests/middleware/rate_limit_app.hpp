#pragma once

#include <armature/app/app.hpp>
#include <armature/middleware/rate_limit.hpp>
#include <armature/testing/client.hpp>
#include <armature/testing/response.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace armature::testing {

/// Makes requests come from an address that the test chooses.
class PretendPeer {
  public:
    void before(Request& request) const { request.set_peer(*peer_); }
    void set(const std::string& address, std::uint16_t port = 4711) const {
        unsigned char bytes[16];
        const bool is_v6 = address.find(':') != std::string::npos;
        ASSERT_EQ(::inet_pton(is_v6 ? AF_INET6 : AF_INET, address.c_str(), bytes), 1);
        *peer_ = {is_v6 ? PeerAddress::Family::ipv6 : PeerAddress::Family::ipv4, bytes, port};
    }

  private:
    std::shared_ptr<PeerAddress> peer_ = std::make_shared<PeerAddress>();
};

inline std::string hello() { return "hello"; }

/// How many of `count` requests pass.
inline int passing(TestClient& client, int count, std::string_view target = "/") {
    int passed = 0;
    for (int i = 0; i < count; ++i)
        if (client.get(target).send().status() == Status::ok) ++passed;
    return passed;
}

} // namespace armature::testing

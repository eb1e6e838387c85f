#include "testing/socket_transport.hpp"

#include <armature/testing/client.hpp>

// Apart from the rest, so that tests in process need no server.

namespace armature {

TestClient TestClient::over_http(TestedApp app, TestClientOptions options) {
    options.secure = false;
    return TestClient{
        testkit::session_over(std::make_shared<testkit::SocketTransport>(std::move(app), options))};
}

TestClient TestClient::over_https(TestedApp app, TestClientOptions options) {
    options.secure = true;
    return TestClient{
        testkit::session_over(std::make_shared<testkit::SocketTransport>(std::move(app), options))};
}

} // namespace armature

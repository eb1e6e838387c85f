#pragma once

#include "testing/transport.hpp"

#include <memory>
#include <string>

namespace armature::testkit {

class SocketTransport;

/// A connection whose HTTP/1.1 request asks for a WebSocket; after 101 its bytes are the content.
class RawWebSocket final : public Call {
  public:
    /// Connects and sends the request. Throws `TestFailure`.
    RawWebSocket(std::shared_ptr<SocketTransport> transport, const Outgoing& request);
    ~RawWebSocket() override;

    void write(std::string_view bytes) override;
    void trailer(std::string_view, std::string_view) override {}
    void finish() override {}
    [[nodiscard]] bool has_head() override { return has_head_; }
    void wait_for_head() override;
    [[nodiscard]] Got read(std::string& bytes, Duration within) override;

  private:
    [[nodiscard]] bool receive(std::int64_t milliseconds);
    void read_head(std::string_view head);

    std::shared_ptr<SocketTransport> transport_;
    int descriptor_ = -1;
    std::string input_;
    std::size_t left_ = 0; ///< of a refusal's content
    bool has_head_ = false;
    bool closed_ = false;
};

} // namespace armature::testkit

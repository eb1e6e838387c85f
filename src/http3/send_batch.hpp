#pragma once

#include "http3/datagram_socket.hpp"
#include "http3/quic_compat.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace armature::http3 {

/// Packets of one connection on their way to the socket: as many as possible in one call, which
/// wants them of equal size but for the last one, and on one path.
class SendBatch {
  public:
    explicit SendBatch(PacketSink& sink) : sink_(sink), buffer_(new std::uint8_t[capacity]) {}

    /// How many packets of `bytes` fit.
    [[nodiscard]] static std::size_t most(std::size_t bytes) noexcept {
        return std::min<std::size_t>(64, kernel_limit / bytes);
    }
    /// Where the next packet goes; `ngtcp2_conn_get_max_tx_udp_payload_size` bytes are there.
    [[nodiscard]] std::uint8_t* room() noexcept { return buffer_.get() + size_; }
    /// A packet was put there. `path_limit`: larger ones are probes, which may get lost alone.
    void add(const ngtcp2_path& path, std::uint8_t ecn, std::size_t bytes, std::size_t path_limit);
    /// Sends what is there.
    void flush();

    /// The kernel takes no more now. Nothing may be added until `retry` has got rid of the rest.
    [[nodiscard]] bool is_blocked() const noexcept { return !waiting_.empty(); }
    void retry();

  private:
    // A datagram that UDP can carry, and one packet that was made before its batch was sent.
    static constexpr std::size_t kernel_limit = 65'000;
    static constexpr std::size_t capacity = kernel_limit + 2048;

    struct Waiting {
        Path path;
        std::string bytes;
        std::size_t segment;
    };

    PacketSink& sink_;
    std::unique_ptr<std::uint8_t[]> buffer_;
    std::size_t size_ = 0;
    std::size_t segment_ = 0;
    Path path_;
    std::vector<Waiting> waiting_;
};

} // namespace armature::http3

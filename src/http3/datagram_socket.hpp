#pragma once

#include "http3/address.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace armature::http3 {

/// The way of a datagram, and its ECN codepoint (RFC 3168).
struct Path {
    Address local;
    Address remote;
    std::uint8_t ecn = 0;
};

/// Where an endpoint's packets go.
class PacketSink {
  public:
    enum class Sent : std::uint8_t { yes, blocked };
    /// Sends `bytes` as datagrams of `segment` bytes, the last one may be shorter. `blocked`: the
    /// kernel has no room; nothing was sent and the caller keeps the bytes. What can't be sent for
    /// any other reason is lost, as datagrams may be.
    [[nodiscard]] virtual Sent send(const Path& path, std::string_view bytes,
                                    std::size_t segment) = 0;

  protected:
    ~PacketSink() = default;
};

/// An open UDP socket for QUIC. Sends many datagrams with one call where the kernel can (GSO), and
/// receives many (GRO, recvmmsg).
class DatagramSocket final : public PacketSink {
  public:
    /// Opens one socket for each of `copies` workers on the same port; the kernel gives each
    /// packet to the worker that the connection id names. `buffer_bytes` is asked for in both
    /// directions; the kernel may grant less. Throws std::system_error.
    [[nodiscard]] static std::vector<std::unique_ptr<DatagramSocket>>
    open(const Address& address, unsigned copies, int buffer_bytes);

    DatagramSocket(const DatagramSocket&) = delete;
    DatagramSocket& operator=(const DatagramSocket&) = delete;
    ~DatagramSocket();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] const Address& local() const noexcept { return local_; }

    /// One receive call's work, looked at with `visit(const Path&, std::string_view datagram)`.
    /// False when it met the end of the queue, so that no call is spent on finding nothing.
    template <class Visit>
    bool receive(Visit&& visit) {
        const int count = fill();
        for (int i = 0; i < count; ++i) {
            Received& received = received_[static_cast<std::size_t>(i)];
            std::string_view bytes = received.bytes;
            while (!bytes.empty()) {
                const std::string_view datagram = bytes.substr(0, received.segment);
                bytes.remove_prefix(datagram.size());
                visit(static_cast<const Path&>(received.path), datagram);
            }
        }
        return count == static_cast<int>(batch);
    }

    [[nodiscard]] Sent send(const Path& path, std::string_view bytes, std::size_t segment) override;

  private:
    explicit DatagramSocket(int descriptor, const Address& local);
    [[nodiscard]] int fill();
    [[nodiscard]] Sent send_one(const Path& path, std::string_view bytes, std::size_t segment);

    struct Received {
        Path path;
        std::string_view bytes;
        std::size_t segment = 0;
    };
    static constexpr std::size_t batch = 8;
    static constexpr std::size_t buffer_size = 64 * 1024; ///< what GRO may join

    int descriptor_;
    Address local_;
    bool segments_ = true; ///< the kernel and the device split for us
    std::vector<char> buffers_;
    std::vector<Received> received_;
};

} // namespace armature::http3

#pragma once

#include "http3/endpoint.hpp"
#include "http3/http3_app.hpp"

#include <armature/core/scheduler.hpp>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

// An endpoint without sockets: datagrams in, and what it answers, in a time that only tests move.
namespace armature::testing {

inline http3::Address loopback(std::uint16_t port) {
    http3::Address address;
    address.ipv4.sin_family = AF_INET;
    address.ipv4.sin_port = htons(port);
    address.ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.size = sizeof address.ipv4;
    return address;
}

class QuietEndpoint final : http3::PacketSink, http3::Endpoint::Host {
  public:
    explicit QuietEndpoint(const http3::EndpointOptions& options = {},
                           const tls::Identity& identity = usual_identity())
        : application_(make_http3_app(counters_)),
          secrets_(http3::Secrets::derive(std::string(32, 's'))),
          credentials_(make(secrets_, identity)),
          endpoint_(options, secrets_, credentials_, application_.dispatcher(), loop_, *this,
                    *this) {
        path_.local = loopback(443);
        path_.remote = loopback(4711);
    }

    /// Gives it a datagram; what it sent for that is returned.
    std::vector<std::string> receive(std::string_view datagram) {
        sent_.clear();
        endpoint_.receive(path_, datagram);
        while (endpoint_.flush())
            continue;
        return std::move(sent_);
    }
    /// What it sends without being asked again.
    std::vector<std::string> flush() {
        sent_.clear();
        while (endpoint_.flush())
            continue;
        return std::move(sent_);
    }
    [[nodiscard]] std::size_t connections() const { return endpoint_.connection_count(); }
    [[nodiscard]] http3::Endpoint& endpoint() { return endpoint_; }
    void advance(http3::Nanoseconds time) { now_ += time; }
    [[nodiscard]] http3::Nanoseconds now() const noexcept override { return now_; }
    void set_blocked(bool blocked) { blocked_ = blocked; }
    [[nodiscard]] const std::vector<std::string>& sent() const { return sent_; }
    [[nodiscard]] bool was_at_rest() const { return at_rest_; }

  private:
    static const tls::Identity& usual_identity() {
        static const tls::Identity identity = tls::self_signed();
        return identity;
    }
    static http3::CredentialsSlot make(const http3::Secrets& secrets,
                                       const tls::Identity& identity) {
        tls::ServerTlsOptions options;
        options.identities.push_back(identity);
        return http3::CredentialsSlot{
            std::make_shared<const http3::Credentials>(options, secrets, false)};
    }

    Sent send(const http3::Path&, std::string_view bytes, std::size_t segment) override {
        if (blocked_) return Sent::blocked;
        while (!bytes.empty()) {
            sent_.emplace_back(bytes.substr(0, segment));
            bytes.remove_prefix(sent_.back().size());
        }
        return Sent::yes;
    }
    void endpoint_changed() override {}
    void endpoint_at_rest() override { at_rest_ = true; }

    Counters counters_;
    Application application_;
    LocalLoop loop_;
    LocalLoop::Enter enter_{loop_};
    http3::Secrets secrets_;
    http3::CredentialsSlot credentials_;
    http3::Endpoint endpoint_;
    http3::Path path_;
    std::vector<std::string> sent_;
    http3::Nanoseconds now_ = 1'000'000'000;
    bool blocked_ = false;
    bool at_rest_ = false;
};

/// A datagram with a long header (RFC 9000 §17.2), padded to `size`.
inline std::string long_header(std::uint32_t version, std::string_view destination,
                               std::string_view source, std::size_t size, char first = '\xc0') {
    std::string packet{first};
    for (int shift = 24; shift >= 0; shift -= 8)
        packet += static_cast<char>(version >> shift);
    packet.append(1, static_cast<char>(destination.size())).append(destination);
    packet.append(1, static_cast<char>(source.size())).append(source);
    packet.resize(std::max(size, packet.size()));
    return packet;
}

} // namespace armature::testing

#pragma once

#include "mux/request_head.hpp"

#include <armature/core/duration.hpp>

#include <atomic>
#include <cstdint>

namespace armature::http3 {

/// What a client may cost. Each has a default that suits a public service.
struct Limits {
    mux::HeadLimits head;
    /// Requests that a connection may have open at a time.
    std::uint32_t concurrent_streams = 100;
    /// After that many the client is asked to make a new connection.
    std::uint32_t requests_per_connection = 1'000'000;
    /// From a connection's first packet to the end of its handshake.
    Duration handshake_timeout = Duration::seconds(10);
    /// Without packets, and without requests.
    Duration idle_timeout = Duration::seconds(60);
    /// From the first byte of a request's head to its end.
    Duration header_timeout = Duration::seconds(10);
    /// While the server waits for content or for a response to be taken, this many bytes a second
    /// must move, counted anew after each `transfer_grace`.
    std::uint32_t min_transfer_rate = 240;
    Duration transfer_grace = Duration::seconds(20);
    /// Content that a request, or all requests of a connection together, may have sent before a
    /// handler took any of it, in bytes. QUIC's flow control: the client isn't allowed to send
    /// more. Fast connections whose content is taken may get up to 16 times as much.
    std::uint32_t stream_window = 256 * 1024;
    std::uint32_t connection_window = 1024 * 1024;
    /// Memory for the compression of request heads, in bytes a connection.
    std::uint32_t qpack_table_bytes = 4096;
    /// Requests a client may cancel more than it lets finish; then the connection is closed.
    std::uint32_t cancelled_requests = 200;
    /// Answers to packets that belong to no connection, of one worker: version negotiation, resets.
    std::uint32_t stateless_answers_per_second = 1000;
};

/// When a client has to prove that it receives what is sent to its address (RFC 9000 §8.1.2), at
/// the price of a round trip.
enum class AddressValidation : std::uint8_t {
    under_load, ///< while a worker has many unfinished handshakes
    always,
};

struct EndpointOptions {
    Limits limits;
    AddressValidation address_validation = AddressValidation::under_load;
    /// The share of the traffic that this endpoint gets: see `DatagramSocket::open`.
    unsigned worker = 0;
    unsigned workers = 1;
    /// Open connections of the process and their limit; null counts nothing.
    std::atomic<std::uint32_t>* connections = nullptr;
    std::uint32_t most_connections = 100'000;
};

} // namespace armature::http3

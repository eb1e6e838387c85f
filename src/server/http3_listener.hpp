#pragma once

#include "http3/datagram_socket.hpp"
#include "http3/endpoint.hpp"
#include "server/event_loop.hpp"

#include <cstdint>
#include <memory>

namespace armature::server {

/// HTTP/3 on one worker: a UDP socket and a timer on its loop. The I/O of `http3::Endpoint`.
class Http3Listener final : EventLoop::Watcher, EventLoop::Deferred, http3::Endpoint::Host {
  public:
    class Owner {
      public:
        /// After `drain`: nothing is left. May be called several times.
        virtual void http3_at_rest() = 0;

      protected:
        ~Owner() = default;
    };

    /// All references must outlive the listener. Throws std::system_error.
    Http3Listener(EventLoop& loop, Owner& owner, std::unique_ptr<http3::DatagramSocket> socket,
                  const http3::EndpointOptions& options, const http3::Secrets& secrets,
                  const http3::CredentialsSlot& credentials, const Dispatcher& dispatcher);
    ~Http3Listener();

    /// Fields of every response; renewed once a second by the worker.
    [[nodiscard]] Headers& common_fields() noexcept { return endpoint_.common_fields(); }

    /// Takes no new connection, finishes what is under way.
    void drain() { endpoint_.drain(); }
    /// Cancels what is under way.
    void abort();
    [[nodiscard]] bool at_rest() const noexcept { return endpoint_.at_rest(); }

  private:
    struct Clock final : EventLoop::Watcher {
        explicit Clock(Http3Listener& of) noexcept : listener(of) {}
        void on_events(std::uint32_t) override { listener.clock_rang(); }
        Http3Listener& listener;
    };

    void on_events(std::uint32_t events) override;
    void run_deferred() override { turn(); }
    void endpoint_changed() override;
    void endpoint_at_rest() override { owner_.http3_at_rest(); }

    void turn();
    void clock_rang();
    void set_clock();

    EventLoop& loop_;
    Owner& owner_;
    std::unique_ptr<http3::DatagramSocket> socket_;
    http3::Endpoint endpoint_;
    Clock clock_{*this};
    int timer_ = -1;
    http3::Nanoseconds rings_at_ = ~http3::Nanoseconds{0};
    bool readable_ = false;
    bool in_turn_ = false;
};

} // namespace armature::server

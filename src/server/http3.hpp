#pragma once

#include "server/event_loop.hpp"

#include <armature/core/exchange.hpp>
#include <armature/server/server.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

// HTTP/3, as the rest of the server sees it: it can be built without.

namespace armature::server {

/// One worker's share of an address.
class Http3Listener {
  public:
    class Owner {
      public:
        /// After `drain`: nothing is left. May be called several times.
        virtual void http3_at_rest() = 0;

      protected:
        ~Owner() = default;
    };

    virtual ~Http3Listener() = default;
    /// Fields of every response.
    [[nodiscard]] virtual Headers& common_fields() noexcept = 0;
    /// Takes no new connection, finishes what is under way.
    virtual void drain() = 0;
    /// Cancels what is under way.
    virtual void abort() = 0;
    [[nodiscard]] virtual bool at_rest() const noexcept = 0;
};

/// What all workers share.
class Http3Service {
  public:
    /// The references must outlive the service. Throws `ServerError` where HTTP/3 was left out of
    /// the build, and `tls::TlsError`.
    [[nodiscard]] static std::unique_ptr<Http3Service>
    make(const ServerOptions& options, const Dispatcher& dispatcher,
         std::atomic<std::uint32_t>& connections);
    virtual ~Http3Service() = default;

    /// Opens a UDP address for `workers` workers and gives it with the port that the kernel chose.
    /// Throws `ServerError`.
    virtual std::string open(const std::string& host, const std::string& port,
                             unsigned workers) = 0;
    /// Gives a worker, counted from 0, its share of the address that was opened last.
    [[nodiscard]] virtual std::unique_ptr<Http3Listener> listen(unsigned worker, EventLoop& loop,
                                                                Http3Listener::Owner& owner) = 0;
    /// Reads the certificates again. Throws `tls::TlsError` and keeps the old ones.
    virtual void reload() = 0;
};

} // namespace armature::server

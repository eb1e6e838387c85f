#pragma once

#include "cli/bench/plan.hpp"

#include <cstddef>
#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace armature::cli::bench {

/// How TLS is spoken to the origin: its certificate has to be signed by an authority and name it.
class TlsSettings {
  public:
    /// Throws terminal::CommandError for authorities that can't be read.
    explicit TlsSettings(const LoadPlan& plan);
    [[nodiscard]] ssl_ctx_st* context() const noexcept { return context_.get(); }
    [[nodiscard]] const std::string& host() const noexcept { return host_; }
    [[nodiscard]] bool is_address() const noexcept { return is_address_; }

  private:
    struct Free {
        void operator()(ssl_ctx_st* context) const noexcept;
    };
    std::unique_ptr<ssl_ctx_st, Free> context_;
    std::string host_;
    bool is_address_ = false;
};

/// A socket that doesn't block, with TLS if there is any.
class Transport {
  public:
    enum class Result : std::uint8_t { done, wait_to_read, wait_to_write, ended, failed };

    /// Begins to connect. `tls` null: none.
    Transport(const Origin& origin, const TlsSettings* tls);
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    ~Transport();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    /// Whether the connection is made: TCP's, to be asked once the socket can be written.
    [[nodiscard]] Result connect() noexcept;
    [[nodiscard]] Result handshake(bool wants_http2) noexcept;
    /// `done`: `size` bytes are there, at least one.
    [[nodiscard]] Result read(char* to, std::size_t& size) noexcept;
    /// `done`: `size` bytes were taken, at least one.
    [[nodiscard]] Result write(const char* from, std::size_t& size) noexcept;

  private:
    struct Free {
        void operator()(ssl_st* session) const noexcept;
    };
    [[nodiscard]] Result reason(int returned) noexcept;

    int descriptor_ = -1;
    std::unique_ptr<ssl_st, Free> session_;
};

} // namespace armature::cli::bench

#pragma once

#include "cli/bench/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace armature::cli::bench {

/// A request on its way. Times are nanoseconds of the steady clock.
struct Sent {
    std::uint64_t due = 0;  ///< when it should have been sent: what its latency counts from
    std::uint64_t sent = 0; ///< when it was
    std::uint16_t target = 0;
};

/// Who is told of responses.
class Answers {
  public:
    virtual void answered(const Sent& request, unsigned status, std::uint64_t content_bytes) = 0;
    /// The server took this one back, and the connection is good: HTTP/2 alone.
    virtual void was_reset(const Sent& request) = 0;

  protected:
    ~Answers() = default;
};

/// A client's side of one connection: requests to bytes, bytes to responses. Knows no socket.
class Protocol {
  public:
    Protocol() = default;
    Protocol(const Protocol&) = delete;
    Protocol& operator=(const Protocol&) = delete;
    virtual ~Protocol() = default;

    virtual void send(const Sent& request) = 0;
    /// False for what isn't the protocol: the connection is of no use any more.
    [[nodiscard]] virtual bool receive(std::string_view bytes) = 0;
    /// The server closed. False if something was under way that this didn't complete.
    [[nodiscard]] virtual bool close() = 0;
    /// Whether more requests may be sent.
    [[nodiscard]] virtual bool is_usable() const = 0;
    [[nodiscard]] virtual std::size_t under_way() const = 0;
    /// When the one that waits longest was sent; only if something is under way.
    [[nodiscard]] virtual std::uint64_t oldest() const = 0;
    /// Those that get no response any more.
    [[nodiscard]] virtual std::vector<Sent> take_under_way() = 0;

    /// What is to be sent; whoever sends it erases it.
    [[nodiscard]] std::string& output() noexcept { return output_; }

  protected:
    std::string output_;
};

/// What every connection of a run sends.
class Requests {
  public:
    explicit Requests(const LoadPlan& plan);
    [[nodiscard]] const LoadPlan& plan() const noexcept { return *plan_; }
    /// Head and content of a target in HTTP/1.1.
    [[nodiscard]] const std::string& text(std::size_t target) const { return texts_[target]; }

  private:
    const LoadPlan* plan_;
    std::vector<std::string> texts_;
};

[[nodiscard]] std::unique_ptr<Protocol> make_http1(const Requests& requests, Answers& answers);
[[nodiscard]] std::unique_ptr<Protocol> make_http2(const Requests& requests, Answers& answers);

} // namespace armature::cli::bench

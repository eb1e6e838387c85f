#pragma once

#include "core/socket_waiter.hpp"

#include <armature/core/error.hpp>
#include <armature/core/headers.hpp>
#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace armature::cli::dev {

/// The program didn't answer: it ended, or what it said is no HTTP.
struct NoAnswer : std::exception {
    [[nodiscard]] const char* what() const noexcept override {
        return "the program closed the connection without an answer";
    }
};

/// A socket that one task reads and another writes.
class Socket {
  public:
    explicit Socket(int descriptor) noexcept;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket();

    /// What came, up to `size` bytes; 0 at the end of the stream, however it ended.
    [[nodiscard]] Task<std::size_t> read(char* to, std::size_t size);
    /// False when the other side is gone.
    [[nodiscard]] Task<bool> write(std::string_view bytes);
    void shut_down_writing() noexcept;

  private:
    int descriptor_;
    int writing_; ///< the same socket once more, since a loop knows one waiter for a descriptor
    detail::SocketWaiter* readable_;
    detail::SocketWaiter* writable_;
};

/// A request on its way to the program, on a connection of its own: so that none can meet one that
/// the program is about to close. Content goes through piece by piece, in both directions.
class Upstream {
  public:
    /// Connects to the program's Unix-domain socket. While its queue is full, it waits.
    [[nodiscard]] static Task<std::unique_ptr<Upstream>> connect(const std::string& path);
    explicit Upstream(int descriptor) noexcept : socket_(descriptor) {}

    /// Begins to send the request, in front of it who the client is (PROXY protocol). `request`
    /// has to outlive this object or `abandon_content`. `whole_and_plain`: the answer has to be
    /// content, and not compressed.
    void send(Request& request, bool whole_and_plain);
    /// The response's head. Throws NoAnswer.
    [[nodiscard]] Task<> receive_head();
    [[nodiscard]] Status status() const noexcept { return status_; }
    [[nodiscard]] const Headers& headers() const noexcept { return headers_; }

    /// The content of the response, which keeps `upstream`.
    [[nodiscard]] static Body content(std::unique_ptr<Upstream> upstream, bool is_head);
    /// After a 101: passes bytes on in both directions until one of them ends.
    [[nodiscard]] static Task<> tunnel(std::unique_ptr<Upstream> upstream, ByteStream& client);

    void abandon_content() noexcept { sending_ = {}; }

  private:
    class Content;

    Task<> send_all(Request& request, std::string head, bool chunked);
    Task<> pass_on(ByteStream& client);
    [[nodiscard]] Task<bool> fill();
    void parse_head(std::string_view head);

    Socket socket_;
    std::string received_; ///< not used yet
    Status status_ = Status::ok;
    Headers headers_;
    Task<> sending_;
};

/// Whether a field is about one connection only (RFC 9110 §7.6.1), or made anew on each.
[[nodiscard]] bool is_hop_by_hop(const Headers& headers, const Headers::Entry& entry);

} // namespace armature::cli::dev

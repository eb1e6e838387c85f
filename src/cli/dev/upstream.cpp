#include "cli/dev/upstream.hpp"

#include "core/characters.hpp"
#include "core/list_field.hpp"

#include <armature/http1/body_decoder.hpp>
#include <armature/http1/head_writer.hpp>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

namespace armature::cli::dev {

namespace {

constexpr std::size_t piece_size = 16 * 1024;
constexpr std::size_t most_head_bytes = 256 * 1024;
constexpr Duration queue_is_full = Duration::milliseconds(5);

void put_field(std::string& head, std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
}

std::string proxy_line(const PeerAddress& peer) {
    const bool is_ipv6 = peer.family() == PeerAddress::Family::ipv6;
    if (!is_ipv6 && peer.family() != PeerAddress::Family::ipv4) return "PROXY UNKNOWN\r\n";
    const std::string to = is_ipv6 ? " ::1 " : " 127.0.0.1 ";
    return std::string{"PROXY "} + (is_ipv6 ? "TCP6 " : "TCP4 ") + peer.address() + to +
           std::to_string(peer.port()) + " 0\r\n";
}

} // namespace

bool is_hop_by_hop(const Headers& headers, const Headers::Entry& entry) {
    switch (entry.field()) {
    case Field::connection:
    case Field::keep_alive:
    case Field::proxy_connection:
    case Field::transfer_encoding:
    case Field::content_length:
    case Field::upgrade:
    case Field::expect:
        return true;
    default:
        return has_token(headers, Field::connection, entry.name());
    }
}

// --- Socket -------------------------------------------------------------------------------------

Socket::Socket(int descriptor) noexcept
    : descriptor_(descriptor), writing_(::fcntl(descriptor, F_DUPFD_CLOEXEC, 3)),
      readable_(detail::SocketWaiter::borrow(descriptor_)),
      writable_(detail::SocketWaiter::borrow(writing_)) {}

Socket::~Socket() {
    readable_->give_back();
    writable_->give_back();
    ::close(descriptor_);
    ::close(writing_);
}

Task<std::size_t> Socket::read(char* to, std::size_t size) {
    for (;;) {
        const ssize_t got = ::recv(descriptor_, to, size, 0);
        if (got >= 0) co_return static_cast<std::size_t>(got);
        if (errno == EINTR) continue;
        if (errno != EAGAIN) co_return 0;
        co_await readable_->wait(EPOLLIN | EPOLLRDHUP, 0);
    }
}

Task<bool> Socket::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(writing_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) co_return false;
        co_await writable_->wait(EPOLLOUT, 0);
    }
    co_return true;
}

void Socket::shut_down_writing() noexcept { ::shutdown(writing_, SHUT_WR); }

// --- Upstream: the request ----------------------------------------------------------------------

Task<std::unique_ptr<Upstream>> Upstream::connect(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        throw Error::unavailable(std::string{"no socket to the program: "} + std::strerror(errno));
    auto upstream = std::make_unique<Upstream>(descriptor);
    while (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
           0) {
        if (errno == EINTR) continue;
        if (errno != EAGAIN) throw NoAnswer{};
        co_await sleep_for(queue_is_full);
    }
    co_return upstream;
}

void Upstream::send(Request& request, bool whole_and_plain) {
    std::string head = proxy_line(request.peer());
    head.append(request.method_text()).append(" ").append(request.target()).append(" HTTP/1.1\r\n");
    put_field(head, "host", request.authority());
    const Headers& fields = request.headers();
    std::string cookies; // HTTP/2 may split them
    for (const Headers::Entry& field : fields) {
        if (is_hop_by_hop(fields, field) || field.field() == Field::host) continue;
        if (whole_and_plain &&
            (field.field() == Field::accept_encoding || field.field() == Field::if_none_match ||
             field.field() == Field::if_modified_since))
            continue;
        if (field.field() == Field::cookie)
            cookies.append(cookies.empty() ? "" : "; ").append(field.value());
        else
            put_field(head, field.name(), field.value());
    }
    if (!cookies.empty()) put_field(head, "cookie", cookies);
    if (const auto protocol = fields.get(Field::upgrade);
        protocol && has_token(fields, Field::connection, "upgrade")) {
        put_field(head, "connection", "upgrade");
        put_field(head, "upgrade", *protocol);
    } else {
        put_field(head, "connection", "close");
    }
    const std::optional<std::uint64_t> size = request.body().size();
    const bool has_content = request.body().kind() != Body::Kind::empty;
    if (!size)
        put_field(head, "transfer-encoding", "chunked");
    else if (has_content || fields.contains(Field::content_length))
        put_field(head, "content-length", std::to_string(*size));
    head += "\r\n";
    // It goes on beside the response, which may come first.
    sending_ = send_all(request, std::move(head), !size);
    const auto nobody_waits = [](void*) {};
    if (sending_.start(nobody_waits, nullptr, nullptr)) sending_ = {};
}

Task<> Upstream::send_all(Request& request, std::string head, bool chunked) {
    try {
        bool goes_on = co_await socket_.write(head);
        BodyStream& content = request.body().stream();
        while (goes_on) {
            const std::optional<std::string_view> piece = co_await content.next();
            if (!piece) break;
            if (chunked) {
                char size[http1::chunk_size_bound];
                const char* const end = http1::write_chunk_size(size, piece->size());
                const std::string_view line{size, static_cast<std::size_t>(end - size)};
                goes_on = co_await socket_.write(line);
            }
            if (goes_on) goes_on = co_await socket_.write(*piece);
            if (goes_on && chunked) goes_on = co_await socket_.write(http1::chunk_end);
        }
        if (goes_on && chunked) co_await socket_.write(http1::last_chunk);
    } catch (const std::exception&) {
        // The client's content is over before its end: let the program see that.
        socket_.shut_down_writing();
    }
}

// --- the response -------------------------------------------------------------------------------

Task<bool> Upstream::fill() {
    const std::size_t before = received_.size();
    received_.resize(before + piece_size);
    const std::size_t got = co_await socket_.read(received_.data() + before, piece_size);
    received_.resize(before + got);
    co_return got > 0;
}

Task<> Upstream::receive_head() {
    for (;;) {
        std::size_t end = 0;
        while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
            if (received_.size() > most_head_bytes) throw NoAnswer{};
            if (!co_await fill()) throw NoAnswer{};
        }
        parse_head(std::string_view{received_}.substr(0, end + 2));
        received_.erase(0, end + 4);
        // 100 and 103 are not the answer yet.
        if (!is_informational(status_) || status_ == Status::switching_protocols) co_return;
    }
}

void Upstream::parse_head(std::string_view head) {
    headers_.clear();
    const std::size_t line_end = head.find("\r\n");
    const std::string_view line = head.substr(0, line_end);
    unsigned code = 0;
    if (line.size() < 12 || !line.starts_with("HTTP/1.") ||
        std::from_chars(line.data() + 9, line.data() + 12, code).ec != std::errc{} || code < 100)
        throw NoAnswer{};
    status_ = static_cast<Status>(code);
    head.remove_prefix(line_end + 2);
    while (!head.empty()) {
        const std::size_t end = head.find("\r\n");
        const std::string_view field = head.substr(0, end);
        head.remove_prefix(end + 2);
        const std::size_t colon = field.find(':');
        if (colon == field.npos ||
            !headers_.try_append(field.substr(0, colon), trim(field.substr(colon + 1))))
            throw NoAnswer{};
    }
}

class Upstream::Content final : public BodyStream {
  public:
    explicit Content(std::unique_ptr<Upstream> upstream) : upstream_(std::move(upstream)) {
        const Headers& fields = upstream_->headers();
        if (has_token(fields, Field::transfer_encoding, "chunked")) {
            decoder_.start_chunked();
        } else if (const auto length = fields.get(Field::content_length)) {
            std::uint64_t bytes = 0;
            std::from_chars(length->data(), length->data() + length->size(), bytes);
            size_ = bytes;
            decoder_.start(bytes);
        } else {
            until_close_ = true;
        }
    }

    Task<std::optional<std::string_view>> next() override {
        for (;;) {
            if (!until_close_ && decoder_.is_done()) {
                upstream_->abandon_content();
                co_return std::nullopt;
            }
            std::string& received = upstream_->received_;
            received.erase(0, std::exchange(used_, 0));
            if (received.empty() && !co_await upstream_->fill()) {
                if (until_close_) co_return std::nullopt;
                throw NoAnswer{};
            }
            if (until_close_) {
                used_ = received.size();
                co_return received;
            }
            const http1::BodyDecoder::Result result =
                decoder_.decode(received.data(), received.size());
            used_ = result.consumed;
            if (result.status == http1::BodyDecoder::Status::error) throw NoAnswer{};
            if (!result.payload.empty()) co_return result.payload;
        }
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const noexcept override { return size_; }
    [[nodiscard]] const Headers* trailers() const noexcept override {
        return until_close_ ? nullptr : &decoder_.trailers();
    }

  private:
    std::unique_ptr<Upstream> upstream_;
    http1::BodyDecoder decoder_;
    std::optional<std::uint64_t> size_;
    std::size_t used_ = 0; ///< of what was received
    bool until_close_ = false;
};

Body Upstream::content(std::unique_ptr<Upstream> upstream, bool is_head) {
    const Headers& fields = upstream->headers();
    const unsigned code = static_cast<unsigned>(upstream->status());
    const bool has_none = code == 204 || code == 304;
    // Of the answer to a HEAD only the size is asked.
    if (has_none || (is_head && !fields.contains(Field::content_length))) {
        upstream->abandon_content();
        return {};
    }
    return Body{std::make_unique<Content>(std::move(upstream))};
}

// --- after an upgrade ---------------------------------------------------------------------------

Task<> Upstream::pass_on(ByteStream& client) {
    try {
        while (const std::optional<std::string_view> bytes = co_await client.read())
            if (!co_await socket_.write(*bytes)) co_return;
    } catch (const std::exception&) {
        // It left: the program learns it as from a client of its own.
    }
    socket_.shut_down_writing();
}

Task<> Upstream::tunnel(std::unique_ptr<Upstream> upstream, ByteStream& client) {
    upstream->abandon_content();
    Task<> towards_program = upstream->pass_on(client);
    const auto nobody_waits = [](void*) {};
    if (towards_program.start(nobody_waits, nullptr, nullptr)) towards_program = {};
    std::string& received = upstream->received_;
    do {
        if (!received.empty()) co_await client.write(received);
        received.clear();
    } while (co_await upstream->fill());
}

} // namespace armature::cli::dev

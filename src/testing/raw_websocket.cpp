#include "testing/raw_websocket.hpp"

#include "testing/socket_transport.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace armature::testkit {

namespace {

// The example of RFC 6455 §1.3: nothing here needs another one.
constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view answer_to_key = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

template <class Number>
Number number_of(std::string_view text) noexcept {
    Number number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

int connect_to(const std::string& address) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port =
        htons(number_of<std::uint16_t>(std::string_view{address}.substr(address.rfind(':') + 1)));
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0 && ::connect(descriptor, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0)
        return descriptor;
    const std::string why = std::strerror(errno);
    if (descriptor >= 0) ::close(descriptor);
    throw TestFailure{"connecting to the server: " + why};
}

} // namespace

RawWebSocket::RawWebSocket(std::shared_ptr<SocketTransport> transport, const Outgoing& request)
    : transport_(std::move(transport)), descriptor_(connect_to(transport_->plain_address())) {
    std::string head = "GET " + request.target + " HTTP/1.1\r\nHost: ";
    head.append(request.host.empty() ? transport_->plain_address() : request.host)
        .append("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ")
        .append(key)
        .append("\r\n");
    for (const auto& [name, value] : request.fields)
        head.append(name).append(": ").append(value).append("\r\n");
    write(head.append("\r\n"));
}

RawWebSocket::~RawWebSocket() { ::close(descriptor_); }

void RawWebSocket::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return; // as in process, what comes too late is lost
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

// False when nothing came.
bool RawWebSocket::receive(std::int64_t milliseconds) {
    if (closed_) return true;
    pollfd poll{descriptor_, POLLIN, 0};
    if (::poll(&poll, 1, static_cast<int>(std::min<std::int64_t>(milliseconds, 60'000))) <= 0)
        return false;
    char piece[16 * 1024];
    const ssize_t got = ::recv(descriptor_, piece, sizeof piece, 0);
    if (got > 0)
        input_.append(piece, static_cast<std::size_t>(got));
    else
        closed_ = true;
    return true;
}

void RawWebSocket::wait_for_head() {
    const std::int64_t end = steady_now() + transport_->patience().count();
    while (!has_head_) {
        const std::size_t size = input_.find("\r\n\r\n");
        if (size != std::string::npos) {
            read_head(std::string_view{input_}.substr(0, size));
            input_.erase(0, size + 4);
        } else if (closed_ || steady_now() >= end) {
            throw TestFailure{"the WebSocket's handshake got no answer"};
        } else {
            static_cast<void>(receive(end - steady_now()));
        }
    }
}

void RawWebSocket::read_head(std::string_view head) {
    has_head_ = true;
    constexpr std::size_t code_at = 9; // behind "HTTP/1.1 "
    status = static_cast<Status>(number_of<std::uint16_t>(head.substr(code_at, 3)));
    for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;) {
        head.remove_prefix(line + 2);
        line = head.find("\r\n");
        const std::string_view field = head.substr(0, line);
        const std::size_t colon = field.find(": ");
        if (colon != std::string_view::npos)
            headers.append(field.substr(0, colon), field.substr(colon + 2));
    }
    left_ = number_of<std::size_t>(headers.get(Field::content_length).value_or(std::string_view{}));
    if (status == Status::switching_protocols &&
        headers.get(Field::sec_websocket_accept) != answer_to_key)
        throw TestFailure{"the WebSocket's handshake has a wrong Sec-WebSocket-Accept"};
}

Call::Got RawWebSocket::read(std::string& bytes, Duration within) {
    const bool is_refusal = status != Status::switching_protocols;
    const std::int64_t end = steady_now() + std::min(within, transport_->patience()).count();
    while (input_.empty()) {
        if (closed_ || (is_refusal && left_ == 0)) return Got::end;
        if (!receive(std::max<std::int64_t>(end - steady_now(), 0)) && steady_now() >= end)
            return Got::nothing;
    }
    bytes = std::exchange(input_, {});
    if (is_refusal) left_ -= std::min(left_, bytes.size());
    return Got::bytes;
}

} // namespace armature::testkit

#include "core/list_field.hpp"
#include "websocket/socket.hpp"

#include <armature/core/error.hpp>
#include <armature/websocket/websocket.hpp>

#include <stdexcept>

namespace armature {

bool WebSocket::Receive::await_ready() { return socket_.begin_receive(); }
std::optional<WebSocket::Message> WebSocket::Receive::await_resume() {
    wait_.await_resume();
    return socket_.take();
}

bool WebSocket::Send::await_ready() { return socket_.impl_.begin_send(message_); }
void WebSocket::Send::await_resume() {
    if (!wait_) return;
    wait_->await_resume();
    socket_.impl_.end_send(message_);
}

bool WebSocket::try_send(Message message) { return impl_.try_send(message); }
void WebSocket::close(CloseCode code, std::string_view reason) { impl_.close(code, reason); }
bool WebSocket::is_open() const noexcept { return impl_.is_open(); }
CloseCode WebSocket::close_code() const noexcept { return impl_.close_code(); }
std::string_view WebSocket::close_reason() const noexcept { return impl_.close_reason(); }
std::string_view WebSocket::subprotocol() const noexcept { return impl_.subprotocol(); }
std::size_t WebSocket::queued_bytes() const noexcept { return impl_.queued_bytes(); }

namespace detail {

namespace {

// What is served once the response is out.
class Connection {
  public:
    Connection(const WebSocketOptions& options, const ws::Agreement& agreement,
               std::string_view name, Owned<WebSocketStart> start) noexcept
        : options_(&options), agreement_(agreement), name_(name), start_(std::move(start)) {}

    Task<> operator()(ByteStream& stream) {
        WebSocket::Impl socket{stream, *options_, agreement_, name_};
        co_await socket.run(*start_);
    }

  private:
    const WebSocketOptions* options_;
    ws::Agreement agreement_;
    std::string_view name_;
    Owned<WebSocketStart> start_;
};

[[noreturn]] void ask_to_upgrade(std::string detail) {
    throw Error{Status::upgrade_required, std::move(detail)}
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13");
}

void check_origin(const Request& request, const WebSocketOptions& options) {
    bool allowed = true;
    request.headers().all(Field::origin, [&](std::string_view origin) {
        allowed = allowed && ws::is_allowed_origin(origin, request.authority(), options);
    });
    if (!allowed) throw Error::forbidden("Pages of this origin may not open this WebSocket");
}

// HTTP/1.1 alone proves by a key that the answer is meant for the question (RFC 6455 §1.3).
std::string answer_key(const Request& request) {
    std::string_view key;
    int keys = 0;
    request.headers().all(Field::sec_websocket_key, [&](std::string_view value) {
        key = value;
        ++keys;
    });
    if (keys == 1)
        if (std::optional<std::string> answer = ws::accept_key(key)) return *answer;
    throw Error::bad_request("Sec-WebSocket-Key is not 16 bytes in base64");
}

std::string_view choose_subprotocol(const Request& request, const WebSocketOptions& options) {
    for (const std::string& candidate : options.subprotocols)
        if (has_token(request.headers(), Field::sec_websocket_protocol, candidate))
            return candidate;
    return {};
}

int choose_compression(const Request& request, const WebSocketOptions& options) {
    std::string offers;
    request.headers().all(Field::sec_websocket_extensions, [&](std::string_view value) {
        if (!offers.empty()) offers += ',';
        offers += value;
    });
    if (offers.empty()) return 0;
    const int window_bits = ws::accept_compression(offers);
    return options.compression ? window_bits : 0;
}

} // namespace

Response accept_websocket(const Request& request, const WebSocketOptions& options,
                          Owned<WebSocketStart> start) {
    const Headers& fields = request.headers();
    const bool is_http_1 =
        request.protocol() == Protocol::http_1_0 || request.protocol() == Protocol::http_1_1;
    if (request.method() != Method::get || request.protocol() == Protocol::http_1_0 ||
        !has_token(fields, Field::upgrade, "websocket") ||
        (is_http_1 && !has_token(fields, Field::connection, "upgrade")))
        ask_to_upgrade("This is a WebSocket; ask for it with Upgrade: websocket");
    const auto version = fields.get(Field::sec_websocket_version);
    if (!version) throw Error::bad_request("Sec-WebSocket-Version is missing");
    if (*version != "13") ask_to_upgrade("Only version 13 of the WebSocket protocol is spoken");
    check_origin(request, options);

    ws::Agreement agreement;
    agreement.subprotocol = choose_subprotocol(request, options);
    agreement.window_bits = choose_compression(request, options);
    const std::string answer = is_http_1 ? answer_key(request) : std::string{};
    Response response = Response::upgrade(
        "websocket", Connection{options, agreement, request.route(), std::move(start)});
    Headers& out = response.headers();
    if (is_http_1) out.append(Field::sec_websocket_accept, answer);
    if (!agreement.subprotocol.empty())
        out.append(Field::sec_websocket_protocol, agreement.subprotocol);
    if (agreement.window_bits != 0)
        out.append(Field::sec_websocket_extensions, ws::compression_answer(agreement.window_bits));
    return response;
}

void document_websocket(OperationInfo& operation) {
    operation.responses.clear(); // the handler's own is a Response, which says nothing
    operation.response(Status::switching_protocols).description = "The connection is a WebSocket's";
    operation.error(Status::bad_request);
    operation.error(Status::forbidden).description = "The origin isn't allowed";
    operation.error(Status::upgrade_required).description = "The request is no WebSocket handshake";
}

void check_websocket_options(const WebSocketOptions& options) {
    const auto require = [](bool holds, const char* what) {
        if (!holds) throw std::invalid_argument(std::string{"wrong WebSocketOptions: "} + what);
    };
    require(options.max_message >= 1 && options.max_message <= 1024 * 1024 * 1024,
            "max_message is from 1 to 1,073,741,824");
    require(options.ping_interval.count() >= 0, "ping_interval is not negative");
    require(options.pong_timeout.count() > 0, "pong_timeout is positive");
    require(options.close_timeout.count() > 0, "close_timeout is positive");
    require(options.queue_bytes >= 1 && options.queue_messages >= 1,
            "queue_bytes and queue_messages are at least 1");
    Headers probe;
    for (const std::string& name : options.subprotocols)
        require(!name.empty() && name.find_first_of(", \t") == std::string::npos &&
                    probe.try_append("sec-websocket-protocol", name),
                "subprotocols are names without blanks and commas");
}

} // namespace detail

} // namespace armature

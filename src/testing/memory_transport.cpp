#include "testing/memory_transport.hpp"

#include <armature/log/log.hpp>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <utility>

namespace armature::testkit {

namespace {

constexpr std::size_t file_piece_bytes = 64 * 1024;

// They are about a connection, and there is none.
bool is_about_connection(std::string_view name) noexcept {
    return name == "connection" || name == "keep-alive" || name == "proxy-connection" ||
           name == "transfer-encoding" || name == "upgrade";
}

PeerAddress loopback() noexcept {
    constexpr unsigned char address[] = {127, 0, 0, 1};
    return {PeerAddress::Family::ipv4, address, 1};
}

std::string lower(std::string_view text) {
    std::string small{text};
    std::transform(small.begin(), small.end(), small.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return small;
}

} // namespace

MemoryTransport::MemoryTransport(TestedApp&& app, const TestClientOptions& options)
    : app_(std::move(app)), loop_(options.patience), began_unix_(std::time(nullptr)),
      context_(app_.application().dispatcher(), limits_, loop_, Protocol::http_2, options.secure) {
    host_ = options.host;
    secure_ = options.secure;
    app_.application().start();
}

MemoryTransport::~MemoryTransport() {
    try {
        announce_shutdown();
    } catch (const std::exception& error) {
        log::error("the hooks of a test's application didn't end", {{"error", error.what()}});
    }
    app_.application().shutdown({});
}

std::unique_ptr<Call> MemoryTransport::begin(const Outgoing& request) {
    return open(request, false);
}

std::unique_ptr<Call> MemoryTransport::begin_websocket(const Outgoing& request) {
    return open(request, true);
}

std::unique_ptr<MemoryCall> MemoryTransport::open(const Outgoing& request, bool is_websocket) {
    const LocalLoop::Enter enter{loop_};
    auto call = std::make_unique<MemoryCall>(shared_from_this(),
                                             request.method + ' ' + request.target, is_websocket);
    mux::Stream& stream = context_.take();
    call->stream_ = &stream;
    stream.open(*this, ++last_id_, loopback());
    stream.carrier_data = call.get();
    mux::RequestHeadBuilder& head = stream.head();
    head.add(":method", is_websocket ? std::string_view{"CONNECT"} : request.method);
    head.add(":scheme", is_secure() ? "https" : "http");
    head.add(":authority", request.host.empty() ? host() : request.host);
    head.add(":path", request.target);
    if (is_websocket)
        head.add(":protocol", "websocket");
    else
        stream.request.head().protocol = Protocol::http_1_1; // what most requests come by
    for (const auto& [name, value] : request.fields)
        if (const std::string small = lower(name); !is_about_connection(small))
            head.add(small, value);
    if (request.content) {
        head.add("content-length", std::to_string(request.content->size()));
        stream.receive(*request.content);
    }
    if (head.is_malformed())
        throw TestFailure{call->name_ + ": no request can have this method, target and fields"};
    if (!request.content_follows && !is_websocket) stream.receive_end();
    stream.head_complete();
    stream.run();
    settle();
    return call;
}

void MemoryTransport::send_response(mux::Stream& stream) {
    auto* call = static_cast<MemoryCall*>(stream.carrier_data);
    if (call == nullptr) return;
    call->status = stream.response.status();
    // A WebSocket's stream answers with 200 where HTTP/1.1 has 101 (RFC 8441 §5).
    if (stream.response.upgrade_handler()) call->status = Status::switching_protocols;
    for (const Headers::Entry& entry : stream.response.headers())
        call->headers.append(entry.name(), entry.value());
    if (const auto& length = stream.content_length(); length && !call->is_websocket_)
        call->headers.append(Field::content_length, std::to_string(*length));
    call->has_head_ = true;
}

void MemoryTransport::fail(mux::Stream& stream) {
    if (auto* call = static_cast<MemoryCall*>(stream.carrier_data)) call->broken_ = true;
}

void MemoryTransport::finished(mux::Stream& stream) {
    stream.carrier_data = nullptr;
    context_.give_back(stream);
}

TestLoop::Outcome MemoryTransport::run(TestLoop::Goal& goal, Duration within) {
    return loop_.run(goal, within);
}

void MemoryTransport::advance(Duration by) {
    if (loop_.run(*this, by) == TestLoop::Outcome::endless)
        throw TestFailure{"advancing the clock: something runs without end"};
}

Duration MemoryTransport::elapsed() const { return Duration::milliseconds(loop_.now() - began_); }

std::int64_t MemoryTransport::unix_seconds() const {
    return began_unix_ + elapsed().count() / 1000;
}

// As a server does: the services first, while requests are still served.
void MemoryTransport::announce_shutdown() {
    struct Ended final : TestLoop::Goal {
        bool reached() override { return is_so; }
        bool is_so = false;
    } ended;
    if (std::exchange(shutdown_announced_, true)) return;
    Task<> hooks = app_.application().before_shutdown({});
    {
        const LocalLoop::Enter enter{loop_};
        const auto note = [](void* so) { *static_cast<bool*>(so) = true; };
        ended.is_so = hooks.start(note, &ended.is_so, nullptr);
    }
    if (loop_.run(ended, longest_wait) != TestLoop::Outcome::done)
        throw TestFailure{"the application's hooks of its shutdown don't end"};
    hooks.take_result();
}

void MemoryTransport::begin_shutdown() {
    announce_shutdown();
    {
        const LocalLoop::Enter enter{loop_};
        loop_.begin_drain();
    }
    settle();
}

// --- one call -----------------------------------------------------------------------------------

MemoryCall::MemoryCall(std::shared_ptr<MemoryTransport> transport, std::string name,
                       bool is_websocket)
    : transport_(std::move(transport)), name_(std::move(name)), is_websocket_(is_websocket) {}

MemoryCall::~MemoryCall() {
    if (stream_ == nullptr) return;
    close();
    transport_->settle();
}

// The protocol is done with the stream; what runs for it is cancelled.
void MemoryCall::close() {
    const LocalLoop::Enter enter{transport_->loop()};
    mux::Stream& stream = *std::exchange(stream_, nullptr);
    stream.carrier_data = nullptr;
    stream.close(CancelReason::client_gone);
}

void MemoryCall::write(std::string_view bytes) {
    if (stream_ == nullptr) return; // as on a connection: what comes too late is lost
    const LocalLoop::Enter enter{transport_->loop()};
    stream_->receive(bytes);
    let_produce();
    stream_->run();
    if (!is_websocket_) transport_->settle(); // which a WebSocket may be in the middle of
}

void MemoryCall::trailer(std::string_view name, std::string_view value) {
    request_trailers_.append(name, value);
}

void MemoryCall::finish() {
    if (stream_ == nullptr) return;
    {
        const LocalLoop::Enter enter{transport_->loop()};
        stream_->set_trailers(std::move(request_trailers_));
        stream_->receive_end();
        let_produce();
        stream_->run();
    }
    transport_->settle();
}

// A producer goes on once its last piece was taken.
void MemoryCall::let_produce() {
    while (stream_->can_produce())
        stream_->run();
}

bool MemoryCall::content_is_there() const noexcept {
    return broken_ || !stream_->has_content() || stream_->content_available() > 0 ||
           stream_->content_ends();
}

void MemoryCall::give_up(TestLoop::Outcome outcome, const char* what) const {
    std::string text = name_;
    if (const std::string_view route = stream_->request.route(); !route.empty())
        text.append(" (route ").append(route).append(")");
    text.append(": ").append(what);
    switch (outcome) {
    case TestLoop::Outcome::stuck:
        text += ": it waits for something, and nothing is left to run that could bring it about";
        break;
    case TestLoop::Outcome::out_of_time:
        text += " within " + std::to_string(longest_wait.count() / 3'600'000) +
                " hours of the test's clock";
        break;
    default:
        text += " in time: it was still running when the test's patience was over";
    }
    throw TestFailure{text};
}

void MemoryCall::wait_for_head() {
    struct Answer final : TestLoop::Goal {
        explicit Answer(MemoryCall& of) noexcept : call(of) {}
        bool reached() override { return call.has_head_; }
        void look() override { call.transport_->look(); }
        MemoryCall& call;
    } answer{*this};
    if (has_head_) return;
    const auto outcome = transport_->run(answer, longest_wait);
    if (outcome != TestLoop::Outcome::done) give_up(outcome, "no response came");
}

Call::Got MemoryCall::read(std::string& bytes, Duration within) {
    struct Content final : TestLoop::Goal {
        explicit Content(MemoryCall& of) noexcept : call(of) {}
        bool reached() override { return call.content_is_there(); }
        void look() override { call.transport_->look(); }
        MemoryCall& call;
    } content{*this};
    if (stream_ == nullptr) return Got::end;
    if (!content_is_there()) {
        const LocalLoop::Enter enter{transport_->loop()};
        let_produce();
    }
    if (!content_is_there() && within) {
        const auto outcome = transport_->run(content, within);
        if (outcome == TestLoop::Outcome::endless ||
            (outcome != TestLoop::Outcome::done && within >= longest_wait))
            give_up(outcome, "the response's content didn't go on");
        if (outcome != TestLoop::Outcome::done) return Got::nothing;
    }
    if (!content_is_there()) return Got::nothing;
    if (broken_) {
        close();
        throw TestFailure{name_ + ": the response's content broke off; the log says why"};
    }
    std::uint64_t size = stream_->has_content() ? stream_->content_available() : 0;
    if (size == 0) {
        if (const Headers* fields = stream_->response_trailers())
            for (const Headers::Entry& entry : *fields)
                trailers.append(entry.name(), entry.value());
        stream_->response_is_out();
        close();
        return Got::end;
    }
    if (stream_->response.body().kind() == Body::Kind::file)
        size = std::min<std::uint64_t>(size, file_piece_bytes);
    bytes.resize(static_cast<std::size_t>(size));
    if (!stream_->take_content(bytes.data(), bytes.size()))
        throw TestFailure{name_ + ": a file became shorter while it was sent"};
    return Got::bytes;
}

} // namespace armature::testkit

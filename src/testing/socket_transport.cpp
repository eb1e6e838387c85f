#include "testing/socket_transport.hpp"

#include "testing/raw_websocket.hpp"

#include <armature/core/cancellable_wait.hpp>
#include <armature/core/method.hpp>
#include <armature/tls/identity.hpp>

#include <algorithm>
#include <ctime>
#include <deque>
#include <utility>

namespace armature::testkit {

namespace {

// Content that its test writes piece by piece.
class WrittenContent final : public BodyStream {
  public:
    Task<std::optional<std::string_view>> next() override {
        while (pieces_.empty() && !finished_)
            co_await more_.wait();
        if (pieces_.empty()) co_return std::nullopt;
        current_ = std::move(pieces_.front());
        pieces_.pop_front();
        co_return current_;
    }
    void write(std::string_view bytes) {
        if (!bytes.empty()) pieces_.emplace_back(bytes);
        more_.resume();
    }
    void finish() {
        finished_ = true;
        more_.resume();
    }

  private:
    std::deque<std::string> pieces_;
    std::string current_;
    WaitSlot more_;
    bool finished_ = false;
};

class SocketCall final : public Call {
  public:
    SocketCall(std::shared_ptr<SocketTransport> transport, const Outgoing& request)
        : transport_(std::move(transport)), name_(request.method + ' ' + request.target) {
        const Method method = method_from_token(request.method);
        if (method == Method::other)
            throw TestFailure{name_ + ": this method can only be sent in process"};
        ClientRequest sent{method, transport_->origin() + request.target};
        std::string type;
        if (!request.host.empty()) std::move(sent).header("host", request.host);
        for (const auto& [name, value] : request.fields)
            if (Headers::equal_names(name, "content-type"))
                type = value;
            else
                std::move(sent).header(name, value);
        if (request.content) {
            std::move(sent).body(type, Body{*request.content});
        } else if (request.content_follows) {
            auto content = std::make_unique<WrittenContent>();
            content_ = content.get();
            std::move(sent).body(type, Body{std::unique_ptr<BodyStream>(std::move(content))});
        } else if (!type.empty()) {
            std::move(sent).header("content-type", type);
        }
        const LocalLoop::Enter enter{transport_->loop()};
        sending_ = transport_->client().send(std::move(sent));
        if (sending_.start(&was_answered, this, &cancellation_)) was_answered(this);
    }
    ~SocketCall() override {
        const LocalLoop::Enter enter{transport_->loop()};
        reading_ = {};
        response_.reset();
        sending_ = {};
    }

    void write(std::string_view bytes) override {
        if (content_ == nullptr || over_) return;
        {
            const LocalLoop::Enter enter{transport_->loop()};
            content_->write(bytes);
        }
        transport_->settle();
    }
    void trailer(std::string_view, std::string_view) override {
        throw TestFailure{name_ + ": trailers can only be sent in process"};
    }
    void finish() override {
        if (content_ == nullptr || over_) return;
        {
            const LocalLoop::Enter enter{transport_->loop()};
            content_->finish();
        }
        transport_->settle();
    }

    [[nodiscard]] bool has_head() override {
        if (!response_) transport_->settle();
        return response_.has_value();
    }
    void wait_for_head() override {
        const auto done = [this] { return response_.has_value() || !error_.empty(); };
        if (!transport_->run_until(done, transport_->patience()))
            throw TestFailure{name_ + ": no response came in time"};
        if (!error_.empty()) throw TestFailure{name_ + ": " + error_};
    }
    [[nodiscard]] Got read(std::string& bytes, Duration within) override {
        if (over_) return Got::end;
        if (!reading_ && !has_piece_) {
            const LocalLoop::Enter enter{transport_->loop()};
            reading_ = response_->body().stream().next();
            if (reading_.start(&was_read, this, &cancellation_)) was_read(this);
        }
        const bool is_long = within > transport_->patience();
        const auto done = [this] { return has_piece_; };
        if (!transport_->run_until(done, is_long ? transport_->patience() : within)) {
            if (is_long) throw TestFailure{name_ + ": the content didn't go on in time"};
            return Got::nothing;
        }
        has_piece_ = false;
        if (!error_.empty()) {
            over_ = true;
            throw TestFailure{name_ + ": the response's content broke off: " + error_};
        }
        if (!piece_) {
            over_ = true;
            if (const Headers* fields = response_->body().stream().trailers())
                for (const Headers::Entry& entry : *fields)
                    trailers.append(entry.name(), entry.value());
            return Got::end;
        }
        bytes = std::move(*piece_);
        return Got::bytes;
    }

  private:
    static void was_answered(void* self) {
        auto& call = *static_cast<SocketCall*>(self);
        try {
            call.response_.emplace(call.sending_.take_result());
            call.status = call.response_->status();
            for (const Headers::Entry& entry : call.response_->headers())
                call.headers.append(entry.name(), entry.value());
        } catch (const std::exception& error) {
            call.error_ = error.what();
        }
        call.transport_->notice();
    }
    static void was_read(void* self) {
        auto& call = *static_cast<SocketCall*>(self);
        try {
            const auto piece = call.reading_.take_result();
            call.piece_ = piece ? std::optional<std::string>{*piece} : std::nullopt;
        } catch (const std::exception& error) {
            call.error_ = error.what();
        }
        call.reading_ = {};
        call.has_piece_ = true;
        call.transport_->notice();
    }

    std::shared_ptr<SocketTransport> transport_;
    std::string name_; ///< for messages
    WrittenContent* content_ = nullptr;
    Cancellation cancellation_;
    Task<ClientResponse> sending_;
    std::optional<ClientResponse> response_;
    Task<std::optional<std::string_view>> reading_;
    std::optional<std::string> piece_;
    std::string error_;
    bool has_piece_ = false; ///< a read is over: `piece_`, or the end, or `error_`
    bool over_ = false;
};

} // namespace

SocketTransport::SocketTransport(TestedApp&& app, const TestClientOptions& options)
    : app_(std::move(app)), patience_(options.patience) {
    secure_ = options.secure;
    ServerOptions served;
    served.http = "127.0.0.1:0";
    served.threads = 1;
    served.handle_signals = false;
    served.limits.shutdown_grace = Duration::milliseconds(100);
    ClientOptions asks;
    asks.timeout = Duration::seconds(3600); // the test's patience is shorter
    asks.redirects = 0;
    asks.attempts = 1;
    asks.circuit_failures = 0;
    if (secure_) {
        const tls::Identity identity = tls::self_signed();
        served.https = "127.0.0.1:0";
        served.tls.identities = {identity};
        asks.authorities = identity.load().chain;
    }
    server_.emplace(app_.application(), served);
    client_.emplace(std::move(asks));
    host_ = secure_ ? server_->https_addresses().front() : server_->addresses().front();
    thread_ = std::thread{[this] { server_->run(); }};
}

SocketTransport::~SocketTransport() {
    client_.reset();
    server_->stop();
    thread_.join();
}

std::unique_ptr<Call> SocketTransport::begin(const Outgoing& request) {
    return std::make_unique<SocketCall>(shared_from_this(), request);
}

std::unique_ptr<Call> SocketTransport::begin_websocket(const Outgoing& request) {
    return std::make_unique<RawWebSocket>(shared_from_this(), request);
}

Duration SocketTransport::elapsed() const { return Duration::milliseconds(steady_now() - began_); }

std::int64_t SocketTransport::unix_seconds() const { return std::time(nullptr); }

void SocketTransport::run_for(Duration time) {
    const std::int64_t end = steady_now() + time.count();
    do
        turn(end - steady_now());
    while (steady_now() < end);
}

// Turns the loop until somebody notices something; so short that those who read get their turns.
void SocketTransport::turn(std::int64_t milliseconds) {
    constexpr std::int64_t longest = 5;
    struct Bell final : Timer {
        explicit Bell(SocketTransport& of) noexcept : transport(of) {}
        void expired() override { transport.notice(); }
        SocketTransport& transport;
    } bell{*this};
    let_readers_read();
    const LocalLoop::Enter enter{loop_};
    noticed_ = false;
    loop_.timers().arm(bell, steady_now() + std::clamp<std::int64_t>(milliseconds, 0, longest));
    loop_.run_until(noticed_);
}

} // namespace armature::testkit

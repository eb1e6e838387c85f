#include "testing/transport.hpp"

#include <armature/testing/client.hpp>
#include <armature/testing/events.hpp>

#include <algorithm>
#include <charconv>
#include <deque>
#include <utility>

namespace armature {

namespace {

// Interprets an event stream (WHATWG HTML §9.2.6). Bytes in, events out.
class EventParser {
  public:
    void add(std::string_view bytes) {
        input_ += bytes;
        for (;;) {
            const std::size_t end = input_.find_first_of("\r\n");
            // After CR it takes the next byte to know whether the line ended with CR LF.
            if (end == std::string::npos || (input_[end] == '\r' && end + 1 == input_.size()))
                return;
            const std::string line = input_.substr(0, end);
            input_.erase(0, end + (input_.compare(end, 2, "\r\n") == 0 ? 2 : 1));
            take(line);
        }
    }

    std::deque<TestEvent> events;
    unsigned comments = 0;
    std::optional<Duration> retry;

  private:
    void take(std::string_view line) {
        if (line.empty()) return dispatch();
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string_view field = line.substr(0, colon);
        std::string_view value = line.substr(std::min(colon + 1, line.size()));
        if (value.starts_with(' ')) value.remove_prefix(1);
        if (colon == 0) {
            ++comments;
        } else if (field == "data") {
            data_.append(value).append("\n");
        } else if (field == "event") {
            type_ = value;
        } else if (field == "id" && value.find('\0') == std::string_view::npos) {
            id_ = value;
        } else if (field == "retry") {
            std::int64_t milliseconds = 0;
            const char* last = value.data() + value.size();
            if (std::from_chars(value.data(), last, milliseconds).ptr == last && !value.empty())
                retry = Duration::milliseconds(milliseconds);
        }
    }

    void dispatch() {
        const std::string type = std::exchange(type_, {});
        if (data_.empty()) return;
        data_.pop_back();
        events.push_back({id_, type.empty() ? "message" : type, std::exchange(data_, {})});
    }

    std::string input_;
    std::string data_;
    std::string type_;
    std::string id_;
};

} // namespace

class TestEvents::Impl final : testkit::Reader {
  public:
    Impl(std::unique_ptr<testkit::Call> call, std::shared_ptr<testkit::Transport> transport,
         TestResponse&& head)
        : response(std::move(head)), call_(std::move(call)), transport_(std::move(transport)) {
        transport_->add(*this);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { transport_->remove(*this); }

    const TestResponse response;
    EventParser parser;

    enum class Found : std::uint8_t { event, end, nothing };
    [[nodiscard]] Found wait(Duration within) {
        if (!call_) throw TestFailure{"this is no event stream: " + response.describe()};
        const std::int64_t end = transport_->elapsed().count() + within.count();
        read_what_is_there();
        while (parser.events.empty()) {
            const std::int64_t left = end - transport_->elapsed().count();
            if (ended_) return Found::end;
            if (left <= 0 || !read(Duration::milliseconds(left))) break;
        }
        return parser.events.empty() ? ended_ ? Found::end : Found::nothing : Found::event;
    }

  private:
    bool read(Duration within) {
        std::string bytes;
        reads_ = true;
        struct Reset {
            bool& flag;
            ~Reset() { flag = false; }
        } const reset{reads_};
        switch (call_->read(bytes, within)) {
        case testkit::Call::Got::bytes:
            parser.add(bytes);
            return true;
        case testkit::Call::Got::end:
            ended_ = true;
            return true;
        default:
            return false;
        }
    }

    void read_what_is_there() override {
        if (reads_ || !call_) return;
        while (!ended_ && read(Duration{})) {
        }
    }

    std::unique_ptr<testkit::Call> call_;
    std::shared_ptr<testkit::Transport> transport_;
    bool reads_ = false; ///< `Call::read` is on the stack
    bool ended_ = false;
};

TestEvents::TestEvents(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
TestEvents::TestEvents(TestEvents&&) noexcept = default;
TestEvents& TestEvents::operator=(TestEvents&&) noexcept = default;
TestEvents::~TestEvents() = default;

const TestResponse& TestEvents::response() const noexcept { return impl_->response; }
unsigned TestEvents::comments() const noexcept { return impl_->parser.comments; }
std::optional<Duration> TestEvents::retry() const noexcept { return impl_->parser.retry; }

TestEvent TestEvents::next(Duration within) {
    switch (impl_->wait(within)) {
    case Impl::Found::event:
        break;
    case Impl::Found::end:
        throw TestFailure{"the event stream ended while an event was waited for"};
    default:
        throw TestFailure{"no event came within " + std::to_string(within.count()) + " ms"};
    }
    TestEvent event = std::move(impl_->parser.events.front());
    impl_->parser.events.pop_front();
    return event;
}

bool TestEvents::ends(Duration within) { return impl_->wait(within) == Impl::Found::end; }

bool TestEvents::is_silent(Duration during) { return impl_->wait(during) == Impl::Found::nothing; }

TestEvents TestRequest::events() {
    header("accept", "text/event-stream");
    TestCall call = start();
    const auto type = call.headers().get(Field::content_type);
    const bool accepted =
        call.status() == Status::ok && type && type->starts_with("text/event-stream");
    TestResponse response = accepted ? std::move(call.response_) : call.response();
    return TestEvents{std::make_unique<TestEvents::Impl>(std::move(call.call_), session_->transport,
                                                         std::move(response))};
}

TestEvents TestClient::events(std::string_view target) { return get(target).events(); }

} // namespace armature

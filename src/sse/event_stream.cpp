#include <armature/core/cancellable_wait.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/sse/event_stream.hpp>

namespace armature {

namespace {

// What may wait to be sent, in bytes.
constexpr std::size_t most_waiting = 16 * 1024;

// Carries events from the producer to the response. The producer writes into a buffer; `run` takes
// what is there, however many events that is, or a heartbeat when nothing came for long.
class Carrier final : public EventWriter, Timer, DrainHook {
  public:
    Carrier(EventStream::Source& source, Duration heartbeat)
        : source_(source), heartbeat_(heartbeat), loop_(Scheduler::current()) {}

    Task<> run(BodyWriter& out) {
        if (loop_.draining())
            cancellation_.request(CancelReason::shutdown);
        else
            loop_.add(*this);
        producer_ = source_.run(*this);
        ended_ = producer_.start(&producer_ended, this, &cancellation_);
        std::string sending;
        for (;;) {
            if (!waiting_.empty()) {
                sending.clear();
                sending.swap(waiting_);
                room_.resume();
                co_await out.write(sending);
            } else if (ended_) {
                break;
            } else {
                if (heartbeat_) loop_.timers().arm(*this, loop_.now() + heartbeat_.count());
                co_await something_.wait();
            }
        }
        try {
            producer_.take_result();
        } catch (const Cancelled&) {
            if (!cancellation_.requested()) throw;
        }
    }

    Task<> send(const Event& event) override {
        while (waiting_.size() >= most_waiting)
            co_await room_.wait();
        waiting_ += event.text();
        waiting_ += '\n';
        wake();
    }

  private:
    // `run` goes on when nothing of the producer is on the stack: it may be the end of both.
    void wake() {
        if (something_.is_taken()) loop_.timers().arm(*this, loop_.now());
    }
    void expired() override {
        if (waiting_.empty() && !ended_) waiting_ = ":\n\n";
        something_.resume();
    }
    void draining() override { cancellation_.request(CancelReason::shutdown); }
    static void producer_ended(void* self) {
        auto& carrier = *static_cast<Carrier*>(self);
        carrier.ended_ = true;
        carrier.wake();
    }

    EventStream::Source& source_;
    Duration heartbeat_;
    Scheduler& loop_;
    std::string waiting_;
    bool ended_ = false;
    WaitSlot something_; ///< `run` waits here for something to send
    WaitSlot room_;      ///< the producer waits here
    Cancellation cancellation_;
    Task<> producer_; // last: it goes first
};

class Stream {
  public:
    Stream(Owned<EventStream::Source> source, Duration heartbeat) noexcept
        : source_(std::move(source)), heartbeat_(heartbeat) {}
    Task<> operator()(BodyWriter& out) {
        Carrier carrier{*source_, heartbeat_};
        co_await carrier.run(out);
    }

  private:
    Owned<EventStream::Source> source_;
    Duration heartbeat_;
};

} // namespace

Response EventStream::into_response() && {
    Response response = Response::stream(Stream{std::move(source_), heartbeat_});
    Headers& fields = response.headers();
    fields.append_view(Field::content_type, "text/event-stream");
    fields.append_view(Field::cache_control, "no-cache");
    fields.append("x-accel-buffering", "no"); // nginx holds responses back otherwise
    return response;
}

} // namespace armature

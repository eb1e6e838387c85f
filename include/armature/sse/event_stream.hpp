#pragma once

#include <armature/app/into_response.hpp>
#include <armature/core/owned.hpp>
#include <armature/sse/event.hpp>

#include <concepts>
#include <utility>

namespace armature {

/// Where the producer of an event stream writes.
class EventWriter {
  public:
    /// Sends an event; waits while 16 KiB wait already for a client that reads slowly. `event` must
    /// live until the await ends.
    [[nodiscard]] virtual Task<> send(const Event& event) = 0;

  protected:
    ~EventWriter() = default;
};

/// A response of server-sent events, as a handler's result, on every protocol version:
///
///     EventStream events(LastEventId last) {
///         return EventStream{[next = last.number().value_or(0) + 1](EventWriter& out) -> Task<> {
///             …
///         }};
///     }
///
/// While the producer has nothing to say for the time of a heartbeat, a comment is sent: it keeps
/// the way open through proxies, and finds clients that are gone. The stream ends with the
/// producer. When the client leaves, the producer is destroyed where it waits; when the server
/// begins to shut down, its waits throw `Cancelled` and the stream ends in order, so that browsers
/// come back by themselves, to a server that is up. A route's time-out holds for the whole stream.
class EventStream {
  public:
    template <class Producer>
        requires requires(Producer producer, EventWriter& out) {
            { producer(out) } -> std::same_as<Task<>>;
        }
    explicit EventStream(Producer producer)
        : source_(new SourceOf<Producer>(std::move(producer))) {}

    /// The time between heartbeats, 15 seconds unless set; zero turns them off.
    EventStream&& heartbeat(Duration interval) && {
        heartbeat_ = interval;
        return std::move(*this);
    }

    [[nodiscard]] Response into_response() &&;

    class Source {
      public:
        virtual ~Source() = default;
        virtual Task<> run(EventWriter& out) = 0;
    };

  private:
    template <class Producer>
    struct SourceOf final : Source {
        explicit SourceOf(Producer&& made) : producer(std::move(made)) {}
        Task<> run(EventWriter& out) override { return producer(out); }
        Producer producer;
    };

    Owned<Source> source_;
    Duration heartbeat_ = Duration::seconds(15);
};

template <>
struct IntoResponse<EventStream> {
    static void into(EventStream&& stream, Request&, Response& response) {
        response = std::move(stream).into_response();
    }
    static void document(OperationInfo& info) { info.response("text/event-stream", nullptr); }
};

} // namespace armature

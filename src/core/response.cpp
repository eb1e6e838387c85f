#include <armature/core/response.hpp>

#include <armature/core/error.hpp>

namespace armature {

Response Response::redirect(std::string_view location, Status status) {
    Response response{status};
    response.headers_.append(Field::location, location);
    return response;
}

Response Response::problem(Status status, std::string detail) {
    Response response = with_type("application/problem+json",
                                  Body{Error{status, std::move(detail)}.to_json(true)});
    response.status_ = status;
    return response;
}

// Turns a producer that pushes into a stream that is pulled: the two take turns, one piece at a
// time, so nothing is buffered and the producer waits while the peer is slow.
class Response::ProducedStream final : public BodyStream, BodyWriter {
  public:
    explicit ProducedStream(std::unique_ptr<StreamProducer> producer) noexcept
        : producer_(std::move(producer)) {}

    Task<std::optional<std::string_view>> next() override {
        if (finished_) co_return std::nullopt;
        co_await Pull{*this};
        if (finished_) {
            task_.take_result(); // throws what the producer threw
            co_return std::nullopt;
        }
        co_return std::exchange(piece_, {});
    }

    const Headers* trailers() const noexcept override { return &trailers_; }

  private:
    // The reader's side: lets the producer run until it has a piece or is at its end.
    struct Pull {
        ProducedStream& stream;
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> reader) {
            stream.reader_ = reader;
            stream.pulling_ = true;
            if (!stream.task_) {
                stream.task_ = stream.producer_->run(stream);
                if (stream.task_.start(&ProducedStream::ended, &stream,
                                       reader.promise().cancellation()))
                    stream.finished_ = true;
            } else {
                std::exchange(stream.writer_, nullptr).resume();
            }
            stream.pulling_ = false;
            return stream.piece_.empty() && !stream.finished_;
        }
        void await_resume() const noexcept {}
    };

    // The producer's side: hands its piece over and waits for the next pull.
    struct Push {
        ProducedStream& stream;
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<> writer) noexcept {
            stream.writer_ = writer;
            if (stream.pulling_) return std::noop_coroutine();
            return stream.reader_;
        }
        void await_resume() const noexcept {}
    };

    Task<> write(std::string_view bytes) override {
        if (bytes.empty()) co_return;
        piece_ = bytes;
        co_await Push{*this};
    }

    void trailer(std::string_view name, std::string_view value) override {
        trailers_.append(name, value);
    }

    static void ended(void* self) {
        auto& stream = *static_cast<ProducedStream*>(self);
        stream.finished_ = true;
        if (!stream.pulling_) stream.reader_.resume();
    }

    std::unique_ptr<StreamProducer> producer_;
    Task<> task_;
    std::coroutine_handle<> reader_;
    std::coroutine_handle<> writer_;
    std::string_view piece_;
    Headers trailers_;
    bool pulling_ = false;
    bool finished_ = false;
};

std::unique_ptr<BodyStream> Response::make_stream(std::unique_ptr<StreamProducer> producer) {
    return std::make_unique<ProducedStream>(std::move(producer));
}

} // namespace armature

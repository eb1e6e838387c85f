#include <armature/core/cancellable_wait.hpp>
#include <armature/core/error.hpp>
#include <armature/core/response.hpp>

namespace armature {

Response Response::redirect(std::string_view location, Status status) {
    Response response{status};
    response.headers_.append(Field::location, location);
    return response;
}

Response Response::problem(Status status, std::string detail) {
    Response response =
        with_type("application/problem+json", Body{Error{status, std::move(detail)}.to_json(true)});
    response.status_ = status;
    return response;
}

// Turns a producer that pushes into a stream that is pulled: the two take turns, one piece at a
// time, so nothing is buffered and the producer waits while the peer is slow.
class Response::ProducedStream final : public BodyStream, BodyWriter {
  public:
    explicit ProducedStream(Owned<StreamProducer> producer) noexcept
        : producer_(std::move(producer)) {}

    Task<std::optional<std::string_view>> next() override {
        if (piece_.empty() && !finished_) co_await Pull{*this};
        if (!piece_.empty()) co_return std::exchange(piece_, {});
        if (task_) {
            Task<> ended = std::exchange(task_, {});
            ended.take_result(); // throws what the producer threw
        }
        co_return std::nullopt;
    }

    const Headers* trailers() const noexcept override { return &trailers_; }

  private:
    // The reader's side: lets the producer run until it has a piece or is at its end.
    class Pull {
      public:
        explicit Pull(ProducedStream& stream) noexcept : stream_(stream) {}
        Pull(const Pull&) = delete;
        Pull& operator=(const Pull&) = delete;
        ~Pull() { stream_.reader_ = nullptr; }

        bool await_ready() const noexcept { return false; }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> reader) {
            stream_.reader_ = reader;
            stream_.pulling_ = true;
            if (!stream_.task_)
                stream_.start(reader.promise().cancellation());
            else if (stream_.writer_)
                std::exchange(stream_.writer_, nullptr).resume();
            stream_.pulling_ = false;
            return stream_.piece_.empty() && !stream_.finished_;
        }
        void await_resume() const noexcept {}

      private:
        ProducedStream& stream_;
    };

    // The producer's side: hands its piece over and waits for the next pull.
    struct Push {
        ProducedStream& stream;
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<> writer) noexcept {
            stream.writer_ = writer;
            return stream.pulling_ ? std::noop_coroutine() : stream.waiting_reader();
        }
        void await_resume() const noexcept {}
    };

    void start(Cancellation* cancellation) {
        try {
            task_ = producer_->run(*this);
        } catch (...) { // a producer that is no coroutine itself
            task_ = rethrow(std::current_exception());
        }
        finished_ = task_.start(&ProducedStream::ended, this, cancellation);
    }
    static Task<> rethrow(std::exception_ptr error) {
        std::rethrow_exception(error);
        co_return;
    }

    // Nobody, when the one who pulled was given up meanwhile.
    std::coroutine_handle<> waiting_reader() noexcept {
        const auto reader = std::exchange(reader_, nullptr);
        return reader ? reader : std::noop_coroutine();
    }

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
        if (!stream.pulling_) stream.waiting_reader().resume();
    }

    Owned<StreamProducer> producer_;
    Task<> task_;
    std::coroutine_handle<> reader_;
    std::coroutine_handle<> writer_;
    std::string_view piece_;
    Headers trailers_;
    bool pulling_ = false;
    bool finished_ = false;
};

Response Response::produced_by(Owned<StreamProducer> producer) {
    return Response{Body{std::make_unique<ProducedStream>(std::move(producer))}};
}

namespace {

class WaitingReader final : ByteStream::Reader {
  public:
    explicit WaitingReader(ByteStream& stream)
        : stream_(stream), bytes_(stream.begin_read(*this)) {}
    WaitingReader(const WaitingReader&) = delete;
    WaitingReader& operator=(const WaitingReader&) = delete;
    ~WaitingReader() {
        if (!bytes_) stream_.stop_reading();
    }
    /// Nullopt: they are still to come, and `wait` ends when they did.
    [[nodiscard]] const std::optional<std::string_view>& bytes() const noexcept { return bytes_; }
    [[nodiscard]] WaitSlot::Wait wait() noexcept { return slot_.wait(); }

  private:
    void received(std::string_view bytes) override {
        bytes_ = bytes;
        slot_.resume();
    }

    ByteStream& stream_;
    WaitSlot slot_;
    std::optional<std::string_view> bytes_;
};

} // namespace

Task<std::optional<std::string_view>> ByteStream::read() {
    WaitingReader reader{*this};
    if (!reader.bytes()) co_await reader.wait();
    if (reader.bytes()->empty()) co_return std::nullopt;
    co_return *reader.bytes();
}

} // namespace armature

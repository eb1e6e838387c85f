#pragma once

#include <armature/core/body.hpp>
#include <armature/core/headers.hpp>
#include <armature/core/owned.hpp>
#include <armature/core/status.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace armature {

/// The connection's bytes after an upgrade (RFC 9110 §7.8): a duplex stream.
class ByteStream {
  public:
    /// The next bytes from the peer, never empty, or nullopt when it closed its side.
    /// The view lives until the next call of this or of `begin_read`.
    [[nodiscard]] Task<std::optional<std::string_view>> read();
    /// Sends bytes; ends when the kernel took them all. Throws `Cancelled` when the peer is gone.
    [[nodiscard]] virtual Task<> write(std::string_view bytes) = 0;
    /// The same without waiting, for `rest` behind `first`: false, and nothing is sent, when the
    /// kernel took no more before, or too much is kept for it already.
    [[nodiscard]] virtual bool try_write(std::string_view first, std::string_view rest = {}) {
        static_cast<void>(first);
        static_cast<void>(rest);
        return false;
    }

    /// Who reads without a task.
    class Reader {
      public:
        /// The next bytes; none: the peer closed its side. The view lives as that of `read` does.
        virtual void received(std::string_view bytes) = 0;

      protected:
        ~Reader() = default;
    };
    /// What `reader` would receive, if it is there already. Otherwise nullopt, and `reader`
    /// receives it, once, when it comes; it must live until then, or `stop_reading`. One at a time.
    [[nodiscard]] virtual std::optional<std::string_view> begin_read(Reader& reader) = 0;
    virtual void stop_reading() noexcept = 0;

  protected:
    ~ByteStream() = default;
};

/// One response. Movable, not copyable.
///
/// Content-Length, Transfer-Encoding, Connection and Date are the protocol adapter's business: it
/// derives them from the body. Setting them here has no effect on framing.
class Response {
  public:
    Response() noexcept = default;
    explicit Response(Status status) noexcept : status_(status) {}
    explicit Response(Body body) noexcept : body_(std::move(body)) {}

    /// text/plain; charset=utf-8
    [[nodiscard]] static Response text(std::string content) {
        return with_type("text/plain; charset=utf-8", Body{std::move(content)});
    }
    /// text/html; charset=utf-8. The text is sent as it is: escape what users wrote.
    [[nodiscard]] static Response html(std::string content) {
        return with_type("text/html; charset=utf-8", Body{std::move(content)});
    }
    /// application/json, from text that is JSON already; `Json{value}` serialises.
    [[nodiscard]] static Response json(std::string content) {
        return with_type("application/json", Body{std::move(content)});
    }
    [[nodiscard]] static Response no_content() noexcept { return Response{Status::no_content}; }
    /// 302 unless another status is given. Throws std::invalid_argument for line breaks.
    [[nodiscard]] static Response redirect(std::string_view location,
                                           Status status = Status::found);
    /// A problem details document (RFC 9457) with that status and detail. The detail is sent for
    /// every status: throw an `Error` to have that of a 5xx hidden from clients.
    [[nodiscard]] static Response problem(Status status, std::string detail = {});

    /// A body that `producer(BodyWriter&) -> Task<>` writes while the peer reads. The producer
    /// starts after the head was sent and is destroyed when the peer leaves.
    template <class Producer>
        requires requires(Producer producer, BodyWriter& out) {
            { producer(out) } -> std::same_as<Task<>>;
        }
    [[nodiscard]] static Response stream(Producer producer) {
        struct Holder final : StreamProducer {
            explicit Holder(Producer&& made) : producer(std::move(made)) {}
            Task<> run(BodyWriter& out) override { return producer(out); }
            Producer producer;
        };
        return produced_by(Owned<StreamProducer>{new Holder{std::move(producer)}});
    }

    /// Switches the connection to another protocol: on HTTP/1.1 the answer is 101 with
    /// `Upgrade: protocol`, then `handler(ByteStream&) -> Task<>` owns the connection, which closes
    /// when it ends.
    template <class Handler>
        requires requires(Handler handler, ByteStream& stream) {
            { handler(stream) } -> std::same_as<Task<>>;
        }
    [[nodiscard]] static Response upgrade(std::string_view protocol, Handler handler) {
        struct Holder final : UpgradeHandler {
            explicit Holder(Handler&& made) : handler(std::move(made)) {}
            Task<> run(ByteStream& stream) override { return handler(stream); }
            Handler handler;
        };
        Response response{Status::switching_protocols};
        response.headers_.append(Field::upgrade, protocol);
        response.upgrade_.reset(new Holder{std::move(handler)});
        return response;
    }

    [[nodiscard]] Status status() const noexcept { return status_; }
    Response& status(Status status) & noexcept {
        status_ = status;
        return *this;
    }
    Response&& status(Status status) && noexcept { return std::move(this->status(status)); }

    [[nodiscard]] Headers& headers() noexcept { return headers_; }
    [[nodiscard]] const Headers& headers() const noexcept { return headers_; }
    /// Replaces a field. Throws std::invalid_argument as `Headers::set` does.
    Response& header(FieldName name, std::string_view value) & {
        headers_.set(name, value);
        return *this;
    }
    Response&& header(FieldName name, std::string_view value) && {
        return std::move(header(name, value));
    }

    [[nodiscard]] Body& body() noexcept { return body_; }
    [[nodiscard]] const Body& body() const noexcept { return body_; }
    Response& body(Body body) & noexcept {
        body_ = std::move(body);
        return *this;
    }
    Response&& body(Body body) && noexcept { return std::move(this->body(std::move(body))); }

    /// Replaces content and its type. `type` is not copied: a literal or a constant.
    void set_content(std::string_view type, Body body) {
        if (headers_.contains(Field::content_type)) headers_.erase(Field::content_type);
        headers_.append_view(Field::content_type, type);
        body_ = std::move(body);
    }
    /// The same with text that lives until the response was sent; see `Body::view`.
    void set_content_view(std::string_view type, std::string_view text) {
        if (headers_.contains(Field::content_type)) headers_.erase(Field::content_type);
        headers_.append_view(Field::content_type, type);
        body_.assign_view(text);
    }

    /// What `upgrade` was given, or null.
    class UpgradeHandler {
      public:
        virtual ~UpgradeHandler() = default;
        virtual Task<> run(ByteStream& stream) = 0;
    };
    [[nodiscard]] Owned<UpgradeHandler>& upgrade_handler() noexcept { return upgrade_; }

    /// Becomes an empty 200 again but keeps storage.
    void reset() noexcept {
        status_ = Status::ok;
        headers_.clear();
        body_.clear();
        upgrade_.reset();
    }

  private:
    class StreamProducer {
      public:
        virtual ~StreamProducer() = default;
        virtual Task<> run(BodyWriter& out) = 0;
    };
    class ProducedStream;

    static Response with_type(std::string_view type, Body body) {
        Response response;
        response.set_content(type, std::move(body));
        return response;
    }
    static Response produced_by(Owned<StreamProducer> producer);

    Status status_ = Status::ok;
    Headers headers_;
    Body body_;
    Owned<UpgradeHandler> upgrade_;
};

} // namespace armature

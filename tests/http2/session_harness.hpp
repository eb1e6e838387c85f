#pragma once

#include "http1/session_app.hpp"
#include "http2/session.hpp"

#include <nghttp2/nghttp2.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Drives HTTP/2 sessions from memory, with nghttp2's client as the other end. The application is
// that of the HTTP/1.1 session's tests.
namespace armature::http2::testing {

using http1::testing::big_size;
using http1::testing::big_text;
using http1::testing::make_app;
using http1::testing::make_steady_app;
using http1::testing::Seen;
using Fields = std::vector<std::pair<std::string, std::string>>;

/// One loop with an application and what its sessions share.
struct World {
    explicit World(Application made, SessionLimits with = {}, bool secure = false)
        : app(std::move(made)), limits(with), context(app.dispatcher(), limits, loop, secure) {}

    void run_until(const bool& done) {
        struct Watchdog final : Timer {
            explicit Watchdog(const bool& of) noexcept : flag(const_cast<bool&>(of)) {}
            void expired() override { flag = barked = true; }
            bool& flag;
            bool barked = false;
        } watchdog{done};
        loop.timers().arm(watchdog, steady_now() + 10'000);
        loop.run_until(done);
        if (watchdog.barked) throw std::runtime_error("nothing happened for 10 seconds");
    }

    LocalLoop loop;
    LocalLoop::Enter enter{loop};
    Application app;
    SessionLimits limits;
    SessionContext context;
};

/// A session and the socket between it and whoever feeds it; what it writes is in `output`.
class Link final : session::Host {
  public:
    explicit Link(World& world) : session(world.context, *this, PeerAddress{}), world_(world) {}

    std::string output;
    Session session;

    Link& send(std::string_view bytes) {
        kernel_ += bytes;
        return turn();
    }
    Link& close() {
        session.peer_closed();
        return turn();
    }
    /// How many bytes the socket takes from now on.
    Link& window(std::size_t bytes) {
        window_ = bytes;
        return turn();
    }
    Link& turn() {
        changed_ = false;
        for (;;) {
            write();
            if (session.output().empty()) {
                session.resume();
                if (!session.output().empty() && window_ > 0) continue;
            }
            if (kernel_.empty() || !session.wants_input()) break;
            const session::Space space = session.prepare();
            const std::size_t size = std::min(space.size, kernel_.size());
            kernel_.copy(space.data, size);
            kernel_.erase(0, size);
            session.commit(size);
        }
        session.keep_output();
        return *this;
    }
    /// Turns the loop until the session has something to do, and lets it.
    Link& await_change() {
        if (!changed_) world_.run_until(changed_);
        return turn();
    }
    /// Lets run what is ready: one turn of the loop.
    Link& step() {
        struct Tick final : Job {
            void run() override { over = true; }
            bool over = false;
        } tick;
        world_.loop.post(tick);
        world_.run_until(tick.over);
        return turn();
    }
    /// Lets everything run that only yields.
    Link& settle() {
        for (int i = 0; i < 200; ++i)
            step();
        return *this;
    }

  private:
    void session_changed() override { changed_ = true; }
    [[nodiscard]] bool has_input() const noexcept override { return !kernel_.empty(); }
    void write() {
        while (window_ > 0) {
            const session::Output out = session.output();
            if (out.empty()) return;
            const std::size_t size = std::min(out.first.size(), window_);
            output += out.first.substr(0, size);
            if (window_ != unlimited) window_ -= size;
            session.wrote(size);
        }
    }

    static constexpr std::size_t unlimited = static_cast<std::size_t>(-1);
    World& world_;
    std::string kernel_;
    std::size_t window_ = unlimited;
    bool changed_ = false;
};

/// What a client got on one stream.
struct Answer {
    std::vector<std::string> interim;
    std::string status;
    Fields fields;
    std::string body;
    Fields trailers;
    bool trailers_begin = false; ///< the head is complete
    bool ended = false;
    std::optional<std::uint32_t> reset;
    bool operator==(const Answer&) const = default;

    [[nodiscard]] std::optional<std::string> field(std::string_view name) const {
        for (const auto& [key, value] : fields)
            if (key == name) return value;
        return std::nullopt;
    }
};

/// What a session wrote, as far as it says anything about requests.
struct Outcome {
    std::map<std::int32_t, Answer> answers;
    std::optional<std::uint32_t> goaway;
};
/// Reads frames. Throws when they are malformed.
inline Outcome read_frames(std::string_view text) {
    struct Inflater {
        Inflater() { nghttp2_hd_inflate_new(&raw); }
        Inflater(const Inflater&) = delete;
        Inflater& operator=(const Inflater&) = delete;
        ~Inflater() { nghttp2_hd_inflate_del(raw); }
        nghttp2_hd_inflater* raw = nullptr;
    } inflater;
    const auto number = [](std::string_view bytes) {
        std::uint32_t value = 0;
        for (const char c : bytes)
            value = value << 8 | static_cast<unsigned char>(c);
        return value;
    };
    const auto require = [](bool holds) {
        if (!holds) throw std::runtime_error("the server's frames are malformed");
    };
    Outcome outcome;
    while (!text.empty()) {
        require(text.size() >= 9);
        const std::size_t size = number(text.substr(0, 3));
        const auto type = static_cast<unsigned char>(text[3]);
        const auto flags = static_cast<unsigned char>(text[4]);
        const auto id = static_cast<std::int32_t>(number(text.substr(5, 4)));
        require(text.size() >= 9 + size);
        std::string_view payload = text.substr(9, size);
        text.remove_prefix(9 + size);
        if (type == NGHTTP2_GOAWAY) outcome.goaway = number(payload.substr(4, 4));
        if (id == 0) continue;
        require(type != NGHTTP2_CONTINUATION); // our heads are small
        Answer& answer = outcome.answers[id];
        if (type == NGHTTP2_RST_STREAM) answer.reset = number(payload);
        if (type == NGHTTP2_DATA) answer.body += payload;
        while (type == NGHTTP2_HEADERS && !payload.empty()) {
            nghttp2_nv field{};
            int got = 0;
            const ssize_t used = nghttp2_hd_inflate_hd2(
                inflater.raw, &field, &got, reinterpret_cast<const std::uint8_t*>(payload.data()),
                payload.size(), 1);
            require(used >= 0);
            payload.remove_prefix(static_cast<std::size_t>(used));
            if ((got & NGHTTP2_HD_INFLATE_EMIT) == 0) continue;
            std::string name(reinterpret_cast<char*>(field.name), field.namelen);
            std::string value(reinterpret_cast<char*>(field.value), field.valuelen);
            if (name == ":status")
                (value.starts_with('1') ? answer.interim.emplace_back() : answer.status) = value;
            else
                (answer.trailers_begin ? answer.trailers : answer.fields).emplace_back(name, value);
        }
        if (type == NGHTTP2_HEADERS) {
            nghttp2_hd_inflate_end_headers(inflater.raw);
            answer.trailers_begin = !answer.status.empty();
        }
        if (type <= NGHTTP2_HEADERS && (flags & NGHTTP2_FLAG_END_STREAM) != 0) {
            require(!answer.ended);
            answer.ended = true;
        }
    }
    return outcome;
}

/// nghttp2's client. `feed` it with what a session wrote; `take` what it wants to say.
class Client {
  public:
    /// What a request's content is made of, and whether it ends.
    struct Upload {
        std::string content;
        bool ends = true;
        Fields trailers{};
    };

    explicit Client(std::vector<nghttp2_settings_entry> settings = {}, bool credit = true) {
        nghttp2_session_callbacks* callbacks = nullptr;
        nghttp2_session_callbacks_new(&callbacks);
        nghttp2_session_callbacks_set_on_header_callback(callbacks, &on_header);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &on_frame);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &on_data);
        nghttp2_option* option = nullptr;
        nghttp2_option_new(&option);
        nghttp2_option_set_no_auto_window_update(option, credit ? 0 : 1);
        nghttp2_session_client_new2(&session_, callbacks, this, option);
        nghttp2_option_del(option);
        nghttp2_session_callbacks_del(callbacks);
        nghttp2_submit_settings(session_, 0, settings.data(), settings.size());
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { nghttp2_session_del(session_); }

    std::map<std::int32_t, Answer> answers;
    std::optional<std::uint32_t> goaway;
    std::int32_t goaway_stream = 0;

    std::int32_t request(std::string_view method, std::string_view path, Fields fields = {},
                         Upload* upload = nullptr) {
        Fields all{{":method", std::string{method}},
                   {":scheme", "http"},
                   {":authority", "a"},
                   {":path", std::string{path}}};
        all.insert(all.end(), fields.begin(), fields.end());
        return submit(all, upload);
    }
    std::int32_t submit(const Fields& fields, Upload* upload = nullptr) {
        const auto list = named(fields);
        nghttp2_data_provider provider{};
        provider.source.ptr = upload;
        provider.read_callback = &read;
        return nghttp2_submit_request(session_, nullptr, list.data(), list.size(),
                                      upload != nullptr ? &provider : nullptr, nullptr);
    }
    void more(std::int32_t id) { nghttp2_session_resume_data(session_, id); }
    void reset(std::int32_t id) { nghttp2_submit_rst_stream(session_, 0, id, NGHTTP2_CANCEL); }
    void credit(std::int32_t id, std::size_t bytes) {
        nghttp2_session_consume(session_, id, bytes);
    }
    nghttp2_session* raw() noexcept { return session_; }

    [[nodiscard]] std::string take() {
        std::string text;
        const std::uint8_t* bytes = nullptr;
        for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &bytes)) > 0;)
            text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
        return text;
    }
    void feed(std::string_view bytes) {
        const ssize_t used = nghttp2_session_mem_recv(
            session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
        if (used < 0) throw std::runtime_error(nghttp2_strerror(static_cast<int>(used)));
    }
    /// Carries bytes both ways until neither side has more to say.
    void talk(Link& link) {
        for (;;) {
            const std::string said = take();
            link.send(said);
            if (link.output.empty() && said.empty()) return;
            feed(std::exchange(link.output, {}));
        }
    }
    /// The same until the stream is over.
    const Answer& answer(Link& link, std::int32_t id) {
        for (talk(link); !answers[id].ended && !answers[id].reset; talk(link))
            link.await_change();
        return answers[id];
    }

  private:
    static std::vector<nghttp2_nv> named(const Fields& fields) {
        std::vector<nghttp2_nv> list;
        for (const auto& [name, value] : fields)
            list.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                            reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())),
                            name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
        return list;
    }
    static ssize_t read(nghttp2_session* session, std::int32_t id, std::uint8_t* to,
                        std::size_t size, std::uint32_t* flags, nghttp2_data_source* source,
                        void*) {
        auto& upload = *static_cast<Upload*>(source->ptr);
        size = upload.content.copy(reinterpret_cast<char*>(to), size);
        upload.content.erase(0, size);
        if (upload.content.empty() && upload.ends) {
            *flags |= NGHTTP2_DATA_FLAG_EOF;
            if (!upload.trailers.empty()) {
                *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
                const auto list = named(upload.trailers);
                nghttp2_submit_trailer(session, id, list.data(), list.size());
            }
        } else if (size == 0) {
            return NGHTTP2_ERR_DEFERRED;
        }
        return static_cast<ssize_t>(size);
    }
    static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                         std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                         std::uint8_t, void* self) {
        Answer& answer = static_cast<Client*>(self)->answers[frame->hd.stream_id];
        std::string key(reinterpret_cast<const char*>(name), name_size);
        std::string text(reinterpret_cast<const char*>(value), value_size);
        if (key == ":status") {
            if (text.starts_with('1'))
                answer.interim.push_back(text);
            else
                answer.status = text;
        } else {
            (answer.trailers_begin ? answer.trailers : answer.fields).emplace_back(key, text);
        }
        return 0;
    }
    static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                       std::size_t size, void* self) {
        static_cast<Client*>(self)->answers[id].body.append(reinterpret_cast<const char*>(data),
                                                            size);
        return 0;
    }
    static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
        auto& client = *static_cast<Client*>(self);
        if (frame->hd.type == NGHTTP2_GOAWAY) {
            client.goaway = frame->goaway.error_code;
            client.goaway_stream = frame->goaway.last_stream_id;
        }
        if (frame->hd.stream_id == 0) return 0;
        Answer& answer = client.answers[frame->hd.stream_id];
        if (frame->hd.type == NGHTTP2_RST_STREAM) answer.reset = frame->rst_stream.error_code;
        if (frame->hd.type == NGHTTP2_HEADERS && !answer.status.empty())
            answer.trailers_begin = true;
        if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
            (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
            answer.ended = true;
        return 0;
    }

    nghttp2_session* session_ = nullptr;
};

} // namespace armature::http2::testing

#include "cli/bench/protocol.hpp"

#include <armature/core/headers.hpp>

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <list>
#include <stdexcept>

namespace armature::cli::bench {

namespace {

// What a stream's content may be ahead of its reader: this one takes it at once.
constexpr std::int32_t window = 16 * 1024 * 1024;

struct Callbacks {
    Callbacks() {
        if (nghttp2_session_callbacks_new(&all) != 0) throw std::bad_alloc{};
    }
    Callbacks(const Callbacks&) = delete;
    Callbacks& operator=(const Callbacks&) = delete;
    ~Callbacks() { nghttp2_session_callbacks_del(all); }
    nghttp2_session_callbacks* all = nullptr;
};

class Http2 final : public Protocol {
  public:
    Http2(const Requests& requests, Answers& answers) : requests_(requests), answers_(answers) {
        Callbacks callbacks;
        nghttp2_session_callbacks_set_on_header_callback(callbacks.all, &on_header);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks.all, &on_content);
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks.all, &on_close);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks.all, &on_frame);
        if (nghttp2_session_client_new(&session_, callbacks.all, this) != 0) throw std::bad_alloc{};
        const nghttp2_settings_entry settings[] = {
            {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
            {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(window)}};
        nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, 2);
        nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, window);
        flush();
    }
    ~Http2() override { nghttp2_session_del(session_); }

    void send(const Sent& request) override {
        const LoadPlan& plan = requests_.plan();
        const Target& target = plan.targets[request.target];
        Stream& stream = streams_.emplace_back();
        stream.request = request;
        std::vector<nghttp2_nv> fields;
        const std::string scheme = plan.origin.is_tls ? "https" : "http";
        const std::string authority = plan.origin.authority();
        const std::string length = std::to_string(target.body.size());
        const auto add = [&](std::string_view name, std::string_view value) {
            fields.push_back({bytes(name), bytes(value), name.size(), value.size(),
                              NGHTTP2_NV_FLAG_NONE}); // nghttp2 copies them
        };
        add(":method", target.method);
        add(":scheme", scheme);
        add(":authority", authority);
        add(":path", target.path);
        for (const auto& [name, value] : plan.fields)
            add(name, value);
        if (!target.body.empty()) add("content-length", length);
        nghttp2_data_provider content{};
        content.source.ptr = &stream;
        content.read_callback = &read_content;
        stream.rest = target.body;
        const std::int32_t id =
            nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(),
                                   target.body.empty() ? nullptr : &content, &stream);
        if (id < 0) { // its numbers are used up
            is_usable_ = false;
            streams_.pop_back();
            answers_.was_reset(request);
            return;
        }
        flush();
    }

    bool receive(std::string_view text) override {
        const ssize_t taken = nghttp2_session_mem_recv(
            session_, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
        if (taken < 0) return false;
        flush();
        if (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0)
            is_usable_ = false;
        return is_usable_ || streams_.empty() || nghttp2_session_want_read(session_) != 0;
    }
    bool close() override {
        is_usable_ = false;
        return streams_.empty();
    }
    bool is_usable() const override { return is_usable_; }
    std::size_t under_way() const override { return streams_.size(); }
    std::uint64_t oldest() const override {
        std::uint64_t first = streams_.front().request.sent;
        for (const Stream& stream : streams_)
            first = std::min(first, stream.request.sent);
        return first;
    }
    std::vector<Sent> take_under_way() override {
        std::vector<Sent> all;
        for (const Stream& stream : streams_)
            all.push_back(stream.request);
        // The session may still speak of them: it goes with them.
        nghttp2_session_del(session_);
        session_ = nullptr;
        streams_.clear();
        return all;
    }

  private:
    struct Stream {
        Sent request;
        std::string_view rest; ///< content that wasn't sent yet
        std::uint64_t bytes = 0;
        unsigned status = 0;
    };

    static std::uint8_t* bytes(std::string_view text) {
        return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); // it writes nothing
    }
    void flush() {
        for (;;) {
            const std::uint8_t* data = nullptr;
            const ssize_t size = nghttp2_session_mem_send(session_, &data);
            if (size <= 0) return;
            output_.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
        }
    }
    static Stream* stream_of(nghttp2_session* session, std::int32_t id) {
        return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
    }
    static int on_header(nghttp2_session* session, const nghttp2_frame* frame,
                         const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                         std::size_t value_size, std::uint8_t, void*) {
        if (std::string_view{reinterpret_cast<const char*>(name), name_size} != ":status") return 0;
        Stream* const stream = stream_of(session, frame->hd.stream_id);
        const char* const text = reinterpret_cast<const char*>(value);
        if (stream != nullptr) std::from_chars(text, text + value_size, stream->status);
        return 0;
    }
    static int on_content(nghttp2_session* session, std::uint8_t, std::int32_t id,
                          const std::uint8_t*, std::size_t size, void*) {
        if (Stream* const stream = stream_of(session, id)) stream->bytes += size;
        return 0;
    }
    static int on_close(nghttp2_session* session, std::int32_t id, std::uint32_t error,
                        void* self) {
        Stream* const stream = stream_of(session, id);
        if (stream == nullptr) return 0;
        auto& that = *static_cast<Http2*>(self);
        const Stream ended = *stream;
        that.streams_.remove_if([&](const Stream& each) { return &each == stream; });
        if (error == NGHTTP2_NO_ERROR && ended.status >= 200)
            that.answers_.answered(ended.request, ended.status, ended.bytes);
        else
            that.answers_.was_reset(ended.request);
        return 0;
    }
    static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
        if (frame->hd.type == NGHTTP2_GOAWAY) static_cast<Http2*>(self)->is_usable_ = false;
        return 0;
    }
    static ssize_t read_content(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t size,
                                std::uint32_t* flags, nghttp2_data_source* source, void*) {
        Stream& stream = *static_cast<Stream*>(source->ptr);
        const std::size_t count = std::min(size, stream.rest.size());
        std::memcpy(to, stream.rest.data(), count);
        stream.rest.remove_prefix(count);
        if (stream.rest.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
        return static_cast<ssize_t>(count);
    }

    const Requests& requests_;
    Answers& answers_;
    nghttp2_session* session_ = nullptr;
    std::list<Stream> streams_;
    bool is_usable_ = true;
};

} // namespace

std::unique_ptr<Protocol> make_http2(const Requests& requests, Answers& answers) {
    return std::make_unique<Http2>(requests, answers);
}

} // namespace armature::cli::bench

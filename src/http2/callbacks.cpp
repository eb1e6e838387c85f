#include "http2/callbacks.hpp"

#include "http2/session.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <new>

namespace armature::http2 {

namespace {

std::string_view text(const std::uint8_t* data, std::size_t size) noexcept {
    return {reinterpret_cast<const char*>(data), size};
}

// A trailer section may be that large, by the measure of a head.
constexpr std::size_t trailer_bytes = 4096;
// Content that a client may send after its response is complete; less than a stream's window.
constexpr std::uint64_t unread_bytes = 64 * 1024;
// WINDOW_UPDATE frames for each DATA frame that was sent: its stream's, the connection's, and both
// for halves of it. They may come late, but not without end.
constexpr std::uint32_t updates_per_data = 4;
constexpr std::uint32_t most_updates = 100'000;

} // namespace

// Exceptions must not pass through nghttp2: std::bad_alloc, the only one here, ends the connection.
struct Callbacks::Functions {
    static mux::Stream* stream_of(nghttp2_session* session, std::int32_t id) noexcept {
        return static_cast<mux::Stream*>(nghttp2_session_get_stream_user_data(session, id));
    }
    static Session& self(void* user) noexcept { return *static_cast<Session*>(user); }

    static int begin_headers(nghttp2_session* session, const nghttp2_frame* frame,
                             void* user) noexcept {
        Session& s = self(user);
        try {
            if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
                s.head_of_ = s.open_stream(frame->hd.stream_id);
            } else {
                s.head_of_ = stream_of(session, frame->hd.stream_id);
                s.trailers_.clear();
                s.trailers_are_broken_ = false;
            }
            return 0;
        } catch (...) {
            return NGHTTP2_ERR_CALLBACK_FAILURE;
        }
    }

    static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* user) noexcept {
        Session& s = self(user);
        mux::Stream* stream = s.head_of_;
        if (stream == nullptr) return 0;
        try {
            if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
                stream->head().add(text(name, name_size), text(value, value_size));
                // Past the limit the client gets 431. Far past it, it is no client.
                if (stream->head().bytes() <= 4 * std::size_t{s.context_.limits.head.head_bytes})
                    return 0;
            } else if (s.trailers_.text_bound() + name_size + value_size <= trailer_bytes) {
                const std::string_view trailer{text(name, name_size)};
                if (mux::may_be_sent(field_from_name(trailer), trailer, text(value, value_size)))
                    s.trailers_.append(trailer, text(value, value_size));
                else
                    s.trailers_are_broken_ = true;
                return 0;
            }
            s.terminate(NGHTTP2_ENHANCE_YOUR_CALM);
            return 0;
        } catch (...) {
            return NGHTTP2_ERR_CALLBACK_FAILURE;
        }
    }

    static int frame_received(nghttp2_session* session, const nghttp2_frame* frame,
                              void* user) noexcept {
        Session& s = self(user);
        const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        const auto cheap = [&] {
            if (!s.count(s.control_frames_, s.context_.limits.control_frames))
                s.terminate(NGHTTP2_ENHANCE_YOUR_CALM);
        };
        try {
            switch (frame->hd.type) {
            case NGHTTP2_HEADERS:
            case NGHTTP2_DATA: {
                mux::Stream* stream = stream_of(session, frame->hd.stream_id);
                if (frame->hd.type == NGHTTP2_DATA && frame->hd.length == 0 && !ends) cheap();
                if (stream == nullptr) return 0;
                bool is_malformed = false; // RFC 9113 §8.1.1
                if (frame->hd.type == NGHTTP2_HEADERS) {
                    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
                        is_malformed = stream->head().is_malformed();
                        if (const auto priority = stream->request.header(Field::priority))
                            s.set_priority(frame->hd.stream_id, *priority);
                        stream->head_complete();
                    } else {
                        is_malformed = s.trailers_are_broken_ || !ends;
                        stream->set_trailers(std::move(s.trailers_));
                    }
                }
                if (ends) stream->receive_end();
                if (is_malformed || !stream->content_fits()) {
                    s.drop(*stream);
                    return 0;
                }
                s.mark_due(*stream);
                return 0;
            }
            case NGHTTP2_RST_STREAM:
                s.reset_by_client_ = frame->hd.stream_id;
                if (!s.count(s.resets_, s.context_.limits.resets))
                    s.terminate(NGHTTP2_ENHANCE_YOUR_CALM);
                return 0;
            case NGHTTP2_PING:
                if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0)
                    cheap();
                else if (s.draining_) // what the client sent before it knew has arrived by now
                    nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE,
                                          nghttp2_session_get_last_proc_stream_id(session),
                                          NGHTTP2_NO_ERROR, nullptr, 0);
                return 0;
            case NGHTTP2_SETTINGS:
                if (!std::exchange(s.has_preface_, true)) {
                    s.in_head_ = false;
                    if (s.streams_ != nullptr) s.mark_due(*s.streams_); // what asked for h2c
                }
                if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) cheap();
                return 0;
            case NGHTTP2_PRIORITY_UPDATE:
                cheap();
                return 0;
            case NGHTTP2_WINDOW_UPDATE:
                if (s.window_updates_ > 0)
                    --s.window_updates_;
                else
                    cheap();
                return 0;
            default:
                return 0;
            }
        } catch (...) {
            return NGHTTP2_ERR_CALLBACK_FAILURE;
        }
    }

    static int data(nghttp2_session* session, std::uint8_t, std::int32_t id,
                    const std::uint8_t* bytes, std::size_t size, void*) noexcept {
        mux::Stream* stream = stream_of(session, id);
        try {
            if (stream == nullptr) {
                nghttp2_session_consume_connection(session, size);
                return 0;
            }
            stream->receive(text(bytes, size)); // due when its frame is complete
            stop_upload(session, *stream);
            return 0;
        } catch (...) {
            return NGHTTP2_ERR_CALLBACK_FAILURE;
        }
    }

    static int frame_sent(nghttp2_session* session, const nghttp2_frame* frame,
                          void* user) noexcept {
        if (frame->hd.type == NGHTTP2_DATA) {
            std::uint32_t& allowed = self(user).window_updates_;
            allowed = std::min(allowed + updates_per_data, most_updates);
        }
        if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0 ||
            (frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS))
            return 0;
        if (mux::Stream* stream = stream_of(session, frame->hd.stream_id)) {
            stream->response_is_out();
            stop_upload(session, *stream);
        }
        return 0;
    }

    // The response is out, and nobody reads what still comes of the request. Its client may go on
    // for a while, as it would learn nothing from a reset; not when there is much (RFC 9113 §8.1),
    // nor in a tunnel, whose client may think that it has no end of its own to send.
    static void stop_upload(nghttp2_session* session, const mux::Stream& stream) noexcept {
        if (stream.owes_content() && (stream.is_tunnel() || stream.content_bytes() > unread_bytes))
            nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE,
                                      static_cast<std::int32_t>(stream.id()), NGHTTP2_NO_ERROR);
    }

    static int stream_closed(nghttp2_session* session, std::int32_t id, std::uint32_t error,
                             void* user) noexcept {
        mux::Stream* stream = stream_of(session, id);
        Session& s = self(user);
        if (id != s.reset_by_client_) {
            if (stream == nullptr || !stream->received_all()) s.note_cut_short(id);
            // A client can also make us reset its streams, by its mistakes (CVE-2025-8671).
            if (error != NGHTTP2_NO_ERROR && error != NGHTTP2_INTERNAL_ERROR &&
                !s.count(s.resets_, s.context_.limits.resets))
                s.terminate(NGHTTP2_ENHANCE_YOUR_CALM);
        }
        if (stream == nullptr) return 0;
        if (stream == s.head_of_) s.head_of_ = nullptr;
        nghttp2_session_set_stream_user_data(session, id, nullptr);
        try {
            stream->close(CancelReason::client_gone);
            return 0;
        } catch (...) {
            return NGHTTP2_ERR_CALLBACK_FAILURE;
        }
    }

    static int send_data(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* head,
                         std::size_t size, nghttp2_data_source* source, void* user) noexcept {
        Session& s = self(user);
        auto& stream = *static_cast<mux::Stream*>(source->ptr);
        constexpr std::size_t head_bytes = 9;
        static_cast<void>(frame); // never padded: no callback asks for it
        try {
            session::OutputBuffer& out = s.out();
            // nghttp2 asks for frame after frame while the client's windows are open, which may be
            // gigabytes; it comes back with this one.
            if (out.size() >= session::output_high_water) return NGHTTP2_ERR_WOULDBLOCK;
            char* to = out.room(head_bytes + size);
            std::copy_n(reinterpret_cast<const char*>(head), head_bytes, to);
            if (!stream.take_content(to + head_bytes, size))
                return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
            out.set_end(to + head_bytes + size);
            if (stream.can_produce()) s.mark_due(stream);
            return 0;
        } catch (...) {
            return NGHTTP2_ERR_CALLBACK_FAILURE;
        }
    }
};

nghttp2_session_callbacks* Callbacks::make() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc{};
    using F = Functions;
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, &F::begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, &F::header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, &F::frame_received);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, &F::data);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, &F::frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, &F::stream_closed);
    nghttp2_session_callbacks_set_send_data_callback(made, &F::send_data);
    return made;
}

} // namespace armature::http2

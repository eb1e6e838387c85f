#pragma once

#include "mux/memory.hpp"
#include "mux/stream.hpp"
#include "session/session.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

struct nghttp2_option;
struct nghttp2_session_callbacks;

namespace armature::http2 {

struct SessionLimits {
    mux::HeadLimits head;
    /// Streams that a client may have open at a time.
    std::uint32_t concurrent_streams = 128;
    /// Content that a client may send before somebody reads it: of one stream, and of all streams
    /// of a connection together. Bytes.
    std::uint32_t stream_window = 256 * 1024;
    std::uint32_t connection_window = 1024 * 1024;
    /// After that many requests the connection is closed, so that load spreads again.
    std::uint32_t requests_per_connection = 1'000'000;
    /// Frames that cost a client little and us much, in ten seconds: streams that it resets, and
    /// PING, SETTINGS, PRIORITY, empty DATA, unknown frames, and WINDOW_UPDATE frames beyond a few
    /// for each DATA frame that it got. More end the connection.
    std::uint32_t resets = 500;
    std::uint32_t control_frames = 2000;
};

class Session;

/// What the sessions of one loop share.
class SessionContext {
  public:
    SessionContext(const Dispatcher& dispatcher, const SessionLimits& limits, Scheduler& loop,
                   bool secure);
    SessionContext(const SessionContext&) = delete;
    SessionContext& operator=(const SessionContext&) = delete;
    ~SessionContext();

    static constexpr std::size_t read_bytes = 64 * 1024;

    const SessionLimits& limits;
    mux::StreamContext streams;

  private:
    friend class Session;
    mux::Memory memory_;
    nghttp2_option* option_ = nullptr;
    nghttp2_session_callbacks* callbacks_ = nullptr;
    std::vector<char> read_buffer_;
    session::OutputBuffer output_; ///< of the session that is being served right now
    const Session* output_owner_ = nullptr;
};

} // namespace armature::http2

#include "http2/session_context.hpp"

#include "http2/callbacks.hpp"

#include <nghttp2/nghttp2.h>

#include <new>

namespace armature::http2 {

SessionContext::SessionContext(const Dispatcher& dispatcher, const SessionLimits& session_limits,
                               Scheduler& loop, bool secure)
    : limits(session_limits),
      streams(dispatcher, session_limits.head, loop, Protocol::http_2, secure),
      read_buffer_(read_bytes) {
    if (nghttp2_option_new(&option_) != 0) throw std::bad_alloc{};
    // Credit is given when a handler took the content, not when it came.
    nghttp2_option_set_no_auto_window_update(option_, 1);
    // The rules of messages are checked where requests are made of them, once: src/mux.
    nghttp2_option_set_no_http_messaging(option_, 1);
    nghttp2_option_set_builtin_recv_extension_type(option_, NGHTTP2_PRIORITY_UPDATE);
    callbacks_ = Callbacks::make();
}

SessionContext::~SessionContext() {
    nghttp2_session_callbacks_del(callbacks_);
    nghttp2_option_del(option_);
}

} // namespace armature::http2

#pragma once

struct nghttp2_session_callbacks;

namespace armature::http2 {

/// What nghttp2 calls while it reads and writes frames; each forwards to its `Session`.
class Callbacks {
  public:
    /// For all sessions. Throws std::bad_alloc.
    [[nodiscard]] static nghttp2_session_callbacks* make();

  private:
    struct Functions;
    friend struct Functions;
};

} // namespace armature::http2

#pragma once

#include <armature/core/body.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

// What the sessions of all protocols have in common. A session is one connection without I/O: bytes
// in, bytes out. A shell that owns a socket moves the bytes; a test or a fuzzer does the same from
// memory. The shell is a template over the session's type, so these are no virtual functions.

namespace armature::session {

/// What a connection waits for; the shell has a time-out for each.
enum class Phase : std::uint8_t {
    idle,         ///< for the first byte of a request
    reading_head, ///< for the rest of a head
    reading_body, ///< for content that a handler asked for, or that is dropped
    handling,     ///< for the handler
    sending,      ///< for the client to let more of a response through
    upgraded,     ///< for nothing: the connection belongs to another protocol now
    closing,      ///< for the output to be written; then the connection is to be closed
    switching,    ///< for nothing: an HTTP/2 session is to go on with it
};

/// The shell, as its session sees it.
class Host {
  public:
    /// Something happened outside of the shell's calls.
    virtual void session_changed() = 0;
    /// Whether bytes may wait in the kernel; asked while the server shuts down.
    [[nodiscard]] virtual bool has_input() const noexcept = 0;

  protected:
    ~Host() = default;
};

/// Where the next bytes from the peer go.
struct Space {
    char* data;
    std::size_t size;
};

/// What is to be written next: two pieces of memory, then a part of a file.
struct Output {
    std::string_view first;
    std::string_view second;
    const FileRegion* file = nullptr;
    std::uint64_t file_done = 0;
    [[nodiscard]] bool empty() const noexcept {
        return first.empty() && second.empty() && file == nullptr;
    }
};

/// A session whose peer doesn't read stops producing at that much output.
inline constexpr std::size_t output_high_water = 256 * 1024;

/// Text on its way to the socket. Unlike std::string it doesn't clear memory that is about to be
/// written.
class OutputBuffer {
  public:
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::string_view view() const noexcept { return {data_.get(), size_}; }
    /// Where up to `bytes` may be written; `set_end` then tells how far that went.
    [[nodiscard]] char* room(std::size_t bytes) {
        if (capacity_ - size_ < bytes) grow(bytes);
        return data_.get() + size_;
    }
    void set_end(const char* end) noexcept { size_ = static_cast<std::size_t>(end - data_.get()); }
    void append(std::string_view text) {
        char* to = room(text.size());
        if (!text.empty()) std::memcpy(to, text.data(), text.size());
        set_end(to + text.size());
    }
    void clear() noexcept { size_ = 0; }
    /// Gives memory back if there is more than `bytes` of it. Only while empty.
    void trim(std::size_t bytes) noexcept {
        if (capacity_ <= bytes) return;
        data_.reset();
        capacity_ = 0;
    }

  private:
    void grow(std::size_t bytes) {
        capacity_ = std::max({size_ + bytes, capacity_ * 2, std::size_t{4096}});
        // Not make_unique, which would clear it.
        std::unique_ptr<char[]> larger{new char[capacity_]};
        if (size_ > 0) std::memcpy(larger.get(), data_.get(), size_);
        data_ = std::move(larger);
    }

    std::unique_ptr<char[]> data_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace armature::session

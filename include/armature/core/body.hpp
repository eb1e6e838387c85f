#pragma once

#include <armature/core/headers.hpp>
#include <armature/core/owned.hpp>
#include <armature/core/task.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace armature {

/// A body that comes piece by piece. Whoever reads asks for the next piece when it can take it, and
/// nothing is produced before: that is the backpressure, in both directions.
class BodyStream {
  public:
    BodyStream() noexcept = default;
    BodyStream(const BodyStream&) = delete;
    BodyStream& operator=(const BodyStream&) = delete;
    virtual ~BodyStream();

    /// The next piece, never empty, or nullopt at the end. The view lives until the next call.
    /// Throws `Error` when the body breaks its limits or its framing, `Cancelled` when the request
    /// is cancelled.
    [[nodiscard]] virtual Task<std::optional<std::string_view>> next() = 0;

    /// The whole length in bytes where it is known beforehand.
    [[nodiscard]] virtual std::optional<std::uint64_t> size() const noexcept;

    /// Trailer fields (RFC 9110 §6.5), or null; only after `next` gave nullopt.
    [[nodiscard]] virtual const Headers* trailers() const noexcept;

    /// Reads everything that is left. Throws `Error` 413 when that is more than `limit` bytes.
    [[nodiscard]] Task<std::string> read_all(std::uint64_t limit);
};

/// An open file; closes its descriptor at the end. Shared between responses.
class File {
  public:
    /// Takes over an open descriptor.
    explicit File(int descriptor) noexcept : descriptor_(descriptor) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File();

    /// Opens for reading. Throws std::system_error.
    [[nodiscard]] static std::shared_ptr<const File> open(const char* path);
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    /// Size in bytes now. Throws std::system_error.
    [[nodiscard]] std::uint64_t size() const;

  private:
    int descriptor_;
};

/// Part of a file, sent by the kernel without passing through this process.
struct FileRegion {
    FileRegion(std::shared_ptr<const File> opened, std::uint64_t from, std::uint64_t count) noexcept
        : file(std::move(opened)), offset(from), size(count) {}
    std::shared_ptr<const File> file;
    std::uint64_t offset;
    std::uint64_t size;
};

/// The one representation of a message's content (RFC 9110 §6.4). Movable, not copyable.
class Body {
  public:
    enum class Kind : std::uint8_t { empty, view, owned, shared, file, stream };

    Body() noexcept {}
    /// Text that lives at least until the response was sent: a literal, a constant, arena memory.
    [[nodiscard]] static Body view(std::string_view text) noexcept {
        Body body;
        body.kind_ = Kind::view;
        body.view_ = text;
        return body;
    }
    Body(std::string text) noexcept : kind_(Kind::owned), owned_(std::move(text)) {} // NOLINT
    Body(std::shared_ptr<const std::string> text) noexcept                           // NOLINT
        : kind_(Kind::shared), shared_(std::move(text)) {}
    Body(FileRegion region) noexcept : kind_(Kind::file), file_(std::move(region)) {} // NOLINT
    Body(Owned<BodyStream> stream) noexcept;                                          // NOLINT
    // A template, so that only who passes a std::unique_ptr compiles what converts to one.
    template <class Stream>
    Body(std::unique_ptr<Stream> stream) noexcept // NOLINT
        : Body(Owned<BodyStream>{stream.release()}) {}
    Body(Body&& other) noexcept { take(other); }
    Body& operator=(Body&& other) noexcept {
        if (this != &other) {
            clear();
            take(other);
        }
        return *this;
    }
    ~Body() { clear(); }

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] bool empty() const noexcept { return kind_ == Kind::empty || size() == 0; }

    /// Length in bytes, or nullopt for a stream of unknown length.
    [[nodiscard]] std::optional<std::uint64_t> size() const noexcept;

    /// True when the content is in memory, so that `text` gives all of it.
    [[nodiscard]] bool in_memory() const noexcept { return kind_ <= Kind::shared; }
    /// The content of an in-memory body; empty for a file or a stream.
    [[nodiscard]] std::string_view text() const noexcept {
        switch (kind_) {
        case Kind::view:
            return view_;
        case Kind::owned:
            return owned_;
        case Kind::shared:
            return *shared_;
        default:
            return {};
        }
    }
    /// The file region of a body of kind `file`.
    [[nodiscard]] const FileRegion& file() const noexcept { return file_; }
    /// The content piece by piece, whatever its kind: what isn't a stream becomes one.
    [[nodiscard]] BodyStream& stream() {
        if (kind_ != Kind::stream) become_stream();
        return *stream_;
    }

    /// Becomes a view; the same as `*this = Body::view(text)`.
    void assign_view(std::string_view text) noexcept {
        clear();
        kind_ = Kind::view;
        view_ = text;
    }
    /// Becomes empty.
    void clear() noexcept {
        if (kind_ > Kind::view) destroy();
        kind_ = Kind::empty;
    }

  private:
    void become_stream();
    void destroy() noexcept;
    void take(Body& other) noexcept;

    Kind kind_ = Kind::empty;
    union {
        std::string_view view_;
        std::string owned_;
        std::shared_ptr<const std::string> shared_;
        FileRegion file_;
        Owned<BodyStream> stream_;
    };
};

/// Where a streaming handler writes; see `Response::stream`.
class BodyWriter {
  public:
    /// Hands over one piece and waits until the peer's connection took it: that is the
    /// backpressure. `bytes` must live until the await ends. Throws `Cancelled` when nobody reads
    /// any more.
    [[nodiscard]] virtual Task<> write(std::string_view bytes) = 0;
    /// Trailer fields, sent after the last piece where the protocol has them.
    virtual void trailer(std::string_view name, std::string_view value) = 0;

  protected:
    ~BodyWriter() = default;
};

} // namespace armature

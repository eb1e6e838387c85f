#include <armature/core/body.hpp>
#include <armature/core/error.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace armature {

BodyStream::~BodyStream() = default;

std::optional<std::uint64_t> BodyStream::size() const noexcept { return std::nullopt; }

const Headers* BodyStream::trailers() const noexcept { return nullptr; }

namespace {

// What is announced isn't there yet: a client gets memory set aside for this many times of what it
// sent, and large content is moved once or twice while it grows.
constexpr std::uint64_t set_aside = 16;

} // namespace

Task<std::string> BodyStream::read_all(std::uint64_t limit) {
    // Before anything of it is read, where that is known.
    const std::uint64_t announced = size().value_or(0);
    if (announced > limit) throw Error::content_too_large(limit);
    std::string all;
    while (const auto piece = co_await next()) {
        if (piece->size() > limit - all.size()) throw Error::content_too_large(limit);
        const std::uint64_t wanted = all.size() + piece->size();
        if (wanted > all.capacity() && wanted < announced)
            all.reserve(std::min(announced, wanted * set_aside));
        all += *piece;
    }
    co_return all;
}

File::~File() { ::close(descriptor_); }

std::shared_ptr<const File> File::open(const char* path) {
    const int descriptor = ::open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw std::system_error{errno, std::generic_category(), path};
    return std::make_shared<const File>(descriptor);
}

std::uint64_t File::size() const {
    struct stat info;
    if (::fstat(descriptor_, &info) != 0)
        throw std::system_error{errno, std::generic_category(), "fstat"};
    return static_cast<std::uint64_t>(info.st_size);
}

std::optional<std::uint64_t> Body::size() const noexcept {
    switch (kind_) {
    case Kind::file:
        return file_.size;
    case Kind::stream:
        return stream_->size();
    default:
        return text().size();
    }
}

namespace {

// Content that is all there, as a stream.
class WholeContent final : public BodyStream {
  public:
    explicit WholeContent(Body content) noexcept : content_(std::move(content)) {}

    Task<std::optional<std::string_view>> next() override {
        if (content_.kind() == Body::Kind::file) co_return read_file();
        if (done_ != 0 || content_.empty()) co_return std::nullopt;
        done_ = content_.text().size();
        co_return content_.text();
    }
    std::optional<std::uint64_t> size() const noexcept override { return content_.size(); }

  private:
    std::optional<std::string_view> read_file() {
        const FileRegion& file = content_.file();
        if (done_ == file.size) return std::nullopt;
        buffer_.resize(std::min<std::uint64_t>(file.size - done_, 64 * 1024));
        const ssize_t count = ::pread(file.file->descriptor(), buffer_.data(), buffer_.size(),
                                      static_cast<off_t>(file.offset + done_));
        if (count < 0) throw std::system_error{errno, std::generic_category(), "pread"};
        if (count == 0) throw Error::internal("a file became shorter while it was read");
        done_ += static_cast<std::uint64_t>(count);
        return std::string_view{buffer_}.substr(0, static_cast<std::size_t>(count));
    }

    Body content_;
    std::uint64_t done_ = 0;
    std::string buffer_;
};

} // namespace

Body::Body(Owned<BodyStream> stream) noexcept : kind_(Kind::stream), stream_(std::move(stream)) {}

void Body::become_stream() {
    auto stream = std::make_unique<WholeContent>(std::move(*this));
    *this = Body{std::move(stream)};
}

void Body::destroy() noexcept {
    switch (kind_) {
    case Kind::owned:
        std::destroy_at(&owned_);
        break;
    case Kind::shared:
        std::destroy_at(&shared_);
        break;
    case Kind::file:
        std::destroy_at(&file_);
        break;
    case Kind::stream:
        std::destroy_at(&stream_);
        break;
    default:
        break;
    }
}

void Body::take(Body& other) noexcept {
    kind_ = other.kind_;
    switch (kind_) {
    case Kind::empty:
        return;
    case Kind::view:
        view_ = other.view_;
        break;
    case Kind::owned:
        std::construct_at(&owned_, std::move(other.owned_));
        break;
    case Kind::shared:
        std::construct_at(&shared_, std::move(other.shared_));
        break;
    case Kind::file:
        std::construct_at(&file_, std::move(other.file_));
        break;
    case Kind::stream:
        std::construct_at(&stream_, std::move(other.stream_));
        break;
    }
    other.clear();
}

} // namespace armature

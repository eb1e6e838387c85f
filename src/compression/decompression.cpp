#include "compression/decoder.hpp"

#include <armature/compression/decompression.hpp>
#include <armature/core/error.hpp>
#include <armature/core/scheduler.hpp>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

namespace armature {

namespace {

using compression::Coding;
using compression::Decoder;

constexpr std::size_t piece_bytes = 16 * 1024;
// That much is decompressed before others have their turn: about a millisecond.
constexpr std::size_t turn_bytes = 512 * 1024;
// Small content is all head and tables, in which the ratio says nothing.
constexpr std::uint64_t free_bytes = 64 * 1024;
constexpr std::size_t most_codings = 4;

constexpr std::string_view accepted = "zstd, br, gzip, deflate";

struct Limits {
    std::uint64_t size;
    std::uint32_t ratio;
    bool may_wait; ///< false: everything is there, and has to come at once
};

/// Decompresses while it is read.
class DecompressedStream final : public BodyStream {
  public:
    DecompressedStream(Body source, Coding coding, const Limits& limits)
        : source_(std::move(source)), stream_(source_.stream()),
          decoder_(compression::make_decoder(coding)), coding_(coding), limits_(limits) {}

    Task<std::optional<std::string_view>> next() override {
        for (;;) {
            if (limits_.may_wait && turn_ >= turn_bytes) {
                co_await yield();
                turn_ = 0;
            }
            const std::string_view piece = decode();
            if (!piece.empty()) co_return piece;
            if (is_at_end_) co_return std::nullopt;
            const std::optional<std::string_view> more = co_await stream_.next();
            is_at_end_ = !more;
            if (more) {
                input_ = *more;
                received_ += more->size();
            } else if (decoder_->state() != Decoder::State::at_end) {
                throw Error::bad_request("The content ends in the middle of its " + coding_name() +
                                         " data");
            }
        }
    }

    const Headers* trailers() const noexcept override { return stream_.trailers(); }

  private:
    // Of the input so far; empty if it takes more of it.
    std::string_view decode() {
        if (input_.empty() && !has_more_) return {};
        const std::size_t size = decoder_->decode(input_, out_.data(), out_.size());
        if (decoder_->state() == Decoder::State::damaged)
            throw Error::bad_request("The content isn't valid " + coding_name() + " data");
        has_more_ = size == out_.size();
        turn_ += size;
        decoded_ += size;
        if (decoded_ > limits_.size) throw Error::content_too_large(limits_.size);
        if (decoded_ > free_bytes && decoded_ / limits_.ratio > received_)
            throw Error{Status::content_too_large, "The content grows more than " +
                                                       std::to_string(limits_.ratio) +
                                                       " times when it is decompressed"};
        return {out_.data(), size};
    }
    std::string coding_name() const { return std::string{compression::name_of(coding_)}; }

    Body source_;
    BodyStream& stream_;
    std::unique_ptr<Decoder> decoder_;
    Coding coding_;
    Limits limits_;
    std::string_view input_;
    std::uint64_t received_ = 0;
    std::uint64_t decoded_ = 0;
    std::size_t turn_ = 0;
    bool has_more_ = false; ///< the last piece had no room for all
    bool is_at_end_ = false;
    std::array<char, piece_bytes> out_;
};

[[noreturn]] void refuse(std::string detail) {
    throw Error{Status::unsupported_media_type, std::move(detail)}.header("accept-encoding",
                                                                          accepted);
}

} // namespace

Decompression::Decompression(DecompressionOptions options) : options_(options) {
    if (options.max_ratio < 1)
        throw std::invalid_argument("armature: decompression: max_ratio is at least 1");
    if (options.max_codings < 1 || options.max_codings > most_codings)
        throw std::invalid_argument("armature: decompression: max_codings is from 1 to 4");
}

void Decompression::decode(Request& request) const {
    std::array<Coding, most_codings> codings{};
    std::size_t count = 0;
    request.headers().all(Field::content_encoding, [&](std::string_view list) {
        while (!list.empty()) {
            const std::string_view item = take_part(list, ',');
            if (item.empty() || equal_ignoring_case(item, "identity")) continue;
            const auto coding = compression::coding_named(item);
            if (!coding) refuse("Content can be sent plainly, or as " + std::string{accepted});
            if (count == options_.max_codings) refuse("The content is compressed too many times");
            codings[count++] = *coding;
        }
    });
    Headers& fields = request.mutable_headers();
    fields.erase(Field::content_encoding);
    Body& body = request.body();
    if (count == 0 || body.empty()) return;
    fields.erase(Field::content_length);
    const bool in_memory = body.in_memory();
    const Limits limits{request.body_limit(), options_.max_ratio, !in_memory};
    while (count > 0) // the last one was applied last
        body =
            Body{std::make_unique<DecompressedStream>(std::move(body), codings[--count], limits)};
    if (!in_memory) return;
    // Content that came with the head may be for a handler that can't wait: it is small, and
    // decompressed here.
    Task<std::string> reading = body.stream().read_all(limits.size);
    static_cast<void>(reading.start([](void*) {}, nullptr, nullptr));
    std::string content = reading.take_result();
    body = Body{std::move(content)};
}

} // namespace armature

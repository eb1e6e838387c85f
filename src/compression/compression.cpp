#include "compression/encoder.hpp"
#include "core/compressible.hpp"
#include "core/list_field.hpp"

#include <armature/app/negotiate.hpp>
#include <armature/compression/compression.hpp>
#include <armature/core/etag.hpp>
#include <armature/core/media_type.hpp>
#include <armature/core/scheduler.hpp>

#include <sys/random.h>

#include <stdexcept>
#include <utility>

namespace armature {

namespace {

using compression::Coding;
using compression::Effort;
using compression::Encoder;
using compression::EncoderLease;

// That much is compressed before others have their turn: about a millisecond.
constexpr std::size_t turn_bytes = 64 * 1024;
// A piece of output that is worth sending.
constexpr std::size_t piece_bytes = 16 * 1024;

/// Compresses while it is read. Nothing of the content is asked for before the client takes more.
class CompressedStream final : public BodyStream {
  public:
    /// Without an encoder it can't be read: for HEAD.
    CompressedStream(Body source, EncoderLease encoder)
        : source_(std::move(source)), stream_(source_.stream()), encoder_(std::move(encoder)) {}

    Task<std::optional<std::string_view>> next() override {
        out_.clear();
        while (encoder_) {
            if (!input_.empty()) {
                if (turn_ == turn_bytes) {
                    co_await yield();
                    turn_ = 0;
                }
                const std::string_view part = input_.substr(0, turn_bytes - turn_);
                encoder_->encode(part, Encoder::Step::more, out_);
                input_.remove_prefix(part.size());
                turn_ += part.size();
                is_flushed_ = false;
                if (out_.size() >= piece_bytes) co_return out_;
                continue;
            }
            if (is_at_end_) {
                encoder_->encode({}, Encoder::Step::finish, out_);
                encoder_.reset();
                co_return out_;
            }
            if (!is_pulling_) co_await Pull{*this};
            if (!has_arrived_) {
                // The source pauses: the client gets all there is.
                if (!std::exchange(is_flushed_, true))
                    encoder_->encode({}, Encoder::Step::flush, out_);
                if (!out_.empty()) co_return out_;
                co_await Arrival{*this};
            }
            take_piece();
        }
        co_return std::nullopt;
    }

    const Headers* trailers() const noexcept override { return stream_.trailers(); }

  private:
    // Asks the source for a piece. It may be there at once, which an `await` of it wouldn't tell.
    struct Pull {
        CompressedStream& self;
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        bool await_suspend(std::coroutine_handle<Promise> reader) {
            self.pull_ = self.stream_.next();
            self.is_pulling_ = true;
            self.has_arrived_ = self.pull_.start(&CompressedStream::arrived, &self,
                                                 reader.promise().cancellation());
            return false;
        }
        void await_resume() const noexcept {}
    };
    // A cancelled request ends the source's wait, and with that this one.
    class Arrival {
      public:
        explicit Arrival(CompressedStream& self) noexcept : self_(self) {}
        Arrival(const Arrival&) = delete;
        Arrival& operator=(const Arrival&) = delete;
        ~Arrival() { self_.reader_ = nullptr; }
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> reader) noexcept { self_.reader_ = reader; }
        void await_resume() const noexcept {}

      private:
        CompressedStream& self_;
    };
    static void arrived(void* object) {
        auto& self = *static_cast<CompressedStream*>(object);
        self.has_arrived_ = true;
        if (self.reader_) std::exchange(self.reader_, nullptr).resume();
    }

    void take_piece() {
        Task<std::optional<std::string_view>> pull = std::move(pull_);
        is_pulling_ = has_arrived_ = false;
        const std::optional<std::string_view> piece = pull.take_result();
        if (piece)
            input_ = *piece;
        else
            is_at_end_ = true;
    }

    Body source_;
    BodyStream& stream_;
    EncoderLease encoder_; ///< until the end of the content
    Task<std::optional<std::string_view>> pull_;
    std::coroutine_handle<> reader_;
    std::string_view input_; ///< what wasn't compressed yet of the source's last piece
    std::string out_;
    std::size_t turn_ = 0;
    bool is_pulling_ = false;
    bool has_arrived_ = false;
    bool is_at_end_ = false;
    bool is_flushed_ = true;
};

// The request's content, as a response may have it again.
struct RequestContent {
    const BodyStream* stream;
};

std::size_t random_padding(std::uint32_t most) {
    std::uint16_t random = 0;
    if (getrandom(&random, sizeof random, 0) != static_cast<ssize_t>(sizeof random)) return most;
    return random % (most + 1);
}

void weaken(Headers& fields) {
    const auto tag = fields.get(Field::etag);
    if (tag && tag->starts_with('"')) fields.set(Field::etag, "W/" + std::string{*tag});
}

// A 304 has the tag of the response it stands for. Whether that was compressed, and its tag so made
// weak, is seen from what the client asks about; a cache would not find the response otherwise.
void weaken_not_modified(const Request& request, Response& response) {
    const auto tag = response.headers().get(Field::etag);
    if (!tag || !tag->starts_with('"')) return;
    bool asked = false;
    request.headers().all(Field::if_none_match, [&](std::string_view list) {
        while (!list.empty()) {
            const std::string_view item = take_part(list, ',');
            asked = asked || (item.starts_with("W/") && item.substr(2) == *tag);
        }
    });
    if (!asked) return;
    weaken(response.headers());
    add_vary(response, "Accept-Encoding");
}

[[noreturn]] void refuse(const std::string& what) {
    throw std::invalid_argument("armature: compression: " + what);
}

void check_level(const char* option, int value, int least, int most) {
    if (value < least || value > most)
        refuse(std::string{option} + " is from " + std::to_string(least) + " to " +
               std::to_string(most));
}

} // namespace

Compression::Compression(CompressionOptions options)
    : min_size_(options.min_size), types_(std::move(options.types)), padding_(options.padding),
      memory_(options.memory_per_loop) {
    check_level("gzip_level", options.gzip_level, 1, 9);
    check_level("brotli_quality", options.brotli_quality, 0, 11);
    check_level("zstd_level", options.zstd_level, 1, 19);
    if (padding_ > 255) refuse("padding is at most 255 bytes");
    if (options.codings.empty()) refuse("name at least one coding, or leave the middleware out");
    for (const std::string& text : options.codings) {
        const auto coding = compression::coding_named(text);
        if (!coding || compression::name_of(*coding) != text)
            refuse("there is no coding \"" + text + "\", but zstd, br, gzip and deflate");
        for (std::size_t i = 0; i < choice_count_; ++i)
            if (choices_[i].coding == static_cast<std::uint8_t>(*coding))
                refuse("the coding \"" + text + "\" is named twice");
        const int level = *coding == Coding::brotli ? options.brotli_quality
                          : *coding == Coding::zstd ? options.zstd_level
                                                    : options.gzip_level;
        choices_[choice_count_++] = {static_cast<std::uint8_t>(*coding),
                                     static_cast<std::int8_t>(level)};
    }
    for (const std::string& type : types_)
        if (!MediaType::parse(type)) refuse("\"" + type + "\" is no media type");
}

void Compression::note_content(Request& request) {
    request.set(RequestContent{&request.body().stream()});
}

bool Compression::has_type(std::string_view type) const noexcept {
    if (is_compressible(type)) return true;
    const auto parsed = MediaType::parse(type);
    for (const std::string& more : types_)
        if (parsed && parsed->is(more)) return true;
    return false;
}

bool Compression::is_eligible(Request& request, Response& response) const {
    const Headers& fields = response.headers();
    const Status status = response.status();
    Body& body = response.body();
    if (body.empty() || body.size().value_or(min_size_) < min_size_ || is_informational(status) ||
        has_no_content(status) || status == Status::partial_content || response.upgrade_handler())
        return false;
    static constexpr Field own_form[] = {Field::content_encoding, Field::content_range};
    static constexpr FieldSet has_own_form{own_form};
    if (fields.contains_any(has_own_form) &&
        (fields.contains(Field::content_encoding) || fields.contains(Field::content_range)))
        return false;
    const auto type = fields.get(Field::content_type);
    if (!type || !has_type(*type)) return false;
    if (fields.contains("content-digest") || fields.contains("repr-digest") ||
        fields.contains("content-md5") || fields.contains("digest"))
        return false;
    if (has_token(fields, Field::cache_control, "no-transform")) return false;
    if (request.metadata<Uncompressed>() != nullptr) return false;
    if (const auto* content = request.find<RequestContent>())
        if (body.kind() == Body::Kind::stream && &body.stream() == content->stream) return false;
    return true;
}

void Compression::consider(Request& request, Response& response) const {
    if (response.status() == Status::not_modified) return weaken_not_modified(request, response);
    if (!is_eligible(request, response)) return;
    Headers& fields = response.headers();
    if (fields.contains(Field::vary))
        add_vary(response, "Accept-Encoding");
    else
        fields.append_view(Field::vary, "Accept-Encoding");
    if (!request.headers().contains(Field::accept_encoding)) return;

    // An event stream may live for hours, with hardly anything to compress at a time.
    const bool is_small = MediaType::parse(*fields.get(Field::content_type))
                              .value_or(MediaType{})
                              .is(media_types::event_stream);
    std::array<std::string_view, most_codings + 1> offers;
    std::array<Effort, most_codings> efforts;
    std::size_t count = 0;
    for (std::size_t i = 0; i < choice_count_; ++i) {
        const Effort effort{static_cast<Coding>(choices_[i].coding), choices_[i].level, is_small};
        if (is_small && effort.coding == Coding::brotli) continue; // it takes 600 KiB at the least
        efforts[count] = effort;
        offers[count++] = compression::name_of(effort.coding);
    }
    offers[count] = "identity";
    const auto chosen = negotiate_encoding(request.headers(), {offers.data(), count + 1});
    // A client that refuses everything gets the content as it is (RFC 9110 §12.5.3).
    if (!chosen || *chosen == count) return;

    Body& body = response.body();
    const std::string_view text = body.text();
    if (request.method() == Method::head) {
        // The length of what GET would send isn't known without compressing it.
        response.body(Body{std::make_unique<CompressedStream>(std::move(body), nullptr)});
    } else {
        EncoderLease encoder = compression::borrow_encoder(efforts[*chosen], memory_);
        if (!encoder) return;
        // What browsers add by themselves, whoever made them ask.
        static constexpr Field credential_list[] = {Field::cookie, Field::authorization};
        static constexpr FieldSet credentials{credential_list};
        const bool is_padded = padding_ > 0 && request.headers().contains_any(credentials);
        encoder->begin(body.size(), is_padded ? random_padding(padding_) : 0);
        if (body.in_memory() && text.size() <= turn_bytes) {
            std::string compressed;
            compressed.reserve(text.size() / 4 + piece_bytes);
            encoder->encode(text, Encoder::Step::finish, compressed);
            if (compressed.size() >= text.size()) return;
            compressed.shrink_to_fit();
            response.body(Body{std::move(compressed)});
        } else {
            // What is only viewed may be memory of the connection's, which goes on meanwhile.
            if (body.kind() == Body::Kind::view) body = Body{std::string{text}};
            response.body(
                Body{std::make_unique<CompressedStream>(std::move(body), std::move(encoder))});
        }
    }
    fields.append_view(Field::content_encoding, offers[*chosen]);
    fields.erase(Field::accept_ranges); // ranges would be those of the compressed form
    weaken(fields);
}

} // namespace armature

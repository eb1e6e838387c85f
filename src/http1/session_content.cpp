#include "http1/session_parts.hpp"

#include <algorithm>

namespace armature::http1 {

// --- content that comes piece by piece ----------------------------------------------------------

Session::Content::Step Session::Content::decode(std::string_view& piece) {
    // Known beforehand or not, content over the limit is refused before it is read.
    if (length_ && *length_ > limit_) throw Error::content_too_large(limit_);
    if (decoder_.is_done()) return Step::end;
    Input* in = session_->input_.get();
    while (in != nullptr && in->size() > 0) {
        const BodyDecoder::Result result = decoder_.decode(in->data(), in->size());
        in->begin += result.consumed;
        received_ += result.payload.size();
        if (received_ > limit_) throw Error::content_too_large(limit_);
        if (!result.payload.empty()) {
            piece = result.payload;
            return Step::piece;
        }
        if (result.status == BodyDecoder::Status::error) {
            broken_ = true;
            throw Error{status_of(decoder_.error()), std::string{describe(decoder_.error())}};
        }
        if (result.status == BodyDecoder::Status::done) return Step::end;
    }
    return Step::starved;
}

Task<std::optional<std::string_view>> Session::Content::next() {
    std::string_view piece;
    for (;;) {
        if (session_ == nullptr) throw Cancelled{CancelReason::client_gone};
        if (session_->timed_out_)
            throw Error{Status::request_timeout, "The content came too slowly"};
        switch (decode(piece)) {
        case Step::piece:
            co_return piece;
        case Step::end:
            co_return std::nullopt;
        case Step::starved:
            break;
        }
        co_await Pull{*session_};
    }
}

// True when somebody was waiting for input.
bool Session::feed_reader() {
    if (!slow_ || slow_->reader == nullptr) return false;
    slow_->reader->resume();
    return true;
}

// Reads on over content that nobody wanted, so that the connection can serve another request.
void Session::discard_content() {
    if (content_ == nullptr || running_ || phase_ != Phase::reading_body) return;
    try {
        std::string_view ignored;
        for (;;) {
            switch (content_->decode(ignored)) {
            case Content::Step::piece:
                break;
            case Content::Step::end:
                return end_response();
            case Content::Step::starved:
                return;
            }
        }
    } catch (...) {
        context_.give_back(std::exchange(exchange_, nullptr));
        keep_alive_ = false;
        begin_closing(true);
    }
}

// --- upgrade ------------------------------------------------------------------------------------

std::optional<std::string_view> Session::UpgradedStream::begin_read(Reader& reader) {
    if (session_.input_) {
        Input& in = *session_.input_;
        if (in.size() > 0) {
            const std::string_view bytes{in.data(), in.size()};
            in.begin = in.end;
            return bytes;
        }
        // Many such connections are idle most of the time: without a buffer.
        session_.context_.give_back_upgraded(session_.input_);
    }
    if (session_.peer_closed_) return std::string_view{};
    session_.slow_->upgraded_reader = &reader;
    session_.changed();
    return std::nullopt;
}

void Session::UpgradedStream::stop_reading() noexcept { session_.slow_->upgraded_reader = nullptr; }

Task<> Session::UpgradedStream::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, stream_part_bytes);
        bytes.remove_prefix(part.size());
        session_.out().append(part);
        co_await Flush{session_};
    }
}

bool Session::UpgradedStream::try_write(std::string_view first, std::string_view rest) {
    const std::size_t size = first.size() + rest.size();
    if (session_.writes_slowly_ || size > stream_part_bytes) return false;
    session::OutputBuffer& output = session_.out();
    if (output.size() + size > stream_part_bytes) return false;
    char* const end = std::copy(first.begin(), first.end(), output.room(size));
    output.set_end(std::copy(rest.begin(), rest.end(), end));
    session_.changed();
    return true;
}

void Session::upgrade(SessionExchange& x) {
    own_exchange().disarm_deadline(); // which is the response's, and that ends here
    ResponseHead head;
    head.status = Status::switching_protocols;
    head.framing = Framing::none;
    head.common_fields = context_.common_fields();
    head.fields = &x.response.headers();
    x.response.headers().append_view(Field::connection, "upgrade");
    session::OutputBuffer& output = out();
    output.set_end(write_head(output.room(head_bound(head)), head));

    phase_ = Phase::upgraded;
    keep_alive_ = false;
    must_linger_ = true; // so that the peer gets the last bytes, whatever it is sending
    Slow& upgrading = slow();
    upgrading.upgraded = std::move(x.response.upgrade_handler());
    start_pump(upgrading.upgraded->run(upgrading.upgraded_stream));
}

} // namespace armature::http1

#include "websocket/send_queue.hpp"

namespace armature::ws {

namespace {

// What is copied together for one write; larger frames are written from where they are.
constexpr std::size_t write_bytes = 16 * 1024;
// A buffer that is larger goes back when nothing waits: most sockets are idle.
constexpr std::size_t kept_bytes = 512;

} // namespace

SendQueue::Segment& SendQueue::last() {
    if (first_ == more_.size()) return front_;
    if (more_.back().frame) more_.emplace_back();
    return more_.back();
}

void SendQueue::appended(std::size_t bytes, std::size_t messages) noexcept {
    (first_ == more_.size() ? front_ : more_.back()).messages += messages;
    bytes_ += bytes;
    messages_ += messages;
}

void SendQueue::append(std::shared_ptr<const std::string> frame) {
    bytes_ += frame->size();
    ++messages_;
    Segment segment;
    segment.frame = std::move(frame);
    segment.messages = 1;
    more_.push_back(std::move(segment));
}

std::string_view SendQueue::begin_write() {
    if (!front_.own.empty()) {
        std::swap(writing_, front_);
        return writing_.own;
    }
    if (first_ == more_.size()) return {};
    if (more_[first_].text().size() >= write_bytes) {
        writing_ = std::move(more_[first_++]);
    } else {
        for (; first_ < more_.size(); ++first_) {
            Segment& next = more_[first_];
            if (writing_.own.size() + next.text().size() > write_bytes) break;
            writing_.own += next.text();
            writing_.messages += next.messages;
            next = {};
        }
    }
    if (first_ * 2 >= more_.size()) { // what was written goes before the rest grows further
        more_.erase(more_.begin(), more_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
    return writing_.text();
}

void SendQueue::end_write() noexcept {
    const std::shared_ptr<const std::string> frame = std::move(writing_.frame);
    if (frame) bytes_ -= frame->size();
    written(writing_);
}

void SendQueue::written(Segment& segment) noexcept {
    bytes_ -= segment.own.size();
    messages_ -= std::exchange(segment.messages, 0);
    segment.own.clear();
    if (bytes_ > 0) return;
    for (Segment* kept : {&writing_, &front_})
        if (kept->own.capacity() > kept_bytes) std::string{}.swap(kept->own);
    if (more_.capacity() > kept_bytes / sizeof(Segment)) std::vector<Segment>{}.swap(more_);
}

} // namespace armature::ws

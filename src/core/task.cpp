#include "core/sanitizers.hpp"

#include <armature/core/task.hpp>

#include <array>
#include <cstdlib>

namespace armature {

namespace detail {

namespace {

// Frames up to 2 KiB are kept per thread in size classes of 128 bytes; a class keeps at most 256
// so that a burst of suspended requests doesn't pin its memory for ever.
constexpr std::size_t class_bytes = 128;
constexpr std::size_t class_count = 16;
constexpr std::uint32_t kept_per_class = 256;

struct FreeFrame {
    FreeFrame* next;
};

struct FrameCache {
    std::array<FreeFrame*, class_count> lists{};
    std::array<std::uint32_t, class_count> counts{};
    ~FrameCache() {
        for (std::size_t i = 0; i < class_count; ++i) {
            while (FreeFrame* frame = lists[i]) {
                lists[i] = frame->next;
                ::operator delete(frame);
            }
            counts[i] = kept_per_class; // frames freed after this point go straight to the heap
        }
    }
};

thread_local constinit FrameCache frame_cache;

} // namespace

void* allocate_frame(std::size_t size) {
    const std::size_t index = (size - 1) / class_bytes;
    if (has_address_sanitizer || index >= class_count) return ::operator new(size);
    FrameCache& cache = frame_cache;
    if (FreeFrame* frame = cache.lists[index]) {
        cache.lists[index] = frame->next;
        --cache.counts[index];
        return frame;
    }
    return ::operator new((index + 1) * class_bytes);
}

void free_frame(void* memory, std::size_t size) noexcept {
    const std::size_t index = (size - 1) / class_bytes;
    FrameCache& cache = frame_cache;
    if (has_address_sanitizer || index >= class_count || cache.counts[index] >= kept_per_class) {
        ::operator delete(memory);
        return;
    }
    auto* frame = static_cast<FreeFrame*>(memory);
    frame->next = cache.lists[index];
    cache.lists[index] = frame;
    ++cache.counts[index];
}

} // namespace detail

const char* Cancelled::what() const noexcept {
    switch (reason_) {
    case CancelReason::client_gone:
        return "cancelled: the client went away";
    case CancelReason::deadline:
        return "cancelled: the time-out of this request passed";
    case CancelReason::shutdown:
        return "cancelled: the server is shutting down";
    case CancelReason::none:
        break;
    }
    return "cancelled";
}

CancelHook::~CancelHook() { Cancellation::remove(*this); }

void Cancellation::add(CancelHook& hook) noexcept {
    hook.owner_ = this;
    hook.next_ = first_;
    hook.link_ = &first_;
    if (first_ != nullptr) first_->link_ = &hook.next_;
    first_ = &hook;
}

void Cancellation::remove(CancelHook& hook) noexcept {
    if (hook.owner_ == nullptr) return;
    *hook.link_ = hook.next_;
    if (hook.next_ != nullptr) hook.next_->link_ = hook.link_;
    hook.owner_ = nullptr;
}

void Cancellation::request(CancelReason reason) {
    if (!requested()) reason_ = reason;
    reason = reason_;
    // A hook may end the request, and with it this object or its use for this request: from here
    // on only the list is touched, which unlinks whatever goes away meanwhile.
    CancelHook* waiting = std::exchange(first_, nullptr);
    if (waiting != nullptr) waiting->link_ = &waiting;
    while (CancelHook* hook = waiting) {
        remove(*hook);
        hook->cancelled(reason);
    }
}

} // namespace armature

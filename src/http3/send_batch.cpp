#include "http3/send_batch.hpp"

#include <algorithm>
#include <cstring>

namespace armature::http3 {

namespace {

bool is_same(const Address& address, const ngtcp2_addr& other) noexcept {
    return address.size == static_cast<socklen_t>(other.addrlen) &&
           std::memcmp(&address.any, other.addr, address.size) == 0;
}

} // namespace

void SendBatch::add(const ngtcp2_path& path, std::uint8_t ecn, std::size_t bytes,
                    std::size_t path_limit) {
    if (size_ > 0 && (bytes > segment_ || ecn != path_.ecn || !is_same(path_.remote, path.remote) ||
                      !is_same(path_.local, path.local))) {
        const std::uint8_t* packet = room();
        flush();
        std::memmove(buffer_.get(), packet, bytes);
    }
    if (size_ == 0) {
        segment_ = bytes;
        path_.local = Address{path.local.addr, static_cast<socklen_t>(path.local.addrlen)};
        path_.remote = Address{path.remote.addr, static_cast<socklen_t>(path.remote.addrlen)};
        path_.ecn = ecn;
    }
    size_ += bytes;
    if (bytes < segment_ || bytes > path_limit) flush();
}

void SendBatch::flush() {
    if (size_ == 0) return;
    const std::string_view bytes{reinterpret_cast<const char*>(buffer_.get()), size_};
    if (is_blocked() || sink_.send(path_, bytes, segment_) == PacketSink::Sent::blocked)
        waiting_.push_back({path_, std::string{bytes}, segment_});
    size_ = 0;
}

void SendBatch::retry() {
    std::size_t sent = 0;
    for (const Waiting& waiting : waiting_) {
        if (sink_.send(waiting.path, waiting.bytes, waiting.segment) == PacketSink::Sent::blocked)
            break;
        ++sent;
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(sent));
}

} // namespace armature::http3

#include "http3/replay_store.hpp"

namespace armature::http3 {

bool ReplayStore::add(std::string_view key, Nanoseconds expiry, Nanoseconds now) {
    const std::lock_guard lock{mutex_};
    while (!by_age_.empty() && by_age_.front().expiry <= now) {
        keys_.erase(*by_age_.front().key);
        by_age_.pop_front();
    }
    if (keys_.size() >= capacity) return false;
    const auto [at, is_new] = keys_.emplace(key);
    if (!is_new) return false;
    by_age_.push_back({expiry, &*at}); // all windows are of one length, so this is sorted
    return true;
}

} // namespace armature::http3

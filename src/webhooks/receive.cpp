#include <armature/core/error.hpp>
#include <armature/webhooks/receive.hpp>

#include <charconv>
#include <ctime>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace armature {

class WebhookVerifier::Impl {
  public:
    std::vector<WebhookKey> keys;
    WebhookVerifierOptions options;

    /// False: it was there before, or no more fit in.
    bool remember(std::int64_t timestamp, std::string_view id, std::int64_t oldest) {
        constexpr std::size_t most = 1'000'000;
        const std::lock_guard lock{mutex_};
        while (!seen_.empty() && seen_.begin()->first < oldest) {
            count_ -= seen_.begin()->second.size();
            seen_.erase(seen_.begin());
        }
        if (count_ >= most || !seen_[timestamp].emplace(id).second) return false;
        ++count_;
        return true;
    }

  private:
    std::mutex mutex_;
    std::map<std::int64_t, std::set<std::string, std::less<>>> seen_; ///< ids by their timestamps
    std::size_t count_ = 0;
};

WebhookVerifier::WebhookVerifier(std::initializer_list<std::string_view> keys,
                                 WebhookVerifierOptions options)
    : impl_(std::make_shared<Impl>()) {
    if (keys.size() == 0)
        throw std::invalid_argument("armature: a WebhookVerifier needs a key, 'whsec_…'");
    if (options.tolerance < Duration::seconds(1) || options.tolerance > Duration::seconds(3600))
        throw std::invalid_argument("armature: the tolerance of webhooks is from 1 s to 1 h");
    for (const std::string_view key : keys)
        impl_->keys.emplace_back(key);
    impl_->options = options;
}

void WebhookVerifier::verify(const Headers& headers, std::string_view body) const {
    const auto id = headers.get("webhook-id");
    const auto time = headers.get("webhook-timestamp");
    const auto signatures = headers.get("webhook-signature");
    if (!id || !time || !signatures)
        throw Error::unauthorized("A webhook has the fields webhook-id, webhook-timestamp and "
                                  "webhook-signature");
    // A dot would let what is signed be read in two ways.
    if (id->empty() || id->size() > 256 || id->find('.') != id->npos)
        throw Error::unauthorized("The webhook-id isn't one");
    std::int64_t timestamp = 0;
    const char* end = time->data() + time->size();
    const auto [rest, error] = std::from_chars(time->data(), end, timestamp);
    if (error != std::errc{} || rest != end || timestamp < 0 || std::to_string(timestamp) != *time)
        throw Error::unauthorized("The webhook-timestamp isn't a number of seconds");
    const std::int64_t tolerance = impl_->options.tolerance.count() / 1000;
    const std::int64_t now = std::time(nullptr);
    if (timestamp < now - tolerance || timestamp > now + tolerance)
        throw Error::unauthorized("The webhook-timestamp is too far from the time here");
    bool fits = false;
    for (const WebhookKey& key : impl_->keys)
        fits |= key.verify(*signatures, *id, timestamp, body);
    if (!fits) throw Error::unauthorized("None of the signatures is right");
    if (impl_->options.refuse_copies && !impl_->remember(timestamp, *id, now - tolerance))
        throw Error::unauthorized("This message came before");
}

} // namespace armature

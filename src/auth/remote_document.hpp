#pragma once

#include "auth/gate.hpp"

#include <armature/client/client.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/log/log.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace armature::auth {

struct RemoteTimes {
    Duration max_age;   ///< then it is asked for again
    Duration max_stale; ///< how long the one of before is used if that fails
    Duration cool_down; ///< between two questions
};

/// A document of another server, read into a `T`, and kept. One request for it is under way at
/// most; who needs it meanwhile waits, who can do with the old one takes that. Threads: any.
template <class T>
class RemoteDocument {
  public:
    /// Throws std::invalid_argument for a document that is none.
    using Parse = T (*)(std::string_view text, const void* context);

    RemoteDocument(Client& client, std::string url, RemoteTimes times, std::size_t max_size,
                   Parse parse, const void* context = nullptr)
        : client_(client), url_(std::move(url)), times_(times), max_size_(max_size), parse_(parse),
          context_(context) {}

    /// The document, which is no older than it may be; null when it can't be had. One for which
    /// `lacks` is true isn't good enough if there may be a newer one.
    template <class Lacks>
    Task<std::shared_ptr<const T>> get(Lacks lacks) {
        View view = look();
        if (!usable(view) || lacks(*view.document) || (!fresh(view) && view.may_ask)) {
            co_await refresh(view.document);
            view = look();
        }
        co_return usable(view) ? std::move(view.document) : nullptr;
    }

  private:
    struct View {
        std::shared_ptr<const T> document;
        std::int64_t age = 0;
        bool may_ask = true;
    };
    View look() {
        const std::int64_t now = Scheduler::current().read_clock();
        const std::lock_guard lock{mutex_};
        return {document_, now - fetched_at_,
                !asked_at_ || now - *asked_at_ >= times_.cool_down.count()};
    }
    bool usable(const View& view) const noexcept {
        return view.document && view.age < times_.max_stale.count();
    }
    bool fresh(const View& view) const noexcept {
        return view.document && view.age < times_.max_age.count();
    }

    // Has a newer document than the one `seen`, if it can be had.
    Task<> refresh(std::shared_ptr<const T> seen) {
        const Gate::Permit permit = co_await fetching_.enter();
        // Somebody else may have asked while we waited.
        const View view = look();
        if (view.document != seen || !view.may_ask) co_return;
        {
            const std::lock_guard lock{mutex_};
            asked_at_ = Scheduler::current().read_clock();
        }
        Early early{*this};
        try {
            T fetched = co_await fetch();
            const std::lock_guard lock{mutex_};
            document_ = std::make_shared<const T>(std::move(fetched));
            fetched_at_ = Scheduler::current().read_clock();
            early.ended = true;
        } catch (const Error& error) {
            early.ended = true; // the one of before goes on, or the caller finds none
            log::warn("a document that logins depend on can't be had",
                      {{"url", url_}, {"reason", error.what()}});
        }
    }
    // Who leaves early, by which the request ends, must not keep the others from it for long.
    struct Early {
        explicit Early(RemoteDocument& of) noexcept : self(of) {}
        Early(const Early&) = delete;
        Early& operator=(const Early&) = delete;
        ~Early() {
            if (ended) return;
            const std::int64_t pause = self.times_.cool_down.count();
            const std::lock_guard lock{self.mutex_};
            *self.asked_at_ -= pause - std::min<std::int64_t>(pause, 1'000);
        }
        RemoteDocument& self;
        bool ended = false;
    };

    Task<T> fetch() {
        ClientRequest request = ClientRequest{Method::get, url_}
                                    .header("accept", "application/json")
                                    .timeout(Duration::seconds(10));
        ClientResponse response = co_await client_.send(std::move(request));
        if (response.status() != Status::ok)
            throw Error::unavailable("status " + std::to_string(status_code(response.status())));
        const std::string text = co_await response.text(max_size_);
        try {
            co_return parse_(text, context_);
        } catch (const std::invalid_argument& error) {
            throw Error::unavailable(error.what());
        }
    }

    Client& client_;
    const std::string url_;
    const RemoteTimes times_;
    const std::size_t max_size_;
    const Parse parse_;
    const void* const context_;
    Gate fetching_{1, 100'000}; // who asks; as many may wait as the server lets in

    std::mutex mutex_; // of what follows
    std::shared_ptr<const T> document_;
    std::int64_t fetched_at_ = 0;
    std::optional<std::int64_t> asked_at_;
};

} // namespace armature::auth

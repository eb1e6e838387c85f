#include "cli/dev/situation.hpp"

#include <armature/core/scheduler.hpp>

#include <string>
#include <utility>

namespace armature::cli::dev {

namespace {

constexpr const char* channel = "settled";

} // namespace

void Situation::Pass::give_back() noexcept {
    Situation* const situation = std::exchange(situation_, nullptr);
    if (situation == nullptr) return;
    const std::lock_guard lock{situation->mutex_};
    if (--situation->passes_ == 0) situation->unused_.notify_all();
}

void Situation::changing() {
    const std::lock_guard lock{mutex_};
    is_changing_ = true;
}

void Situation::unchanged() {
    std::shared_ptr<const Failure> failure;
    {
        const std::lock_guard lock{mutex_};
        failure = failure_;
    }
    settle(false, std::move(failure));
}

void Situation::running() { settle(true, nullptr); }

void Situation::failed(Failure failure) {
    settle(true, std::make_shared<const Failure>(std::move(failure)));
}

void Situation::settle(bool is_new, std::shared_ptr<const Failure> failure) {
    {
        const std::lock_guard lock{mutex_};
        if (is_new) ++generation_;
        failure_ = std::move(failure);
        is_changing_ = false;
    }
    LocalLoop loop;
    loop.run(settled_.publish(channel, {}));
}

bool Situation::wait_until_unused(std::chrono::milliseconds at_most) {
    std::unique_lock lock{mutex_};
    return unused_.wait_for(lock, at_most, [this] { return passes_ == 0; });
}

Task<Situation::View> Situation::settled() {
    // Before the first look, so that no change is missed.
    std::optional<Subscription> changes;
    for (;;) {
        {
            const std::lock_guard lock{mutex_};
            if (!is_changing_) {
                View view;
                view.generation = generation_;
                view.failure = failure_;
                if (failure_ == nullptr) {
                    ++passes_;
                    view.pass = Pass{*this};
                }
                co_return view;
            }
        }
        if (changes)
            co_await changes->next();
        else
            changes.emplace(co_await settled_.subscribe(channel));
    }
}

Task<std::uint64_t> Situation::generation_after(std::uint64_t known) {
    Subscription changes = co_await settled_.subscribe(channel);
    for (;;) {
        {
            const std::lock_guard lock{mutex_};
            if (!is_changing_ && generation_ != known) co_return generation_;
        }
        co_await changes.next();
    }
}

bool Situation::is_running(std::uint64_t generation) const {
    const std::lock_guard lock{mutex_};
    return failure_ == nullptr && generation_ == generation;
}

} // namespace armature::cli::dev

#include "app/application_impl.hpp"

#include <armature/core/scheduler.hpp>
#include <armature/log/log.hpp>

namespace armature {

bool Application::has_hooks() const noexcept {
    return impl_->injection != nullptr && impl_->injection->has_hooks();
}

void Application::start() const {
    const std::lock_guard lock{impl_->lifecycle};
    if (impl_->started == 0 && has_hooks()) {
        LocalLoop loop;
        loop.run(impl_->injection->start());
    }
    ++impl_->started;
    ++impl_->serving;
}

Task<> Application::before_shutdown(std::string signal) const {
    {
        const std::lock_guard lock{impl_->lifecycle};
        if (impl_->serving == 0 || --impl_->serving > 0) co_return;
    }
    if (has_hooks()) co_await impl_->injection->before_shutdown(std::move(signal));
}

void Application::shutdown(std::string signal) const noexcept {
    try {
        const std::lock_guard lock{impl_->lifecycle};
        if (impl_->started == 0) return;
        const bool was_announced = impl_->serving < impl_->started;
        if (!was_announced) --impl_->serving;
        --impl_->started;
        if (!has_hooks()) return;
        LocalLoop loop;
        if (!was_announced && impl_->serving == 0)
            loop.run(impl_->injection->before_shutdown(signal));
        if (impl_->started == 0) loop.run(impl_->injection->shutdown(std::move(signal)));
    } catch (const std::exception& error) { // no memory, or no descriptor for the loop
        log::error("the shutdown hooks couldn't be run", {{"error", error.what()}});
    }
}

} // namespace armature

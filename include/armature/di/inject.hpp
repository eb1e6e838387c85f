#pragma once

#include <armature/app/extract.hpp>
#include <armature/di/dependency.hpp>

namespace armature {

/// A service, as a parameter of a handler: `Inject<Users> users`, or by name
/// `Inject<Mailer, "newsletter">`. Found when the application is built, where it is a fault if
/// nothing provides it; a singleton costs what `State` costs. What is provided per request is made
/// when the first handler or service of the request needs it, and lives as long as the request.
template <class T, detail::ServiceName Name = "">
class Inject {
  public:
    explicit Inject(T& object) noexcept : object_(&object) {}
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_; }

  private:
    T* object_;
};

template <class T, detail::ServiceName Name>
struct Extract<Inject<T, Name>> {
    using state_type = T;
    static constexpr detail::ServiceNeed service{detail::service_key<T>(Name.view()), false};
    static Inject<T, Name> from(const ExtractInput& input) {
        const auto& slot = *static_cast<const detail::ServiceSlot*>(input.state);
        return Inject<T, Name>{*static_cast<T*>(slot.get(&input.request))};
    }
};

} // namespace armature

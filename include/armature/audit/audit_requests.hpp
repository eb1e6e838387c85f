#pragma once

#include <armature/app/middleware.hpp>
#include <armature/audit/audit_log.hpp>

namespace armature {

/// Middleware that records each request which may change something: those of other methods than
/// GET, HEAD, OPTIONS and TRACE, also those that guards refuse. The entry's action is the method
/// and the route's pattern, its outcome the response's status.
///
/// It attaches an `AuditEvent`, so a handler says more by `Extension<AuditEvent>`:
///
///     audit->action("user.deleted").target("user/7").before(user);
///
/// The entry is on the disk before the response leaves. If it can't be written, the response is
/// 503: nobody is told that something happened which isn't recorded. A request that is cancelled
/// has the outcome "cancelled".
class AuditRequests {
  public:
    static constexpr std::string_view name = "audit";

    explicit AuditRequests(AuditLog log) : log_(std::move(log)) {}

    [[nodiscard]] Task<Response> operator()(Request& request, Next next) const;

  private:
    AuditLog log_;
};

} // namespace armature

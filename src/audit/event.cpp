#include <armature/audit/event.hpp>
#include <armature/auth/principal.hpp>
#include <armature/middleware/request_id.hpp>
#include <armature/observability/tracing.hpp>

namespace armature {

AuditEvent& AuditEvent::request(Request& request) & {
    address_ = request.peer().address();
    method_ = request.method_text();
    route_ = request.route();
    if (const auto* const principal = request.find<Principal>()) actor_ = principal->subject;
    if (const auto* const id = request.find<CurrentRequestId>()) request_id_ = id->text;
    if (const auto* const span = request.find<Span>()) trace_id_ = span->context().trace_id();
    return *this;
}

} // namespace armature

#include <armature/audit/audit_requests.hpp>

#include <optional>

namespace armature {

namespace {

// The event that was attached, with what the request turned out to be.
AuditEvent completed(Request& request, std::string outcome) {
    AuditEvent event = std::move(*request.find<AuditEvent>());
    event.request(request).outcome(std::move(outcome));
    if (!event.has_action()) {
        std::string action{request.method_text()};
        if (!request.route().empty()) action.append(1, ' ').append(request.route());
        event.action(std::move(action));
    }
    return event;
}

} // namespace

Task<Response> AuditRequests::operator()(Request& request, Next next) const {
    if (is_safe(request.method())) co_return co_await next(request);
    request.set(AuditEvent{""});
    std::optional<Response> response;
    try {
        response = co_await next(request);
    } catch (const Cancelled&) {
        (void)log_.append(completed(request, "cancelled")); // recorded though nobody waits for it
        throw;
    }
    const unsigned status = status_code(response->status());
    Task<std::uint64_t> recorded = log_.append(completed(request, std::to_string(status)));
    (void)co_await std::move(recorded);
    co_return *std::move(response);
}

} // namespace armature

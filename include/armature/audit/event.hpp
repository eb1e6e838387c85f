#pragma once

#include <armature/core/request.hpp>
#include <armature/json/write.hpp>

#include <string>
#include <utility>

namespace armature {

/// What an entry of an audit log says: who did what to what, from where, and how it was before and
/// after.
///
///     AuditEvent{"user.role_changed"}.request(request).target("user/7").before(old).after(now)
///
/// `before` and `after` take what has a JSON form, such as a described struct; the log keeps values
/// of secret fields out (`AuditLogOptions::secrets`).
class AuditEvent {
  public:
    /// `action` says what was done, for example "user.deleted".
    explicit AuditEvent(std::string action) : action_(std::move(action)) {}

    AuditEvent& action(std::string what) & { return set(action_, std::move(what)); }
    AuditEvent&& action(std::string what) && { return std::move(action(std::move(what))); }
    [[nodiscard]] bool has_action() const noexcept { return !action_.empty(); }
    /// Who did it. `request` sets it as well.
    AuditEvent& actor(std::string who) & { return set(actor_, std::move(who)); }
    AuditEvent&& actor(std::string who) && { return std::move(actor(std::move(who))); }
    /// What it was done to, for example "user/7".
    AuditEvent& target(std::string what) & { return set(target_, std::move(what)); }
    AuditEvent&& target(std::string what) && { return std::move(target(std::move(what))); }
    /// How it ended; "success" unless set.
    AuditEvent& outcome(std::string how) & { return set(outcome_, std::move(how)); }
    AuditEvent&& outcome(std::string how) && { return std::move(outcome(std::move(how))); }
    template <class T>
    AuditEvent& before(const T& value) & {
        return set(before_, to_json(value));
    }
    template <class T>
    AuditEvent&& before(const T& value) && {
        return std::move(before(value));
    }
    template <class T>
    AuditEvent& after(const T& value) & {
        return set(after_, to_json(value));
    }
    template <class T>
    AuditEvent&& after(const T& value) && {
        return std::move(after(value));
    }
    /// Takes from a request what the framework knows of it, and nothing that a client only says:
    /// the client's address, the method and the route's pattern, the subject that a guard
    /// authenticated, the id that `RequestId` gave it, and the trace that `Tracing` put it in. An
    /// actor that was set before stays, if nobody is authenticated.
    AuditEvent& request(Request& request) &;
    AuditEvent&& request(Request& of) && { return std::move(request(of)); }

  private:
    friend class AuditLog;
    AuditEvent& set(std::string& member, std::string value) {
        member = std::move(value);
        return *this;
    }

    std::string action_, actor_, target_, outcome_ = "success";
    std::string address_, method_, route_, request_id_, trace_id_;
    std::string before_, after_; ///< JSON; empty: null
};

} // namespace armature

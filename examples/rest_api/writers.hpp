#pragma once

#include "settings.hpp"

#include <armature/armature.hpp>
#include <armature/auth/bearer.hpp>
#include <armature/middleware/rate_limit.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rest_api {

/// A token of this service that lets its bearer change todos for an hour. Throws
/// std::invalid_argument without a secret in the settings.
[[nodiscard]] std::string issue_token(const Settings& settings, std::string_view subject);

/// A guard: lets those pass who have a token with the scope `todos:write`. Without a secret in the
/// settings nobody may write.
class Writers {
  public:
    explicit Writers(const Settings& settings);

    void can_activate(armature::Request& request) const;
    void document(armature::OperationInfo& operation) const;

  private:
    std::optional<armature::JwtGuard> tokens_;
    armature::ScopeGuard scope_ = armature::require_scope("todos:write");
};

/// An interceptor: so many writes a minute of each user; where nobody had to log in, of each
/// address. Reading is free.
class WriteLimit : public armature::RateLimit {
  public:
    explicit WriteLimit(std::uint32_t each_minute);

    std::optional<armature::Response> before(armature::Request& request) const;
    void document(armature::OperationInfo& operation) const;
};

} // namespace rest_api

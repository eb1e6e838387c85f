#pragma once

#include "settings.hpp"

#include <armature/armature.hpp>
#include <armature/auth/bearer.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace {{name}} {

/// A token that lets its bearer in for an hour. Throws std::invalid_argument without a secret in
/// the settings that is long enough.
[[nodiscard]] std::string issue_token(const Settings& settings, std::string_view user);

/// A guard: lets those pass who have a token. Without a secret in the settings nobody passes.
class LoggedIn {
  public:
    explicit LoggedIn(const Settings& settings);

    void can_activate(armature::Request& request) const;
    void document(armature::OperationInfo& operation) const;

  private:
    std::optional<armature::JwtGuard> tokens_;
};

/// The routes of whoever is logged in.
armature::Scope account(const Settings& settings);

} // namespace {{name}}

#pragma once

#include "settings.hpp"

#include <armature/armature.hpp>
#include <armature/core/constant_time.hpp>

#include <string>

namespace rest_api {

/// A guard: lets those pass who have the token of the settings. Without a token in the settings
/// nobody may write.
class Writers {
  public:
    explicit Writers(const Settings& settings) : token_(settings.token) {}

    void can_activate(armature::Request& request) const {
        const auto given = request.header(armature::Field::authorization);
        if (!given)
            throw armature::Error::unauthorized("Send the token as Authorization: Bearer …")
                .header("www-authenticate", "Bearer");
        if (token_.empty() || !armature::constant_time_equal(*given, "Bearer " + token_))
            throw armature::Error::forbidden("This token may not change todos");
    }

    void document(armature::OperationInfo& operation) const {
        operation.requires_security(armature::SecurityScheme::bearer());
        operation.error(armature::Status::unauthorized);
        operation.error(armature::Status::forbidden);
    }

  private:
    std::string token_;
};

} // namespace rest_api

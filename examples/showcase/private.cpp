#include "routes.hpp"

#include <armature/core/constant_time.hpp>

#include <string>
#include <string_view>

using namespace armature;

namespace showcase {

namespace {

/// Who sent the request; the guard attaches it.
struct Identity {
    std::string_view subject;
    bool may_write;
};

Error unauthorized(std::string detail, std::string_view challenge) {
    return Error::unauthorized(std::move(detail)).header("www-authenticate", challenge);
}

/// Lets nobody pass who has no bearer token (RFC 6750) that allows what is asked for.
class TokenGuard {
  public:
    void can_activate(Request& request) const {
        const auto field = request.header(Field::authorization);
        if (!field) throw unauthorized("Send a bearer token", "Bearer realm=\"showcase\"");
        const Identity* who = identify(*field);
        if (who == nullptr)
            throw unauthorized("The token is not known",
                               "Bearer realm=\"showcase\", error=\"invalid_token\"");
        const bool reads = request.method() == Method::get || request.method() == Method::head;
        if (!reads && !who->may_write) throw Error::forbidden("This token may only read");
        request.set(*who);
    }

    void document(OperationInfo& operation) const {
        operation.requires_security(SecurityScheme::bearer());
        operation.error(Status::unauthorized);
        operation.error(Status::forbidden);
    }

  private:
    static const Identity* identify(std::string_view authorization) {
        static constexpr Identity owner{"showcase", true};
        static constexpr Identity reader{"readonly", false};
        constexpr std::string_view scheme = "Bearer ";
        if (!Headers::equal_names(authorization.substr(0, scheme.size()), scheme)) return nullptr;
        const std::string_view token = authorization.substr(scheme.size());
        // A real program keeps tokens out of its source, for example in a config::SecretString.
        if (constant_time_equal(token, "showcase-token")) return &owner;
        if (constant_time_equal(token, "readonly-token")) return &reader;
        return nullptr;
    }
};

struct Me {
    std::string_view subject;
};
ARMATURE_DESCRIBE(Me, subject);

Me show_me(Request& request) { return {request.find<Identity>()->subject}; }

} // namespace

void add_private(App& app) {
    app.service(scope("/private")
                    .tag("Private")
                    .guard(TokenGuard{})
                    .route("/me", get(show_me)
                                      .summary("Whose the token is")
                                      .post(show_me)
                                      .summary("The same for tokens that may write")));
}

} // namespace showcase

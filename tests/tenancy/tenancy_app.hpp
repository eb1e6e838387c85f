#pragma once

#include <armature/app/app.hpp>
#include <armature/auth/principal.hpp>
#include <armature/tenancy/tenancy.hpp>

#include <string>
#include <vector>

namespace tenancy_tests {

using namespace armature;

struct Plan {
    int requests = 0;
};

inline Tenants tenants() {
    return Tenants{{NewTenant{"acme"}.host("shop.acme.test").with(Plan{100}),
                    NewTenant{"umbrella"}.host("umbrella.test").with(Plan{10}),
                    NewTenant{"xn--bcher-kva"}.host("xn--bcher-kva.test")}};
}

inline std::string who(Tenant tenant) { return std::string{tenant.id()}; }

/// Attaches a principal as a guard that verified a token does; the token's claims come by a field.
inline void authenticate(Request& request) {
    if (const auto claims = request.header("x-test-claims")) {
        Principal principal;
        principal.subject = "ana";
        principal.claims = std::string{*claims};
        request.set(std::move(principal));
    }
}

using Fields = std::vector<std::pair<const char*, const char*>>;

/// "200 acme", or the status alone of a refusal.
inline std::string ask(const Application& app, std::string_view target, std::string_view authority,
                       const Fields& fields = {}, const char* peer = "192.0.2.1") {
    Request request = Request::get(target);
    request.head().authority = authority;
    request.set_peer(*parse_address(peer, 4711));
    for (const auto& [name, value] : fields)
        request.set_header(name, value);
    const Response response = app.handle(std::move(request));
    std::string answer = std::to_string(status_code(response.status()));
    if (response.status() == Status::ok) answer += ' ' + std::string{response.body().text()};
    return answer;
}

} // namespace tenancy_tests

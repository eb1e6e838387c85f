#include "tenancy/host_name.hpp"

#include <armature/auth/principal.hpp>
#include <armature/core/error.hpp>
#include <armature/json/nlohmann.hpp>
#include <armature/middleware/trusted_proxies.hpp>
#include <armature/tenancy/tenancy.hpp>

#include <algorithm>
#include <stdexcept>

namespace armature {

namespace {

void demand_name(std::string_view name, const char* what) {
    if (name.empty()) throw std::invalid_argument(what);
}

// Whether there is none or it is unknown makes no difference to who asks: nobody learns by trying
// which tenants there are.
[[noreturn]] void refuse_unknown() { throw Error::not_found("There is nothing at this address"); }

Tenant known(std::optional<Tenant> tenant) {
    if (!tenant) refuse_unknown();
    return *std::move(tenant);
}

/// What the resolvers agree on so far.
class Agreement {
  public:
    void say(Tenant tenant) {
        if (tenant_ && !(*tenant_ == tenant))
            throw Error::bad_request("The request says two different things about what it is for");
        tenant_ = std::move(tenant);
    }
    [[nodiscard]] std::optional<Tenant>& tenant() noexcept { return tenant_; }

  private:
    std::optional<Tenant> tenant_;
};

// The connection's other end, whoever stands behind it.
const PeerAddress& sender_of(Request& request) {
    const ProxyAddress* const proxy = request.find<ProxyAddress>();
    return proxy != nullptr ? proxy->address : request.peer();
}

// The one value of a field; empty without one. Throws for several, and for one that is empty.
std::string_view single_value(const Request& request, std::string_view field) {
    std::string_view value;
    unsigned count = 0;
    request.headers().all(field, [&](std::string_view one) {
        value = one;
        ++count;
    });
    if (count > 1 || (count == 1 && value.empty()))
        throw Error::bad_request("The field " + std::string{field} + " has to have one value");
    return value;
}

// The ids that a claim of the token names.
std::vector<std::string> ids_in_claim(const Principal& principal, const std::string& claim) {
    nlohmann::json claims;
    JsonErrors errors;
    std::vector<std::string> ids;
    if (read_json(principal.claims, claims, errors) != JsonStatus::ok || !claims.is_object())
        return ids;
    const auto found = claims.find(claim);
    if (found == claims.end()) return ids;
    if (found->is_string()) ids.push_back(found->get<std::string>());
    if (found->is_array())
        for (const nlohmann::json& item : *found)
            if (item.is_string()) ids.push_back(item.get<std::string>());
    return ids;
}

} // namespace

TenantResolver TenantResolver::host() { return {Kind::host, ""}; }

TenantResolver TenantResolver::sub_domain(std::string_view domain) {
    return {Kind::sub_domain, '.' + tenancy::checked_name(domain, "domain of tenants")};
}

TenantResolver TenantResolver::path(std::string_view parameter) {
    demand_name(parameter, "armature: TenantResolver::path needs the name of a route's parameter");
    return {Kind::path, parameter};
}

TenantResolver TenantResolver::header(std::string_view field, AddressRanges peers) {
    Headers{}.append(field, "x"); // throws for what is no name
    if (peers.empty())
        throw std::invalid_argument(
            "armature: TenantResolver::header needs the peers that may say it, such as "
            "\"10.0.0.0/8\": anybody could pose as any tenant otherwise");
    TenantResolver resolver{Kind::header, field};
    resolver.peers_ = std::move(peers);
    return resolver;
}

TenantResolver TenantResolver::claim(std::string_view name) {
    demand_name(name, "armature: TenantResolver::claim needs the name of a claim");
    return {Kind::claim, name};
}

void Tenancy::resolve(Request& request) const {
    Agreement agreed;
    if (const Tenant* const before = request.find<Tenant>()) agreed.say(*before);
    char buffer[tenancy::longest_name + 1];
    const std::string_view host = tenancy::name_of(request.authority(), buffer);
    for (const TenantResolver& resolver : resolvers_) {
        switch (resolver.kind_) {
        case TenantResolver::Kind::host:
            if (auto tenant = tenants_.find_by_host(host)) agreed.say(*std::move(tenant));
            break;
        case TenantResolver::Kind::sub_domain:
            if (host.ends_with(resolver.name_))
                agreed.say(
                    known(tenants_.find(host.substr(0, host.size() - resolver.name_.size()))));
            break;
        case TenantResolver::Kind::path:
            if (const auto id = request.param(resolver.name_))
                agreed.say(known(tenants_.find(*id)));
            break;
        case TenantResolver::Kind::header:
            if (!resolver.peers_.contains(sender_of(request))) break;
            if (const auto id = single_value(request, resolver.name_); !id.empty())
                agreed.say(known(tenants_.find(id)));
            break;
        case TenantResolver::Kind::claim:
            break; // says the last word
        }
    }
    for (const TenantResolver& resolver : resolvers_) {
        if (resolver.kind_ != TenantResolver::Kind::claim) continue;
        const Principal* const principal = request.find<Principal>();
        if (principal == nullptr) throw Error::unauthorized();
        const std::vector<std::string> ids = ids_in_claim(*principal, resolver.name_);
        if (!agreed.tenant() && ids.size() == 1)
            if (auto tenant = tenants_.find(ids.front())) agreed.say(*std::move(tenant));
        if (ids.empty() || (agreed.tenant() &&
                            std::find(ids.begin(), ids.end(), agreed.tenant()->id()) == ids.end()))
            throw Error::forbidden("Your access isn't for this");
    }
    if (!agreed.tenant()) refuse_unknown();
    request.set(*std::move(agreed.tenant()));
}

void Tenancy::document(OperationInfo& operation) const {
    operation.error(Status::not_found);
    if (resolvers_.size() > 1) operation.error(Status::bad_request);
    if (std::any_of(resolvers_.begin(), resolvers_.end(), [](const TenantResolver& resolver) {
            return resolver.kind_ == TenantResolver::Kind::claim;
        })) {
        operation.error(Status::unauthorized);
        operation.error(Status::forbidden);
    }
}

std::string_view tenant_id(Request& request) {
    const Tenant* const tenant = request.find<Tenant>();
    return tenant != nullptr ? tenant->id() : std::string_view{};
}

namespace detail {

const Tenant& tenant_of(Request& request) {
    const Tenant* const tenant = request.find<Tenant>();
    if (tenant == nullptr)
        throw Error::internal("A handler takes a Tenant, but no Tenancy stands before it");
    return *tenant;
}

void throw_no_tenant_value(std::string_view type) {
    throw Error::internal("The tenant has no " + std::string{type} +
                          ": give it one by NewTenant::with");
}

} // namespace detail

} // namespace armature

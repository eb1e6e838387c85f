#pragma once

#include <armature/app/extract.hpp>
#include <armature/core/address_ranges.hpp>
#include <armature/tenancy/tenants.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// What of a request says which tenant it is for.
class TenantResolver {
  public:
    /// A host that a tenant has for itself: `NewTenant::host`.
    [[nodiscard]] static TenantResolver host();
    /// The label before a domain: with "example.com", "acme.example.com" is acme's. Throws
    /// std::invalid_argument for what is no name in ASCII.
    [[nodiscard]] static TenantResolver sub_domain(std::string_view domain);
    /// A parameter of the route: with "tenant", "/t/acme/users" is acme's if the route is
    /// "/t/{tenant}/users". Throws std::invalid_argument for an empty name.
    [[nodiscard]] static TenantResolver path(std::string_view parameter = "tenant");
    /// A field, such as "x-tenant", if the connection's other end is one of `peers`: a gateway of
    /// yours that sets or removes it. From others it isn't looked at. Throws std::invalid_argument
    /// without peers, or for what is no field's name.
    [[nodiscard]] static TenantResolver header(std::string_view field, AddressRanges peers);
    /// A claim of the token that a guard verified: the id of the one tenant that it is for, or a
    /// list of those that it may be used for. Who has no token gets 401, and who has one of no such
    /// tenant 403. Throws std::invalid_argument for an empty name.
    [[nodiscard]] static TenantResolver claim(std::string_view name = "tenant");

  private:
    friend class Tenancy;
    enum class Kind : std::uint8_t { host, sub_domain, path, header, claim };
    TenantResolver(Kind kind, std::string_view name) : kind_(kind), name_(name) {}

    Kind kind_;
    std::string name_; ///< of the domain with a dot before it, parameter, field or claim
    AddressRanges peers_;
};

/// Finds out which tenant a request is for, and refuses those that are for none. It stands as
/// middleware, or behind the guard that verifies tokens as a guard:
///
///     app.wrap(Tenancy{tenants, TenantResolver::sub_domain("example.com")});
///     scope.guard(jwt).guard(Tenancy{tenants, TenantResolver::claim()});
///
/// All resolvers are asked, and all that say something have to say the same, also if there are two
/// of these around a route. Nobody gets further otherwise: 404 if none says anything or there is no
/// such tenant, 400 if they contradict each other, 401 and 403 by a claim.
///
/// The host is that of the request; of what proxies say only `TrustedProxies` is believed, which
/// has to stand outside of this. Cost: a look-up for each resolver; allocates nothing but for
/// claims.
class Tenancy {
  public:
    static constexpr std::string_view name = "tenancy";

    template <class... More>
        requires(std::same_as<More, TenantResolver> && ...)
    Tenancy(Tenants tenants, TenantResolver first, More... more) : tenants_(std::move(tenants)) {
        resolvers_.push_back(std::move(first));
        (resolvers_.push_back(std::move(more)), ...);
    }

    void before(Request& request) const { resolve(request); }
    void can_activate(Request& request) const { resolve(request); }
    void document(OperationInfo& operation) const;

  private:
    void resolve(Request& request) const;

    Tenants tenants_;
    std::vector<TenantResolver> resolvers_;
};

/// The id of a request's tenant, for `RateLimitKey::by`; empty before it is known.
[[nodiscard]] std::string_view tenant_id(Request& request);

namespace detail {
/// Throws `Error` 500 without one: no `Tenancy` stands before the handler.
[[nodiscard]] const Tenant& tenant_of(Request& request);
[[noreturn]] void throw_no_tenant_value(std::string_view type);
} // namespace detail

/// A handler's parameter: whom the request is for. A route that no `Tenancy` stands before answers
/// 500, so forgetting it mixes nobody's data.
template <>
struct Extract<Tenant> {
    static bool is_present(const ExtractInput& input) noexcept {
        return input.request.find<Tenant>() != nullptr;
    }
    static Tenant from(const ExtractInput& input) { return detail::tenant_of(input.request); }
};

/// A handler's parameter: the tenant's value of that type; see `NewTenant::with`. A tenant without
/// one is answered with 500.
template <class T>
class TenantValue {
  public:
    explicit TenantValue(Tenant tenant, const T& value) noexcept
        : tenant_(std::move(tenant)), value_(&value) {}
    [[nodiscard]] const T& operator*() const noexcept { return *value_; }
    [[nodiscard]] const T* operator->() const noexcept { return value_; }

  private:
    Tenant tenant_; ///< keeps the value
    const T* value_;
};

template <class T>
struct Extract<TenantValue<T>> {
    static TenantValue<T> from(const ExtractInput& input) {
        const Tenant& tenant = detail::tenant_of(input.request);
        const T* const value = tenant.find<T>();
        if (value == nullptr) detail::throw_no_tenant_value(detail::type_name<T>());
        return TenantValue<T>{tenant, *value};
    }
};

} // namespace armature

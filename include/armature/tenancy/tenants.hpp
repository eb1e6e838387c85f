#pragma once

#include <armature/core/request.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

namespace detail {

/// What is known of a tenant. Never changes.
struct TenantRecord {
    struct Value {
        const void* tag;
        std::shared_ptr<const void> object;
    };
    std::string id;
    std::vector<std::string> hosts;
    std::vector<Value> values;
};

} // namespace detail

/// A customer, organisation or site among several that one application serves. Small to copy; what
/// it says stays as it was when the request came. Threads: any.
class Tenant {
  public:
    explicit Tenant(std::shared_ptr<const detail::TenantRecord> record) noexcept
        : record_(std::move(record)) {}

    [[nodiscard]] std::string_view id() const noexcept { return record_->id; }
    /// The value of that type that the tenant was made `with`, or null.
    template <class T>
    [[nodiscard]] const T* find() const noexcept {
        for (const detail::TenantRecord::Value& value : record_->values)
            if (value.tag == &detail::type_tag<T>) return static_cast<const T*>(value.object.get());
        return nullptr;
    }
    /// `rest` as a key of a store, lock, queue or file of this tenant: "tenant:acme:cart/7". No key
    /// of one tenant is a key of another, whatever `rest` is.
    [[nodiscard]] std::string key(std::string_view rest) const;

    friend bool operator==(const Tenant& a, const Tenant& b) noexcept { return a.id() == b.id(); }

  private:
    std::shared_ptr<const detail::TenantRecord> record_;
};

/// A tenant for `Tenants`, with what is its own.
///
///     NewTenant{"acme"}.host("shop.acme.com").with(Plan{.requests = 1000})
class NewTenant {
  public:
    /// `id` is a DNS label: 1 to 63 lower-case letters, digits and hyphens, none at an end. Throws
    /// std::invalid_argument.
    explicit NewTenant(std::string id);

    /// A host of its own, as a name in ASCII ("xn--bcher-kva.example") without a port. Throws
    /// std::invalid_argument.
    NewTenant& host(std::string_view name) &;
    NewTenant&& host(std::string_view name) && { return std::move(host(name)); }
    /// A value that handlers find by its type: limits, a plan, a database's name. Replaces one of
    /// that type.
    template <class T>
    NewTenant& with(T value) & {
        return set(&detail::type_tag<T>, std::make_shared<const T>(std::move(value)));
    }
    template <class T>
    NewTenant&& with(T value) && {
        return std::move(with(std::move(value)));
    }

  private:
    friend class Tenants;
    NewTenant& set(const void* tag, std::shared_ptr<const void> object);
    detail::TenantRecord record_;
};

/// The tenants that there are. A handle: copies are the same, and changes count from the next
/// request on. Threads: any; a look-up holds a lock that readers share.
class Tenants {
  public:
    Tenants();
    /// Throws as `put` does.
    explicit Tenants(std::vector<NewTenant> all);

    /// Adds a tenant, or replaces the one of that id. Throws std::invalid_argument if a host is
    /// another's.
    void put(NewTenant tenant) const;
    /// False: there is none.
    bool remove(std::string_view id) const;

    [[nodiscard]] std::optional<Tenant> find(std::string_view id) const;
    /// By a host in lower case without a port.
    [[nodiscard]] std::optional<Tenant> find_by_host(std::string_view host) const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace armature

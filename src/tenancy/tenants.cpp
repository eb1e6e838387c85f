#include "tenancy/host_name.hpp"

#include <armature/tenancy/tenants.hpp>

#include <algorithm>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <unordered_map>

namespace armature {

std::string Tenant::key(std::string_view rest) const {
    // An id has no colon, so the next one ends it.
    std::string text;
    text.reserve(8 + id().size() + rest.size());
    return text.append("tenant:").append(id()).append(1, ':').append(rest);
}

NewTenant::NewTenant(std::string id) {
    if (!tenancy::is_label(id))
        throw std::invalid_argument("armature: '" + id +
                                    "' can't be a tenant's id: it has 1 to 63 lower-case letters, "
                                    "digits and hyphens, none of them at an end");
    record_.id = std::move(id);
}

NewTenant& NewTenant::host(std::string_view name) & {
    record_.hosts.push_back(tenancy::checked_name(name, "host of a tenant"));
    return *this;
}

NewTenant& NewTenant::set(const void* tag, std::shared_ptr<const void> object) {
    std::erase_if(record_.values, [&](const auto& value) { return value.tag == tag; });
    record_.values.push_back({tag, std::move(object)});
    return *this;
}

class Tenants::Impl {
  public:
    using Record = std::shared_ptr<const detail::TenantRecord>;

    void put(Record record) {
        const std::unique_lock lock{mutex_};
        for (const std::string& host : record->hosts) {
            const auto found = by_host_.find(host);
            if (found != by_host_.end() && found->second->id != record->id)
                throw std::invalid_argument("armature: the host '" + host + "' of the tenant '" +
                                            record->id + "' is that of '" + found->second->id +
                                            "' already");
        }
        forget(record->id);
        for (const std::string& host : record->hosts)
            by_host_[host] = record;
        by_id_[record->id] = std::move(record);
    }
    bool remove(std::string_view id) {
        const std::unique_lock lock{mutex_};
        return forget(id);
    }
    std::optional<Tenant> find(std::string_view id) const { return find_in(by_id_, id); }
    std::optional<Tenant> find_by_host(std::string_view host) const {
        return find_in(by_host_, host);
    }

  private:
    struct HashOfText {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    using Records = std::unordered_map<std::string, Record, HashOfText, std::equal_to<>>;

    bool forget(std::string_view id) {
        const auto found = by_id_.find(id);
        if (found == by_id_.end()) return false;
        for (const std::string& host : found->second->hosts)
            by_host_.erase(host);
        by_id_.erase(found);
        return true;
    }
    std::optional<Tenant> find_in(const Records& records, std::string_view key) const {
        const std::shared_lock lock{mutex_};
        const auto found = records.find(key);
        if (found == records.end()) return std::nullopt;
        return Tenant{found->second};
    }

    mutable std::shared_mutex mutex_;
    Records by_id_, by_host_;
};

Tenants::Tenants() : impl_(std::make_shared<Impl>()) {}
Tenants::Tenants(std::vector<NewTenant> all) : Tenants() {
    for (NewTenant& tenant : all)
        put(std::move(tenant));
}

void Tenants::put(NewTenant tenant) const {
    impl_->put(std::make_shared<const detail::TenantRecord>(std::move(tenant.record_)));
}
bool Tenants::remove(std::string_view id) const { return impl_->remove(id); }
std::optional<Tenant> Tenants::find(std::string_view id) const { return impl_->find(id); }
std::optional<Tenant> Tenants::find_by_host(std::string_view host) const {
    return impl_->find_by_host(host);
}

} // namespace armature

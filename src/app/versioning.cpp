#include "app/version_group.hpp"
#include "core/characters.hpp"

#include <armature/app/app.hpp>
#include <armature/app/negotiate.hpp>
#include <armature/core/media_type.hpp>

#include <algorithm>

namespace armature {

App& App::versioning(Versioning chosen_by) & {
    data_.versioning = std::make_shared<const Versioning>(std::move(chosen_by));
    return *this;
}
App&& App::versioning(Versioning chosen_by) && {
    return std::move(versioning(std::move(chosen_by)));
}

std::optional<std::string> Versioning::requested(const Request& request) const {
    if (kind_ == Kind::header) {
        const auto value = request.header(name_);
        if (!value) return std::nullopt;
        return std::string{*value};
    }
    std::optional<std::string> found;
    request.headers().all(Field::accept, [&](std::string_view ranges) {
        while (!ranges.empty() && !found)
            if (const auto range = MediaType::parse(take_part(ranges, ',')))
                found = range->parameter(name_);
    });
    return found;
}

namespace detail {

namespace {

std::string_view field_of(const Versioning& versioning) noexcept {
    return versioning.kind() == Versioning::Kind::header ? std::string_view{versioning.name()}
                                                         : "Accept";
}

} // namespace

const Endpoint& VersionGroup::select(const Request& request, const Endpoint& unknown) const {
    const std::string wanted =
        versioning->requested(request).value_or(versioning->default_version());
    const Endpoint* found = &unknown;
    for (const Entry& entry : entries) {
        if (entry.version == wanted) return *entry.endpoint;
        if (entry.version.empty()) found = entry.endpoint;
    }
    return *found;
}

bool VersionGroup::call_unknown(const Endpoint& endpoint, Exchange&) {
    const auto& group = *static_cast<const VersionGroup*>(endpoint.handler);
    const Versioning& versioning = *group.versioning;
    std::string detail = "There is no such version; there are ";
    for (const Entry& entry : group.entries)
        detail.append(&entry == &group.entries.front() ? "" : ", ").append(entry.version);
    const bool is_header = versioning.kind() == Versioning::Kind::header;
    detail.append(is_header ? ". Say which in the field " : ". Say which in Accept as ; ")
        .append(versioning.name())
        .append(is_header ? "" : "=…");
    throw Error{is_header ? Status::bad_request : Status::not_acceptable, std::move(detail)};
}

Step version_step(const Versioning& versioning) {
    Step step;
    step.self = &versioning;
    step.name = "Versioning";
    step.after = [](const void* self, Request&, Response& response) {
        add_vary(response, field_of(*static_cast<const Versioning*>(self)));
    };
    step.document = [](const void* self, OperationInfo& info) {
        const auto& chosen_by = *static_cast<const Versioning*>(self);
        if (chosen_by.kind() == Versioning::Kind::header)
            info.parameter(ParameterIn::header, chosen_by.name(), nullptr, false);
    };
    return step;
}

} // namespace detail

} // namespace armature

#include "app/application_impl.hpp"

#include <armature/core/error.hpp>
#include <armature/routing/pattern.hpp>

#include <algorithm>

namespace armature {

SecurityScheme SecurityScheme::bearer(std::string_view format) {
    SecurityScheme scheme;
    scheme.name = "bearer";
    scheme.format = format;
    return scheme;
}

SecurityScheme SecurityScheme::basic() {
    SecurityScheme scheme;
    scheme.kind = Kind::basic;
    scheme.name = "basic";
    return scheme;
}

SecurityScheme SecurityScheme::api_key(ParameterIn in, std::string_view parameter) {
    SecurityScheme scheme;
    scheme.kind = Kind::api_key;
    scheme.name = "api_key";
    scheme.in = in;
    scheme.parameter = parameter;
    return scheme;
}

SecurityScheme SecurityScheme::openid_connect(std::string_view url) {
    SecurityScheme scheme;
    scheme.kind = Kind::openid_connect;
    scheme.name = "openid_connect";
    scheme.url = url;
    return scheme;
}

namespace {

ParameterInfo& find_or_add(std::vector<ParameterInfo>& all, ParameterIn in, std::string_view name,
                           const TypeInfo* type, bool required) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const ParameterInfo& known) {
        return known.in == in && known.name == name;
    });
    if (found != all.end()) return *found;
    ParameterInfo& added = all.emplace_back();
    added.in = in;
    added.name = name;
    added.type = type;
    added.required = required;
    return added;
}

} // namespace

ParameterInfo& ResponseInfo::header(std::string_view name, const TypeInfo* type) {
    return find_or_add(headers, ParameterIn::header, name, type, false);
}

ParameterInfo& OperationInfo::parameter(ParameterIn in, std::string_view name, const TypeInfo* type,
                                        bool required) {
    return find_or_add(parameters, in, name, type, required || in == ParameterIn::path);
}

void OperationInfo::path_parameter(const TypeInfo* type) {
    const std::size_t index = path_count_++;
    if (index >= pattern_param_count(pattern)) return; // build refused the route
    parameter(ParameterIn::path, pattern_param_name(pattern, index), type);
    error(Status::bad_request);
}

void OperationInfo::parameters_of(ParameterIn in, const TypeInfo& type) {
    for (const MemberInfo& member : type.members)
        parameter(in, member.name, member.type, member.required).member = &member;
}

ContentInfo& OperationInfo::content(std::string_view media_type, const TypeInfo* type) {
    error(Status::content_too_large);
    return body.emplace_back(ContentInfo{std::string{media_type}, type, {}});
}

ResponseInfo& OperationInfo::response(Status status) {
    const auto found = std::find_if(responses.begin(), responses.end(),
                                    [&](const auto& known) { return known.status == status; });
    if (found != responses.end()) return *found;
    return responses.emplace_back(ResponseInfo{status, {}, {}, {}});
}

ResponseInfo& OperationInfo::response(std::string_view media_type, const TypeInfo* type) {
    ResponseInfo& made = response(answers_with_);
    const bool known =
        std::any_of(made.contents.begin(), made.contents.end(), [&](const ContentInfo& content) {
            return content.media_type == media_type && content.type == type;
        });
    if (!known) made.contents.push_back({std::string{media_type}, type, {}});
    return made;
}

ResponseInfo& OperationInfo::error(Status status) {
    const Status outer = answer_with(status);
    ResponseInfo& made = response("application/problem+json", nullptr);
    answer_with(outer);
    return made;
}

void OperationInfo::requires_security(SecurityScheme scheme) {
    const bool known = std::any_of(security.begin(), security.end(),
                                   [&](const auto& one) { return one.name == scheme.name; });
    if (!known) security.push_back(std::move(scheme));
}

Status OperationInfo::answer_with(Status status) { return std::exchange(answers_with_, status); }

void OperationInfo::optional(DocumentHook hook) {
    const std::size_t before = parameters.size();
    const bool had_body = !body.empty();
    const std::size_t had_security = security.size();
    hook(*this);
    for (std::size_t i = before; i < parameters.size(); ++i)
        parameters[i].required = parameters[i].in == ParameterIn::path;
    if (!had_body) body_required = false;
    security.resize(had_security);
}

std::vector<OperationInfo> Application::operations() const {
    std::vector<OperationInfo> all;
    for (const Impl::Described& route : impl_->described) {
        OperationInfo& info = all.emplace_back();
        if (route.notes != nullptr) info = route.notes->info;
        info.method = route.method;
        info.pattern = route.pattern;
        info.tags.insert(info.tags.begin(), route.tags.begin(), route.tags.end());
        const detail::Endpoint& endpoint = *route.endpoint;
        for (std::uint32_t i = 0; i < endpoint.step_count; ++i)
            if (endpoint.steps[i].document != nullptr)
                endpoint.steps[i].document(endpoint.steps[i].self, info);
        for (std::size_t i = 0; i < route.signature->document_count; ++i)
            if (route.signature->documents[i] != nullptr) route.signature->documents[i](info);
        for (std::size_t i = info.path_count(); i < pattern_param_count(info.pattern); ++i)
            info.parameter(ParameterIn::path, pattern_param_name(info.pattern, i), nullptr);
        if (route.notes != nullptr)
            for (const DocumentHook hook : route.notes->hooks)
                hook(info);
    }
    return all;
}

} // namespace armature

#include <armature/app/controller.hpp>

namespace armature::detail {

namespace {

struct SuccessStatus {
    static constexpr std::string_view name = "status";
    Status status;
    void after(Request&, Response& response) const {
        if (response.status() == Status::ok) response.status(status);
    }
    void document(OperationInfo& operation) const { operation.answer_with(status); }
};

struct CacheControl {
    static constexpr std::string_view name = "cache-control";
    std::string value;
    void after(Request&, Response& response) const {
        if (static_cast<unsigned>(response.status()) < 400 &&
            !response.headers().contains(Field::cache_control))
            response.headers().append_view(Field::cache_control, value);
    }
};

// What routes and scopes have in common.
void apply_layer(LayerData& layer, RouteOptions& options) {
    for (Steps* steps : {&options.middleware, &options.guards, &options.interceptors})
        for (Middleware& step : steps->items)
            layer.add(std::move(step));
    for (Pipe& pipe : options.pipes.items)
        layer.add(std::move(pipe));
    for (ErrorMapper& mapper : options.filters.items)
        layer.add(std::move(mapper));
    if (!options.cache_control.empty())
        layer.add(own_step(middleware_step<CacheControl>(), Stage::interceptor,
                           CacheControl{std::string{options.cache_control}}));
    if (options.status)
        layer.add(own_step(middleware_step<SuccessStatus>(), Stage::interceptor,
                           SuccessStatus{*options.status}));
    if (options.body_limit) {
        layer.settings.body_limit = *options.body_limit;
        layer.settings.has_body_limit = true;
    }
    if (options.timeout) {
        layer.settings.timeout = *options.timeout;
        layer.settings.has_timeout = true;
    }
}

} // namespace

Scope controller_scope(std::string_view prefix, RouteOptions options) {
    // A prefix of nothing but a slash is none, as people write it in other frameworks.
    Scope made{std::string{prefix == "/" ? std::string_view{} : prefix}};
    apply_layer(made.layer_data(), options);
    for (const std::string_view tag : options.tags)
        made.tag(std::string{tag});
    return made;
}

void apply_options(MethodRoutesBase& routes, RouteOptions&& options) {
    apply_layer(routes.layer, options);
    routes.name = options.name;
    OperationInfo& info = routes.notes().info;
    info.summary = options.summary;
    info.description = options.description;
    info.operation_id = options.operation_id;
    info.tags.assign(options.tags.begin(), options.tags.end());
    info.deprecated = options.deprecated;
    info.hidden = options.hidden;
}

} // namespace armature::detail

#include "app/application_impl.hpp"
#include "app/request_path.hpp"

#include <armature/core/scheduler.hpp>
#include <armature/core/url.hpp>
#include <armature/log/log.hpp>

#include <algorithm>

namespace armature {

using detail::Endpoint;
using detail::normalise_path;
using detail::Pipeline;

Application::Application(Owned<Impl> impl) noexcept : impl_(std::move(impl)) {}
Application::Application(Application&&) noexcept = default;
Application& Application::operator=(Application&&) noexcept = default;
Application::~Application() = default;

const Router& Application::router() const noexcept { return *impl_->router; }
const Dispatcher& Application::dispatcher() const noexcept { return *impl_; }

Result<std::string> Application::url_for(std::string_view name,
                                         std::initializer_list<UrlParam> params) const {
    return impl_->router->url_for(name, params);
}

// --- routing ------------------------------------------------------------------------------------

namespace {

// Stands for "this path is malformed" where a leaf is expected.
constexpr char bad_path = 0;

} // namespace

// A browser's question whether a page may send a request is for the middleware that this request
// would pass. Null when the route has none of its own.
const Endpoint* Application::Impl::preflight_of(const Request& request,
                                                const Router::Leaf& leaf) const {
    const auto method = request.header(Field::access_control_request_method);
    if (!method) return nullptr;
    const EndpointId id = leaf.resolve(method_from_token(*method));
    return id != no_endpoint ? endpoint_of[id]->preflight : nullptr;
}

const RoutePolicy& Application::Impl::route(Exchange& x) const {
    Request& request = x.request;
    const RequestHead& head = request.head();
    const bool well_formed =
        (!head.path_has_percent && !head.path_has_dot) || normalise_path(request);
    const Router::Leaf* leaf =
        well_formed ? router->match(head.path, request.mutable_params()) : nullptr;
    if (leaf != nullptr) {
        const EndpointId id = leaf->resolve(head.method);
        if (id != no_endpoint) {
            const Endpoint* endpoint = endpoint_of[id];
            if (endpoint->versions != nullptr) [[unlikely]]
                endpoint = &endpoint->versions->select(request, *endpoint);
            Pipeline::endpoint(x) = endpoint;
            request.set_route(endpoint->route);
            return endpoint->policy;
        }
    }
    const Fallback* fallback = &fallbacks.front();
    request.mutable_params().truncate(0);
    if (well_formed) {
        PathParams ignored;
        if (const Router::Leaf* scope = scopes->match(head.path, ignored))
            fallback = &fallbacks[scope->resolve(Method::get)];
    }
    const Endpoint* endpoint = &fallback->endpoint;
    if (leaf != nullptr && head.method == Method::options)
        if (const Endpoint* asked = preflight_of(request, *leaf)) endpoint = asked;
    Pipeline::leaf(x) = well_formed ? static_cast<const void*>(leaf) : &bad_path;
    Pipeline::endpoint(x) = endpoint;
    return endpoint->policy;
}

bool Application::Impl::dispatch(Exchange& x) const { return Pipeline::start(x); }

namespace {

// The request's path with one slash more or less at its end.
std::string other_slash(const Request& request) {
    std::string_view path = request.path();
    const bool had_slash = path.back() == '/';
    if (had_slash) path.remove_suffix(1);
    std::string location = detail::encoded_path(path);
    if (!had_slash) location += '/';
    if (!request.query_text().empty()) location.append("?").append(request.query_text());
    return location;
}

} // namespace

bool Application::Impl::call_fallback(const Endpoint& endpoint, Exchange& x) {
    const auto& fallback = *static_cast<const Fallback*>(endpoint.handler);
    const Impl& app = *fallback.application;
    const Request& request = x.request;
    const auto* leaf = static_cast<const Router::Leaf*>(Pipeline::leaf(x));
    if (static_cast<const void*>(leaf) == &bad_path) {
        app.render(Error::bad_request("The path has a malformed percent-encoding"), x);
    } else if (request.method() == Method::options && request.path() == "*") {
        x.response.status(Status::no_content)
            .headers()
            .append_view(Field::allow, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    } else if (leaf != nullptr && request.method() == Method::options) {
        x.response.status(Status::no_content).headers().append_view(Field::allow, leaf->allow());
    } else if (leaf != nullptr && request.method() == Method::other) {
        app.render(Error{Status::not_implemented, "The method is not known to this server"}, x);
    } else if (leaf != nullptr) {
        app.render(
            Error{Status::method_not_allowed, "The path exists, but not for this method"}.header(
                "allow", leaf->allow()),
            x);
    } else if (app.router->match_other_slash(request.path()) != nullptr &&
               !request.path().starts_with("//")) { // "//host" would lead to another origin
        x.response = Response::redirect(other_slash(request), Status::permanent_redirect);
    } else if (fallback.default_service != nullptr) {
        return fallback.default_service->call(*fallback.default_service, x);
    } else {
        app.render(Error::not_found("There is nothing at this path"), x);
    }
    return true;
}

// --- errors -------------------------------------------------------------------------------------

void Pipeline::fail(Exchange& x) noexcept {
    static_cast<const Application::Impl&>(*x.endpoint_->application).fail(x);
}

// The mappers' turn at the exception being handled. Throws what the mapper itself answers with.
namespace {

// However an error is rendered, its fields are part of its meaning: a 405 has Allow.
void keep_error_fields(Headers& fields) {
    try {
        throw;
    } catch (const Error& error) {
        for (const Headers::Entry& entry : error.headers())
            if (!fields.contains(entry.name())) fields.append(entry.name(), entry.value());
    } catch (...) {
        return; // another type, which has none
    }
}

} // namespace

// Those of the route, or the App's for a request that was never routed.
std::span<const detail::ErrorMapper* const>
Application::Impl::mappers_of(Exchange& x) const noexcept {
    const Endpoint* endpoint = Pipeline::endpoint(x);
    return endpoint != nullptr ? endpoint->error_mappers : error_mappers;
}

bool Application::Impl::map_exception(Exchange& x) const {
    x.response.reset();
    for (const detail::ErrorMapper* mapper : mappers_of(x))
        if (mapper->map(mapper->object.get(), x.request, x.response)) {
            keep_error_fields(x.response.headers());
            return true;
        }
    return false;
}

void Application::Impl::report(const Exchange& x) const noexcept {
    const auto log_it = [&](std::string_view what) {
        log::error(
            "a stream or an upgraded connection failed",
            {{"method", x.request.method_text()}, {"route", x.request.route()}, {"error", what}});
    };
    try {
        throw;
    } catch (const Cancelled&) { // the client left, or the server stops
    } catch (const std::exception& error) {
        log_it(error.what());
    } catch (...) {
        log_it("an exception that is no std::exception");
    }
}

// What the exception being handled is to a client. The text of one that isn't meant for clients
// stays in the log.
Error Application::Impl::as_error(const Exchange& x) const {
    const auto report = [&](std::string_view what) {
        log::error(
            "a handler failed",
            {{"method", x.request.method_text()}, {"route", x.request.route()}, {"error", what}});
    };
    const auto internal = [&](std::string_view what) {
        report(what);
        return Error::internal(std::string{development ? what : ""});
    };
    try {
        throw;
    } catch (const Error& error) {
        if (error.status() == Status::internal_server_error) report(error.what());
        return error;
    } catch (const Cancelled& cancelled) {
        return Error::unavailable(cancelled.what());
    } catch (const std::exception& error) {
        return internal(error.what());
    } catch (...) {
        return internal("an exception that is no std::exception");
    }
}

void Application::Impl::render(const Error& error, Exchange& x) const {
    if (!mappers_of(x).empty()) {
        try {
            throw error;
        } catch (...) {
            try {
                if (map_exception(x)) return;
            } catch (...) { // rendered as it is: a renderer that fails would fail again
                return write_error(as_error(x), x);
            }
        }
    }
    write_error(error, x);
}

void Application::Impl::write_error(const Error& error, Exchange& x) const {
    x.response.reset();
    x.response.status(error.status());
    for (const Headers::Entry& entry : error.headers())
        x.response.headers().append(entry.name(), entry.value());
    x.response.set_content("application/problem+json", Body{error.to_json(development)});
}

void Application::Impl::fail(Exchange& x) const noexcept {
    try {
        try {
            if (map_exception(x)) {
                if (x.response.status() == Status::internal_server_error)
                    static_cast<void>(as_error(x)); // logs it
                return;
            }
        } catch (...) { // a mapper's answer is an error of its own
            return render(as_error(x), x);
        }
        render(as_error(x), x);
    } catch (...) { // no memory even for an error's text
        x.response.reset();
        x.response.status(Status::internal_server_error);
    }
}

// --- without a socket ---------------------------------------------------------------------------

namespace {

class LocalExchange final : public Exchange, Timer {
  public:
    explicit LocalExchange(Request made) {
        request = std::move(made);
        request.set_cancellation(&cancellation);
    }
    void arm_deadline(LocalLoop& loop, Duration timeout) {
        loop.timers().arm(*this, steady_now() + timeout.count());
    }
    bool done = false;

  private:
    void completed() override { done = true; }
    void expired() override { cancellation.request(CancelReason::deadline); }
};

// Content as an adapter hands it over that doesn't have it in memory, or refuses to.
class LimitedContent final : public BodyStream {
  public:
    LimitedContent(Body content, std::uint64_t limit)
        : content_(std::move(content)), stream_(content_.stream()), limit_(limit) {}

    Task<std::optional<std::string_view>> next() override {
        const std::optional<std::string_view> piece = co_await stream_.next();
        if (piece) seen_ += piece->size();
        if (seen_ > limit_) throw Error::content_too_large(limit_);
        co_return piece;
    }
    std::optional<std::uint64_t> size() const noexcept override { return content_.size(); }
    const Headers* trailers() const noexcept override { return stream_.trailers(); }

  private:
    Body content_;
    BodyStream& stream_;
    std::uint64_t limit_;
    std::uint64_t seen_ = 0;
};

} // namespace

Response Application::handle(Request request) const {
    constexpr std::uint64_t collect_limit = 256 * 1024 * 1024;
    LocalLoop loop;
    LocalExchange x{std::move(request)};
    const RoutePolicy& policy = impl_->route(x);
    Body& content = x.request.body();
    if (!content.in_memory() || content.size() > policy.body_limit)
        content = Body{std::make_unique<LimitedContent>(std::move(content), policy.body_limit)};
    if (policy.timeout) x.arm_deadline(loop, policy.timeout);
    {
        const LocalLoop::Enter enter{loop};
        if (!impl_->dispatch(x)) loop.run_until(x.done);
    }
    Body& body = x.response.body();
    if (x.request.method() == Method::head)
        body.clear();
    else if (body.kind() == Body::Kind::view)
        body = Body{std::string{body.text()}}; // may be the request's memory, which ends here
    else if (body.kind() == Body::Kind::stream)
        body = Body{loop.run(body.stream().read_all(collect_limit), &x.cancellation)};
    const Headers views = std::move(x.response.headers());
    x.response.headers() = views; // a copy owns its text
    return std::move(x.response);
}

// --- for people ---------------------------------------------------------------------------------

namespace {

std::string bytes_text(std::uint64_t bytes) {
    constexpr std::uint64_t kib = 1024;
    if (bytes >= kib * kib && bytes % (kib * kib) == 0)
        return std::to_string(bytes / (kib * kib)) + " MiB";
    if (bytes >= kib && bytes % kib == 0) return std::to_string(bytes / kib) + " KiB";
    return std::to_string(bytes) + " B";
}

} // namespace

std::string Application::describe() const {
    std::size_t method_width = 0;
    std::size_t pattern_width = 0;
    for (const Impl::Described& route : impl_->described) {
        method_width = std::max(method_width, route.method.size());
        pattern_width = std::max(pattern_width, route.pattern.size());
    }
    std::string out;
    for (const Impl::Described& route : impl_->described) {
        const Endpoint& endpoint = *route.endpoint;
        out += route.method;
        out.append(method_width - route.method.size() + 2, ' ');
        out += route.pattern;
        out.append(pattern_width - route.pattern.size() + 2, ' ');
        for (std::uint32_t i = 0; i < endpoint.step_count; ++i)
            out.append(endpoint.steps[i].name).append(" > ");
        out += "handler  body <= ";
        out += bytes_text(endpoint.policy.body_limit);
        out += ", time-out ";
        out += endpoint.policy.timeout ? std::to_string(endpoint.policy.timeout.count()) + " ms"
                                       : std::string{"none"};
        if (!route.where.empty()) out.append("  (").append(route.where).append(")");
        out += '\n';
    }
    return out;
}

} // namespace armature

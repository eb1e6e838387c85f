// The rows of the roadmap's "Benchmark Reference" that need the application layer, and what the App
// adds to a bare router. docs/benchmarks.md says where a row differs from the original's.
#include <armature/app/app.hpp>
#include <armature/app/header.hpp>
#include <armature/app/json.hpp>
#include <armature/app/query.hpp>

#include <benchmark/benchmark.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace armature {
namespace {

// Reference counts are atomic only once a process has had a second thread, which a server has.
const bool server_like = [] {
    std::thread{[] {}}.join();
    return true;
}();

// --- what is served

struct Health {
    std::string status;
};
ARMATURE_DESCRIBE(Health, status);

struct User {
    std::string id;
    std::string name;
    std::string email;
};
ARMATURE_DESCRIBE(User, id, name, email);

struct Medium {
    std::uint64_t id{};
    std::string name;
    std::string email;
    bool active{};
    std::string created_at;
    std::vector<std::string> tags;
};
ARMATURE_DESCRIBE(Medium, id, name, email, active, created_at, tags);

struct Created {
    std::string status;
    std::uint64_t id{};
};
ARMATURE_DESCRIBE(Created, status, id);

struct Greeting {
    std::string message;
    std::string status;
};
ARMATURE_DESCRIBE(Greeting, message, status);

struct Id {
    std::string id;
};
ARMATURE_DESCRIBE(Id, id);

constexpr std::string_view medium_json =
    R"({"id":12345,"name":"John Doe","email":"john.doe@example.com","active":true,)"
    R"("created_at":"2024-01-15T10:30:00Z","tags":["developer","rust","web"]})";

// The original's three handlers: nothing, a constant document, the parameter in a document.
Status simple() { return Status::ok; }
Json<Greeting> json() { return Json{Greeting{"Hello, World!", "ok"}}; }
Json<Id> param(const Path<std::string>& id) { return Json{Id{*id}}; }

// --- middleware
// Small stand-ins that do what the original's do for such a request, so that the rows time the
// chain: Armature's own middleware of these names does more.

struct Logger {
    void before(Request&) const { benchmark::DoNotOptimize(std::chrono::steady_clock::now()); }
    void after(Request&, Response&) const {
        benchmark::DoNotOptimize(std::chrono::steady_clock::now());
    }
};
struct Cors {
    std::string allowed = "https://example.com";
    void after(Request& request, Response& response) const {
        if (request.header(Field::origin) == allowed)
            response.headers().append_view(Field::access_control_allow_origin, allowed);
    }
};
struct Compress {
    void before(Request&) const {}
    void after(Request&, Response&) const {}
};

// --- serving without a socket

// What a protocol adapter keeps for each connection.
class Connection final : public Exchange {
  public:
    using Exchange::reset;

  private:
    void completed() override {}
};

// As the HTTP/1.1 session hands a request over: views into its read buffer, and what its parser
// knows about the path.
void arrive(Connection& x, Method method, std::string_view path) {
    RequestHead& head = x.request.head();
    head.method = method;
    head.target = path;
    head.path = path;
    head.path_has_percent = false;
    head.path_has_dot = false;
}

void serve(const Dispatcher& app, Connection& x) {
    benchmark::DoNotOptimize(app.route(x).body_limit);
    benchmark::DoNotOptimize(app.dispatch(x));
    benchmark::ClobberMemory();
}

// What somebody writes who has only a router and the same handlers: match, look up, call.
struct BareRouter {
    using Handler = void (*)(Request&, Response&);

    static Router build() {
        RouterBuilder routes;
        routes.add(Method::get, "/", 0);
        routes.add(Method::get, "/users", 1);
        routes.add(Method::get, "/users/:id", 2);
        routes.add(Method::get, "/health", 3);
        return routes.build();
    }
    static void empty(Request& request, Response& response) {
        IntoResponse<Status>::into(simple(), request, response);
    }
    static void user(Request& request, Response& response) {
        const Path<std::string> id{std::string{request.params()[0]}};
        IntoResponse<Json<Id>>::into(param(id), request, response);
    }

    void serve(Connection& x) const {
        Request& request = x.request;
        const Router::Leaf* leaf = router.match(request.path(), request.mutable_params());
        const EndpointId id = leaf != nullptr ? leaf->resolve(request.method()) : no_endpoint;
        if (id == no_endpoint)
            x.response.status(Status::not_found);
        else
            handlers[id](request, x.response);
        benchmark::ClobberMemory();
    }

    Router router = build();
    Handler handlers[4] = {&empty, &empty, &user, &empty};
};

Application four_routes() {
    return App::create()
        .route("/", get(simple))
        .route("/users", get(simple))
        .route("/users/:id", get(param))
        .route("/health", get(simple))
        .build();
}

// --- full_cycle

// The original copies its route table for every request: three patterns and three handlers.
struct RouteTable {
    struct Entry {
        std::string pattern;
        std::shared_ptr<const int> handler = std::make_shared<const int>();
    };
    std::vector<Entry> entries{{"/health"}, {"/api/users/:id"}, {"/api/users"}};
};

Application full_cycle_app() {
    return App::create()
        .route("/health", get([] { return Json{Health{"ok"}}; }))
        .route("/api/users/:id", get([](const Path<std::string>& id) {
                   return Json{User{*id, "John Doe", "john@example.com"}};
               }))
        .route("/api/users", post([](const Json<Medium>& user) {
                   return std::pair{Status::created, Json{Created{"created", user->id}}};
               }))
        .build();
}

void full_cycle_work_only(benchmark::State& state, Method method, std::string path,
                          std::string_view content) {
    const Application app = full_cycle_app();
    Connection x;
    for (auto _ : state) {
        arrive(x, method, path);
        if (!content.empty()) {
            x.request.mutable_headers().append_view(Field::content_type, "application/json");
            x.request.set_body(Body::view(content));
        }
        serve(app.dispatcher(), x);
        if (x.response.body().empty()) state.SkipWithError("not served");
        x.reset();
    }
}

// With the copy of the table, and with a new request that owns its texts.
void full_cycle_as_defined(benchmark::State& state, Method method, std::string path,
                           std::string_view content) {
    const Application app = full_cycle_app();
    const RouteTable table;
    for (auto _ : state) {
        RouteTable copy = table;
        benchmark::DoNotOptimize(copy.entries.data());
        Connection x;
        x.request = Request{method, path};
        if (!content.empty()) {
            x.request.set_header("Content-Type", "application/json");
            x.request.set_body(std::string{content});
        }
        serve(app.dispatcher(), x);
        if (x.response.body().empty()) state.SkipWithError("not served");
    }
}

#define ARMATURE_BENCH_FULL_CYCLE(row, ...)                                                        \
    BENCHMARK_CAPTURE(full_cycle_work_only, row, __VA_ARGS__)->Name("full_cycle/" #row);           \
    BENCHMARK_CAPTURE(full_cycle_as_defined, row, __VA_ARGS__)->Name("full_cycle_as_defined/" #row)
ARMATURE_BENCH_FULL_CYCLE(health_check, Method::get, "/health", "");
ARMATURE_BENCH_FULL_CYCLE(get_with_param, Method::get, "/api/users/123", "");
ARMATURE_BENCH_FULL_CYCLE(post_with_body, Method::post, "/api/users", medium_json);

// --- extraction: the same values by extractors and by hand

struct Search {
    std::string_view q;
    std::uint32_t page = 1;
    bool exact = false;
};
ARMATURE_DESCRIBE(Search, q, page, exact);

Status by_extractors(Path<std::uint64_t> id, Query<Search> search, Header<"x-tenant"> tenant) {
    benchmark::DoNotOptimize(*id + search->q.size() + search->page + search->exact +
                             tenant->size());
    return Status::ok;
}

template <class T>
T number(std::optional<std::string_view> text) {
    T value{};
    if (!text) throw Error::bad_request("missing");
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size())
        throw Error::bad_request("not a number");
    return value;
}

Status by_hand(Request& request) {
    const auto id = number<std::uint64_t>(request.params()[0]);
    const auto q = request.query("q");
    const auto page = number<std::uint32_t>(request.query("page"));
    const auto exact = request.query("exact");
    const auto tenant = request.header("x-tenant");
    if (!q || !exact || !tenant) throw Error::bad_request("missing");
    benchmark::DoNotOptimize(id + q->size() + page + (*exact == "true") + tenant->size());
    return Status::ok;
}

template <class F>
void extract(benchmark::State& state, F handler) {
    const Application app = App::create().route_at_runtime("/users/{id}", get(handler)).build();
    Connection x;
    for (auto _ : state) {
        arrive(x, Method::get, "/users/42");
        x.request.head().query = "q=ada+lovelace&page=3&exact=true";
        x.request.mutable_headers().append_view(Field::other, "x-tenant", "acme");
        serve(app.dispatcher(), x);
        if (x.response.status() != Status::ok) state.SkipWithError("not served");
        x.reset();
    }
}
BENCHMARK_CAPTURE(extract, by_extractors, by_extractors)->Name("extract/by_extractors");
BENCHMARK_CAPTURE(extract, by_hand, by_hand)->Name("extract/by_hand");

// --- micro_app_creation
// All with the check and the compilation of the routes, and with the destruction.

template <Application (*make)()>
void create(benchmark::State& state) {
    for (auto _ : state) {
        Application app = make();
        benchmark::DoNotOptimize(app);
    }
}

Application empty_app() { return App::create().build(); }
Application app_with_5_routes() {
    return App::create()
        .route("/", get(simple))
        .route("/users", get(simple).post(simple))
        .route("/users/:id", get(param))
        .route("/health", get(simple))
        .build();
}
Application app_with_20_routes() {
    App app = App::create();
    for (int i = 0; i < 20; ++i)
        app.route_at_runtime("/route" + std::to_string(i), get(simple));
    return app.build();
}
Application app_with_scope() {
    return App::create()
        .service(scope("/api/v1")
                     .route("/users", get(simple).post(simple))
                     .route("/users/:id", get(param).put(param).delete_(param))
                     .route("/posts", get(simple))
                     .route("/posts/:id", get(param)))
        .build();
}
Application app_with_middleware() {
    return App::create()
        .wrap(Logger{})
        .wrap(Cors{})
        .wrap(Compress{})
        .route("/", get(simple))
        .build();
}
BENCHMARK(create<empty_app>)->Name("micro_app_creation/empty_app");
BENCHMARK(create<app_with_5_routes>)->Name("micro_app_creation/app_with_5_routes");
BENCHMARK(create<app_with_20_routes>)->Name("micro_app_creation/app_with_20_routes");
BENCHMARK(create<app_with_scope>)->Name("micro_app_creation/app_with_scope");
BENCHMARK(create<app_with_middleware>)->Name("micro_app_creation/app_with_middleware");

// --- micro_routing: a bare router beside an App

void direct_router(benchmark::State& state, std::string path) {
    const BareRouter bare;
    Connection x;
    for (auto _ : state) {
        arrive(x, Method::get, path);
        bare.serve(x);
        x.reset();
    }
}
void served(benchmark::State& state, Application (*make)(), std::string path) {
    const Application app = make();
    Connection x;
    for (auto _ : state) {
        arrive(x, Method::get, path);
        serve(app.dispatcher(), x);
        x.reset();
    }
}
// The original makes a request that owns its texts for each turn, for either of the two. Its memory
// costs twice as much on a heap in which an application was built, so there is one for both.
void direct_router_as_defined(benchmark::State& state, std::string path) {
    const Application app = four_routes();
    const BareRouter bare;
    for (auto _ : state) {
        Connection x;
        x.request = Request{Method::get, path};
        bare.serve(x);
    }
}
void served_as_defined(benchmark::State& state, std::string path) {
    const Application app = four_routes();
    const BareRouter bare;
    benchmark::DoNotOptimize(&bare);
    for (auto _ : state) {
        Connection x;
        x.request = Request{Method::get, path};
        serve(app.dispatcher(), x);
    }
}
BENCHMARK_CAPTURE(direct_router, , "/health")->Name("micro_routing/direct_router_static");
BENCHMARK_CAPTURE(served, , four_routes, "/health")->Name("micro_routing/micro_app_static");
BENCHMARK_CAPTURE(direct_router_as_defined, , "/health")
    ->Name("micro_routing_as_defined/direct_router_static");
BENCHMARK_CAPTURE(served_as_defined, , "/health")
    ->Name("micro_routing_as_defined/micro_app_static");
BENCHMARK_CAPTURE(direct_router, , "/users/123")->Name("micro_routing/direct_router_param");
BENCHMARK_CAPTURE(served, , four_routes, "/users/123")->Name("micro_routing/micro_app_param");
BENCHMARK_CAPTURE(direct_router_as_defined, , "/users/123")
    ->Name("micro_routing_as_defined/direct_router_param");
BENCHMARK_CAPTURE(served_as_defined, , "/users/123")
    ->Name("micro_routing_as_defined/micro_app_param");

// --- micro_middleware, micro_json

template <int count>
Application same_middleware() {
    App app = App::create();
    for (int i = 0; i < count; ++i)
        app.wrap(Compress{});
    return app.route("/", get(simple)).build();
}
Application one_middleware() {
    return App::create().wrap(Logger{}).route("/", get(simple)).build();
}
// A guard that reads a field, and an interceptor.
struct HasNoOrigin {
    bool can_activate(Request& request) const { return !request.header(Field::origin); }
};
Application guard_and_interceptor() {
    return App::create().guard(HasNoOrigin{}).intercept(Compress{}).route("/", get(simple)).build();
}
Application json_route() { return App::create().route("/json", get(json)).build(); }

BENCHMARK_CAPTURE(served, , same_middleware<0>, "/")->Name("micro_middleware/no_middleware");
BENCHMARK_CAPTURE(served, , one_middleware, "/")->Name("micro_middleware/1_middleware");
BENCHMARK_CAPTURE(served, , app_with_middleware, "/")->Name("micro_middleware/3_middleware");
// The chain alone: middleware with both hooks and nothing in them.
BENCHMARK_CAPTURE(served, , same_middleware<1>, "/")->Name("chain/1_middleware");
BENCHMARK_CAPTURE(served, , same_middleware<3>, "/")->Name("chain/3_middleware");
BENCHMARK_CAPTURE(served, , same_middleware<10>, "/")->Name("chain/10_middleware");
BENCHMARK_CAPTURE(served, , guard_and_interceptor, "/")->Name("chain/guard_and_interceptor");
BENCHMARK_CAPTURE(served, , json_route, "/json")->Name("micro_json/json_handler");

// --- micro_state
// What `.data(T)` makes of a value, what a handler does with its State<T>, and one more owner.

struct AppConfig {
    std::string name = "benchmark-application"; // too long for the string's own storage
    std::string version = "version 1.0.0 of 2026";
    bool debug = false;
};

void data_creation(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(std::make_shared<AppConfig>());
}
void data_access(benchmark::State& state) {
    AppConfig config;
    State<AppConfig> data{config};
    for (auto _ : state) {
        benchmark::DoNotOptimize(data);
        benchmark::DoNotOptimize(data->name.data());
        benchmark::DoNotOptimize(data->version.data());
        benchmark::DoNotOptimize(data->debug);
    }
}
void data_clone(benchmark::State& state) {
    const auto data = std::make_shared<AppConfig>();
    for (auto _ : state) {
        std::shared_ptr<AppConfig> copy = data;
        benchmark::DoNotOptimize(copy);
    }
}
BENCHMARK(data_creation)->Name("micro_state/data_creation");
BENCHMARK(data_access)->Name("micro_state/data_access");
BENCHMARK(data_clone)->Name("micro_state/data_clone");

// --- micro_route_builder, micro_scope

template <auto make>
void construct(benchmark::State& state) {
    for (auto _ : state) {
        auto made = make();
        benchmark::DoNotOptimize(made);
    }
}
auto single_method() { return get(simple); }
auto multiple_methods() { return get(simple).post(simple).put(simple).delete_(simple); }
auto any_method() { return any(simple); }
auto empty_scope() { return scope("/api"); }
auto scope_with_routes() {
    return scope("/api")
        .route("/users", get(simple))
        .route("/posts", get(simple))
        .route("/comments", get(simple));
}
auto nested_scopes() {
    return scope("/api").service(scope("/v1").service(scope("/users").route("/", get(simple))));
}
BENCHMARK(construct<single_method>)->Name("micro_route_builder/single_method");
BENCHMARK(construct<multiple_methods>)->Name("micro_route_builder/multiple_methods");
BENCHMARK(construct<any_method>)->Name("micro_route_builder/any_method");
BENCHMARK(construct<empty_scope>)->Name("micro_scope/empty_scope");
BENCHMARK(construct<scope_with_routes>)->Name("micro_scope/scope_with_routes");
BENCHMARK(construct<nested_scopes>)->Name("micro_scope/nested_scopes");

} // namespace
} // namespace armature

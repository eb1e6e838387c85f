#include <armature/routing/router.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Every measurement is Router::match and Leaf::resolve: from a decoded path to an endpoint.
namespace armature {
namespace {

struct BenchRoute {
    Method method;
    std::string pattern;
};

/// Route number `i` of the generator: four shapes, eight resources, five methods.
BenchRoute generated_route(std::size_t i) {
    static constexpr Method methods[] = {Method::get, Method::post, Method::put, Method::delete_,
                                         Method::patch};
    static constexpr const char* resources[] = {"users",    "posts",  "comments",  "articles",
                                                "products", "orders", "customers", "invoices"};
    const std::string resource = resources[i % 8];
    switch (i % 4) {
    case 0:
        return {methods[i % 5], "/api/" + resource};
    case 1:
        return {methods[i % 5], "/api/" + resource + "/:id"};
    case 2:
        return {methods[i % 5], "/api/v1/" + resource + "/:id/related"};
    default:
        return {methods[i % 5], "/api/v2/" + resource + "/nested/:id/deep"};
    }
}

/// The generator repeats itself after 40 routes, and a table refuses the same route twice.
Router generated_router(std::size_t count) {
    RouterBuilder builder;
    std::set<std::pair<Method, std::string>> known;
    for (std::size_t i = 0; i < count; ++i) {
        const BenchRoute route = generated_route(i);
        if (known.emplace(route.method, route.pattern).second) {
            builder.add(route.method, route.pattern, static_cast<EndpointId>(i));
        }
    }
    return builder.build();
}

/// Routes that are all different: the resource's name carries the number.
std::string distinct_pattern(std::size_t i) {
    const std::string resource = "resource" + std::to_string(i);
    return i % 2 == 0 ? "/api/" + resource : "/api/" + resource + "/:id";
}

Router distinct_router(std::size_t count) {
    RouterBuilder builder;
    for (std::size_t i = 0; i < count; ++i) {
        builder.add(Method::get, distinct_pattern(i), static_cast<EndpointId>(i));
    }
    return builder.build();
}

std::string with_id(std::string pattern, const std::string& id) {
    const std::size_t position = pattern.find(":id");
    return position == pattern.npos ? pattern : pattern.replace(position, 3, id);
}

void run(benchmark::State& state, const Router& router, Method method, std::string path) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(path.data());
        PathParams params;
        const Router::Leaf* leaf = router.match(path, params);
        EndpointId endpoint = leaf != nullptr ? leaf->resolve(method) : no_endpoint;
        benchmark::DoNotOptimize(endpoint);
        benchmark::DoNotOptimize(params);
    }
    state.SetLabel(path);
}

void match_first(benchmark::State& state) {
    run(state, generated_router(static_cast<std::size_t>(state.range(0))), Method::get,
        "/api/users");
}

void match_middle(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    const BenchRoute route = generated_route(count / 2);
    run(state, generated_router(count), route.method, with_id(route.pattern, "456"));
}

void match_last(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    const BenchRoute route = generated_route(count - 1);
    run(state, generated_router(count), route.method, with_id(route.pattern, "789"));
}

void not_found(benchmark::State& state) {
    run(state, generated_router(static_cast<std::size_t>(state.range(0))), Method::get,
        "/nonexistent/path");
}

void method_not_allowed(benchmark::State& state) {
    run(state, generated_router(static_cast<std::size_t>(state.range(0))), Method::trace,
        "/api/users");
}

void distinct_static(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    run(state, distinct_router(count), Method::get, distinct_pattern(count / 2 / 2 * 2));
}

void distinct_param(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    run(state, distinct_router(count), Method::get,
        with_id(distinct_pattern(count / 2 / 2 * 2 + 1), "456"));
}

/// Another route at each turn, so that neither caches nor branch predictors know the way.
void distinct_shuffled(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    const Router router = distinct_router(count);
    std::vector<std::string> paths;
    std::uint64_t random = 88172645463325252u; // xorshift64
    for (std::size_t i = 0; i < 4096; ++i) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        paths.push_back(with_id(distinct_pattern(random % count), "456"));
    }
    std::size_t i = 0;
    for (auto _ : state) {
        PathParams params;
        benchmark::DoNotOptimize(router.match(paths[i++ % paths.size()], params));
    }
}

void constrained_param(benchmark::State& state) {
    RouterBuilder builder;
    builder.add(Method::get, "/users/{id:uuid}", 0);
    builder.add(Method::get, "/users/{id:uint}", 1);
    builder.add(Method::get, "/users/{name}", 2);
    run(state, builder.build(), Method::get, "/users/12345");
}

void wildcard(benchmark::State& state) {
    RouterBuilder builder;
    builder.add(Method::get, "/assets/*file", 0);
    run(state, builder.build(), Method::get, "/assets/css/themes/dark/site.css");
}

void regex_param(benchmark::State& state) {
    RouterBuilder builder;
    builder.add(Method::get, "/posts/{day:regex([0-9]{4}-[0-9]{2}-[0-9]{2})}", 0);
    run(state, builder.build(), Method::get, "/posts/2024-01-15");
}

void build_table(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    for (auto _ : state) {
        Router router = distinct_router(count);
        benchmark::DoNotOptimize(router);
    }
}

void sizes(benchmark::internal::Benchmark* bench) { bench->Arg(10)->Arg(50)->Arg(100)->Arg(500); }
void distinct_sizes(benchmark::internal::Benchmark* bench) { bench->Arg(10)->Arg(500)->Arg(10000); }

BENCHMARK(match_first)->Apply(sizes);
BENCHMARK(match_middle)->Apply(sizes);
BENCHMARK(match_last)->Apply(sizes);
BENCHMARK(not_found)->Apply(sizes);
BENCHMARK(method_not_allowed)->Apply(sizes);
BENCHMARK(distinct_static)->Apply(distinct_sizes);
BENCHMARK(distinct_param)->Apply(distinct_sizes);
BENCHMARK(distinct_shuffled)->Apply(distinct_sizes);
BENCHMARK(constrained_param);
BENCHMARK(wildcard);
BENCHMARK(regex_param);
BENCHMARK(build_table)->Arg(500)->Arg(10000)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace armature

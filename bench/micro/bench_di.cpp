// What dependency injection costs: to build a container, and at a request beside State.
#include <armature/app/app.hpp>
#include <armature/di/di.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace armature {
namespace {

struct Counter {
    std::size_t count = 0;
};
struct PerRequest {
    explicit PerRequest(Counter& given) : counter(given) {}
    Counter& counter;
};

// A chain of services, each of which needs the one before.
template <std::size_t Number>
struct Link {
    explicit Link(Link<Number - 1>& before) : previous(before) {}
    Link<Number - 1>& previous;
};
template <>
struct Link<0> {};

template <std::size_t... Number>
App chain(std::index_sequence<Number...>) {
    App app = App::create();
    (app.provide<Link<Number>>(), ...);
    return app;
}

void build_50_services(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(chain(std::make_index_sequence<50>{}).build());
}
BENCHMARK(build_50_services);

// What the same application costs without them.
void build_nothing(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(App::create().build());
}
BENCHMARK(build_nothing);

template <class Handler>
void serve(benchmark::State& state, App app, Handler handler) {
    app.route("/", get(handler));
    const Application built = app.build();
    class Local final : public Exchange {
        void completed() override {}
    } exchange;
    for (auto _ : state) {
        exchange.request.reset();
        exchange.response.reset();
        exchange.request.head() = RequestHead{};
        exchange.request.head().path_has_percent = exchange.request.head().path_has_dot = false;
        built.dispatcher().route(exchange);
        benchmark::DoNotOptimize(built.dispatcher().dispatch(exchange));
    }
}

void handler_with_nothing(benchmark::State& state) {
    serve(state, App::create(), [] { return Status::ok; });
}
BENCHMARK(handler_with_nothing);

void handler_with_state(benchmark::State& state) {
    serve(state, App::create().data(Counter{}), [](State<Counter> counter) {
        ++counter->count;
        return Status::ok;
    });
}
BENCHMARK(handler_with_state);

void handler_with_inject(benchmark::State& state) {
    serve(state, App::create().provide<Counter>(), [](Inject<Counter> counter) {
        ++counter->count;
        return Status::ok;
    });
}
BENCHMARK(handler_with_inject);

void handler_with_inject_per_request(benchmark::State& state) {
    serve(state, App::create().provide<Counter>().provide(provider<PerRequest>().per_request()),
          [](Inject<PerRequest> service) {
              ++service->counter.count;
              return Status::ok;
          });
}
BENCHMARK(handler_with_inject_per_request);

} // namespace
} // namespace armature


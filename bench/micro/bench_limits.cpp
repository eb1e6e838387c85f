#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <ctime>
#include <memory>
#include <string>

// What a row of the roadmap cannot do without, alone: the least that it can cost on this machine.
namespace {

// A text that is returned is an allocation and a copy.
void new_text_of_27_bytes(benchmark::State& state) {
    const std::string text = R"({"message":"Hello, World!"})";
    for (auto _ : state) {
        std::string copy = text;
        benchmark::DoNotOptimize(copy.data());
    }
}
BENCHMARK(new_text_of_27_bytes)->Name("limit/new_text_of_27_bytes");

// A shared object with two texts that are too long to be kept in place.
void three_allocations(benchmark::State& state) {
    for (auto _ : state) {
        const auto object = std::make_unique<std::array<char, 88>>();
        const auto one = std::make_unique_for_overwrite<char[]>(22);
        const auto other = std::make_unique_for_overwrite<char[]>(22);
        benchmark::DoNotOptimize(object.get());
        benchmark::DoNotOptimize(one.get());
        benchmark::DoNotOptimize(other.get());
    }
}
BENCHMARK(three_allocations)->Name("limit/three_allocations");

void three_loads(benchmark::State& state) {
    std::array<const char*, 3> members{"a", "b", "c"};
    benchmark::DoNotOptimize(members.data());
    for (auto _ : state) {
        for (const char* member : members)
            benchmark::DoNotOptimize(member);
        benchmark::ClobberMemory();
    }
}
BENCHMARK(three_loads)->Name("limit/three_loads");

void atomic_up_and_down(benchmark::State& state) {
    std::atomic<int> owners{1};
    for (auto _ : state) {
        owners.fetch_add(1, std::memory_order_relaxed);
        benchmark::DoNotOptimize(owners.fetch_sub(1, std::memory_order_acq_rel));
    }
}
BENCHMARK(atomic_up_and_down)->Name("limit/atomic_up_and_down");

void two_clock_readings(benchmark::State& state) {
    for (auto _ : state) {
        std::timespec begin{};
        std::timespec end{};
        ::clock_gettime(CLOCK_MONOTONIC, &begin);
        ::clock_gettime(CLOCK_MONOTONIC, &end);
        benchmark::DoNotOptimize(end.tv_nsec - begin.tv_nsec);
    }
}
BENCHMARK(two_clock_readings)->Name("limit/two_clock_readings");

} // namespace

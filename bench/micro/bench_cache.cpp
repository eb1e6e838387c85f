// What the cache costs on one thread: a hit, a value set, a hit through `get_or_load`; and an
// std::unordered_map under a lock beside it, the least that any cache does.

#include <armature/cache/cache.hpp>

#include <benchmark/benchmark.h>

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using namespace armature;

constexpr std::size_t count = 10'000;

std::vector<std::string> keys() {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < count; ++i)
        made.push_back("user:" + std::to_string(i));
    return made;
}

void fill(const Cache& cache, const std::vector<std::string>& names) {
    for (const std::string& name : names)
        cache.set<std::string>(name, "a value of usual size");
}

void CacheHit(benchmark::State& state) {
    const Cache cache;
    const auto names = keys();
    fill(cache, names);
    std::size_t i = 0;
    for (auto _ : state)
        benchmark::DoNotOptimize(cache.get<std::string>(names[i++ % count]));
}
BENCHMARK(CacheHit);

void CacheSet(benchmark::State& state) {
    const Cache cache;
    const auto names = keys();
    std::size_t i = 0;
    for (auto _ : state)
        cache.set<std::string>(names[i++ % count], "a value of usual size");
}
BENCHMARK(CacheSet);

void CacheHitByLoad(benchmark::State& state) {
    const Cache cache;
    const auto names = keys();
    fill(cache, names);
    LocalLoop loop;
    const auto load = []() -> Task<std::string> { co_return "a value"; };
    std::size_t i = 0;
    for (auto _ : state)
        benchmark::DoNotOptimize(
            loop.run(cache.get_or_load<std::string>(names[i++ % count], load)));
}
BENCHMARK(CacheHitByLoad);

void LockedMapHit(benchmark::State& state) {
    std::unordered_map<std::string, std::shared_ptr<const std::string>> map;
    std::mutex mutex;
    const auto names = keys();
    for (const std::string& name : names)
        map[name] = std::make_shared<const std::string>("a value of usual size");
    std::size_t i = 0;
    for (auto _ : state) {
        const std::lock_guard lock(mutex);
        benchmark::DoNotOptimize(std::shared_ptr{map.find(names[i++ % count])->second});
    }
}
BENCHMARK(LockedMapHit);

} // namespace

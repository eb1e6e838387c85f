// JSON in and out, typed, beside nlohmann/json's document tree.
#include "json_payloads.hpp"

#include <armature/json/nlohmann.hpp>
#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

#include <benchmark/benchmark.h>

namespace {

using namespace bench;

template <class T>
void serialize(benchmark::State& state) {
    const T value = payload<T>();
    for (auto _ : state) {
        std::string text = armature::to_json(value);
        benchmark::DoNotOptimize(text.data());
    }
    state.SetBytesProcessed(state.iterations() *
                            static_cast<std::int64_t>(armature::to_json(value).size()));
}

template <class T>
void serialize_into_kept_string(benchmark::State& state) {
    const T value = payload<T>();
    std::string text;
    for (auto _ : state) {
        text.clear();
        armature::write_json(text, value);
        benchmark::DoNotOptimize(text.data());
    }
}

template <class T>
void deserialize(benchmark::State& state) {
    const std::string text = armature::to_json(payload<T>());
    for (auto _ : state) {
        T value;
        armature::JsonErrors errors;
        if (armature::read_json(text, value, errors) != armature::JsonStatus::ok)
            state.SkipWithError("refused");
        benchmark::DoNotOptimize(&value);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

template <class T>
void check_only(benchmark::State& state) {
    const std::string text = armature::to_json(payload<T>());
    for (auto _ : state) {
        armature::JsonErrors errors;
        benchmark::DoNotOptimize(armature::check_json(text, errors));
    }
}

template <class T>
void nlohmann_serialize(benchmark::State& state) {
    const auto document = nlohmann::json::parse(armature::to_json(payload<T>()));
    for (auto _ : state) {
        std::string text = document.dump();
        benchmark::DoNotOptimize(text.data());
    }
}

template <class T>
void nlohmann_parse(benchmark::State& state) {
    const std::string text = armature::to_json(payload<T>());
    for (auto _ : state) {
        auto document = nlohmann::json::parse(text);
        benchmark::DoNotOptimize(&document);
    }
}

#define ARMATURE_BENCH_PAYLOADS(function)                                                          \
    BENCHMARK(function<Small>);                                                                    \
    BENCHMARK(function<Medium>);                                                                   \
    BENCHMARK(function<Large>)
ARMATURE_BENCH_PAYLOADS(serialize);
ARMATURE_BENCH_PAYLOADS(serialize_into_kept_string);
ARMATURE_BENCH_PAYLOADS(deserialize);
ARMATURE_BENCH_PAYLOADS(check_only);
ARMATURE_BENCH_PAYLOADS(nlohmann_serialize);
ARMATURE_BENCH_PAYLOADS(nlohmann_parse);

} // namespace

// JSON in and out for the small (27 B), medium (145 B) and large (about 29 KB, 100 users)
// payloads, typed, beside nlohmann/json's document tree.
#include <armature/json/nlohmann.hpp>
#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

#include <benchmark/benchmark.h>

namespace {

struct Small {
    std::string message;
};
ARMATURE_DESCRIBE(Small, message);

struct Medium {
    std::uint64_t id{};
    std::string name;
    std::string email;
    bool active{};
    std::string created_at;
    std::vector<std::string> tags;
};
ARMATURE_DESCRIBE(Medium, id, name, email, active, created_at, tags);

struct Profile {
    std::string avatar;
    std::string bio;
    std::string location;
    std::string website;
};
ARMATURE_DESCRIBE(Profile, avatar, bio, location, website);

struct User {
    std::uint64_t id{};
    std::string name;
    std::string email;
    std::string role;
    std::vector<std::string> permissions;
    Profile profile;
};
ARMATURE_DESCRIBE(User, id, name, email, role, permissions, profile);

struct Metadata {
    std::uint64_t total{};
    std::uint32_t page{};
    std::uint32_t per_page{};
    std::uint32_t pages{};
};
ARMATURE_DESCRIBE(Metadata, total, page, per_page, pages);

struct Large {
    std::vector<User> users;
    Metadata metadata;
};
ARMATURE_DESCRIBE(Large, users, metadata);

template <class T>
T payload();
template <>
Small payload() {
    return {"Hello, World!"};
}
template <>
Medium payload() {
    return {12345,
            "John Doe",
            "john.doe@example.com",
            true,
            "2024-01-15T10:30:00Z",
            {"developer", "rust", "web"}};
}
template <>
Large payload() {
    Large large{{}, {100, 1, 100, 1}};
    for (std::uint64_t i = 0; i != 100; ++i) {
        const std::string n = std::to_string(i);
        large.users.push_back(
            {i,
             "User " + n,
             "user" + n + "@example.com",
             i % 10 == 0 ? "admin" : "user",
             {"read", "write", "delete"},
             {"https://example.com/avatars/" + n + ".png", "This is the bio of user number " + n,
              "San Francisco, CA", "https://user" + n + ".example.com"}});
    }
    return large;
}

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

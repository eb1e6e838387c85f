// The same payloads through simdjson (into the same structs, and as its document) and RapidJSON
// (its document, and its writer from the same structs).
#include "json_payloads.hpp"

#include <armature/json/write.hpp>

#include <benchmark/benchmark.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

namespace {

using namespace bench;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

std::string text_of(value item) { return std::string(std::string_view(item)); }

std::vector<std::string> texts_of(value list) {
    std::vector<std::string> texts;
    for (value item : list.get_array())
        texts.push_back(text_of(item));
    return texts;
}

// Members are looked for in the order in which they come: simdjson's fast way.
void read(object from, Small& to) { to.message = text_of(from["message"]); }
void read(object from, Medium& to) {
    to.id = from["id"];
    to.name = text_of(from["name"]);
    to.email = text_of(from["email"]);
    to.active = from["active"];
    to.created_at = text_of(from["created_at"]);
    to.tags = texts_of(from["tags"]);
}
void read(object from, Large& to) {
    for (object user : from["users"].get_array()) {
        User& out = to.users.emplace_back();
        out.id = user["id"];
        out.name = text_of(user["name"]);
        out.email = text_of(user["email"]);
        out.role = text_of(user["role"]);
        out.permissions = texts_of(user["permissions"]);
        object profile = user["profile"];
        out.profile.avatar = text_of(profile["avatar"]);
        out.profile.bio = text_of(profile["bio"]);
        out.profile.location = text_of(profile["location"]);
        out.profile.website = text_of(profile["website"]);
    }
    object metadata = from["metadata"];
    to.metadata.total = metadata["total"];
    to.metadata.page = static_cast<std::uint32_t>(std::uint64_t(metadata["page"]));
    to.metadata.per_page = static_cast<std::uint32_t>(std::uint64_t(metadata["per_page"]));
    to.metadata.pages = static_cast<std::uint32_t>(std::uint64_t(metadata["pages"]));
}

// A request's content comes without simdjson's padding, so it is copied into a padded string.
template <class T>
void simdjson_deserialize(benchmark::State& state) {
    const std::string text = armature::to_json(payload<T>());
    simdjson::ondemand::parser parser;
    for (auto _ : state) {
        T value;
        simdjson::padded_string padded(text);
        auto document = parser.iterate(padded);
        read(document.get_object(), value);
        benchmark::DoNotOptimize(&value);
    }
}

template <class T>
void simdjson_parse(benchmark::State& state) {
    const simdjson::padded_string text(armature::to_json(payload<T>()));
    simdjson::dom::parser parser;
    for (auto _ : state)
        benchmark::DoNotOptimize(parser.parse(text).error());
}

template <class T>
void rapidjson_parse(benchmark::State& state) {
    const std::string text = armature::to_json(payload<T>());
    for (auto _ : state) {
        rapidjson::Document document;
        document.Parse<rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
        benchmark::DoNotOptimize(&document);
    }
}

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write(Writer& to, const std::string& text) {
    to.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
void write(Writer& to, const char* name, const std::string& text) {
    to.Key(name);
    write(to, text);
}
void write(Writer& to, const std::vector<std::string>& texts) {
    to.StartArray();
    for (const std::string& text : texts)
        write(to, text);
    to.EndArray();
}
void write(Writer& to, const Small& value) {
    to.StartObject();
    write(to, "message", value.message);
    to.EndObject();
}
void write(Writer& to, const Medium& value) {
    to.StartObject();
    to.Key("id");
    to.Uint64(value.id);
    write(to, "name", value.name);
    write(to, "email", value.email);
    to.Key("active");
    to.Bool(value.active);
    write(to, "created_at", value.created_at);
    to.Key("tags");
    write(to, value.tags);
    to.EndObject();
}
void write(Writer& to, const Large& value) {
    to.StartObject();
    to.Key("users");
    to.StartArray();
    for (const User& user : value.users) {
        to.StartObject();
        to.Key("id");
        to.Uint64(user.id);
        write(to, "name", user.name);
        write(to, "email", user.email);
        write(to, "role", user.role);
        to.Key("permissions");
        write(to, user.permissions);
        to.Key("profile");
        to.StartObject();
        write(to, "avatar", user.profile.avatar);
        write(to, "bio", user.profile.bio);
        write(to, "location", user.profile.location);
        write(to, "website", user.profile.website);
        to.EndObject();
        to.EndObject();
    }
    to.EndArray();
    to.Key("metadata");
    to.StartObject();
    to.Key("total");
    to.Uint64(value.metadata.total);
    to.Key("page");
    to.Uint(value.metadata.page);
    to.Key("per_page");
    to.Uint(value.metadata.per_page);
    to.Key("pages");
    to.Uint(value.metadata.pages);
    to.EndObject();
    to.EndObject();
}

template <class T>
void rapidjson_serialize(benchmark::State& state) {
    const T value = payload<T>();
    for (auto _ : state) {
        rapidjson::StringBuffer buffer;
        Writer writer(buffer);
        write(writer, value);
        std::string text(buffer.GetString(), buffer.GetSize());
        benchmark::DoNotOptimize(text.data());
    }
}

#define ARMATURE_BENCH_PAYLOADS(function)                                                          \
    BENCHMARK(function<Small>);                                                                    \
    BENCHMARK(function<Medium>);                                                                   \
    BENCHMARK(function<Large>)
ARMATURE_BENCH_PAYLOADS(simdjson_deserialize);
ARMATURE_BENCH_PAYLOADS(simdjson_parse);
ARMATURE_BENCH_PAYLOADS(rapidjson_parse);
ARMATURE_BENCH_PAYLOADS(rapidjson_serialize);

} // namespace

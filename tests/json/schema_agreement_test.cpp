// A generated schema accepts what the decoder accepts, and refuses what it refuses: 10,000
// documents for each described type, judged by Ajv.
#include "json/described_types.hpp"
#include "json/document_generator.hpp"
#include "support/process.hpp"

#include <armature/json/read.hpp>
#include <armature/json/schema.hpp>
#include <armature/json/write.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace armature {
namespace {

using armature::testing::DocumentGenerator;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int document_count = 1'000; // instrumented code has no other opinion, but takes its time
#else
constexpr int document_count = 10'000;
#endif

template <class T>
void write_cases(std::ostream& out, std::uint64_t seed) {
    JsonWriter head;
    head.begin_object().member("name", type_info<T>().name);
    head.key("input").raw(json_schema<T>(SchemaUse::input));
    head.key("output").raw(json_schema<T>(SchemaUse::output)).end_object();
    out << head.take() << '\n';

    DocumentGenerator generator(seed);
    int accepted = 0;
    for (int i = 0; i != document_count; ++i) {
        const std::string text = generator.text(generator.document(type_info<T>()));
        T value{};
        JsonErrors errors;
        const JsonStatus status = read_json(text, value, errors);
        ASSERT_NE(status, JsonStatus::malformed) << text << errors.syntax()->detail;
        JsonWriter line;
        line.begin_object().member("text", text);
        out << line.member("accepted", status == JsonStatus::ok).end_object().take() << '\n';
        if (status != JsonStatus::ok) continue;
        ++accepted;
        JsonWriter written;
        out << written.begin_object().member("written", to_json(value)).end_object().take() << '\n';
    }
    // Enough of both that agreement means something.
    EXPECT_GT(accepted, document_count / 10) << type_info<T>().name;
    EXPECT_LT(accepted, document_count - document_count / 10) << type_info<T>().name;
}

TEST(JsonSchema, AcceptsWhatTheDecoderAcceptsByAjv) {
    const std::string sources = SCHEMA_JUDGE;
    const std::string installed = SCHEMA_JUDGE_INSTALLED;
    using armature::testing::run, armature::testing::shell;
    ASSERT_EQ(shell("node --version && npm --version").status, 0)
        << "this test needs Node.js and npm (Debian: nodejs npm)";
    if (!std::filesystem::exists(installed + "/node_modules/ajv-formats")) {
        const auto npm = shell("mkdir -p '" + installed + "' && cd '" + installed + "' && cp '" +
                               sources + "/'{package.json,package-lock.json,.npmrc} . && npm ci");
        ASSERT_EQ(npm.status, 0) << npm.output;
    }
    const std::string cases = installed + "/cases.jsonl";
    {
        std::ofstream out(cases, std::ios::binary);
        using namespace described;
        write_cases<Numbers>(out, 1);
        write_cases<Bounds>(out, 2);
        write_cases<Texts>(out, 3);
        write_cases<Formats>(out, 4);
        write_cases<Lists>(out, 5);
        write_cases<Kinds>(out, 6);
        write_cases<Shape>(out, 7);
        write_cases<Category>(out, 8);
        write_cases<Noted>(out, 9);
        ASSERT_TRUE(out.flush());
    }
    ::setenv("NODE_PATH", (installed + "/node_modules").c_str(), 1);
    const auto ran = run({"node", sources + "/judge.cjs", cases});
    EXPECT_EQ(ran.status, 0) << ran.output;
}

} // namespace
} // namespace armature

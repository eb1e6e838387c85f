#include "support/test_server.hpp"

#include <armature/app/app.hpp>
#include <armature/flags/flags.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace armature::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* some = R"({
  "flags": {
    "new-checkout": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
      "targeting": {"if": [{"ends_with": [{"var": "email"}, "@example.com"]}, "on"]}},
    "color": {"state": "ENABLED", "variants": {"r": "red", "b": "blue"}, "defaultVariant": "r"},
    "size": {"state": "ENABLED", "variants": {"s": 1, "l": 2.5}, "defaultVariant": "l"},
    "box": {"state": "ENABLED", "variants": {"x": {"width": 3, "name": "x"}}, "defaultVariant": "x"},
    "off": {"state": "DISABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"},
    "share": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
      "targeting": {"fractional": [["on", 20], ["off", 80]]}},
    "broken": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
      "targeting": {"if": [{"<": [{"var": "email"}, 3]}, "on"]}}
  }
})";

struct Box {
    int width = 0;
    std::string name;
};
ARMATURE_DESCRIBE(Box, width, name);

TEST(Flags, HaveValuesOfFourTypes) {
    const Flags flags = Flags::from_json(some);
    EXPECT_FALSE(flags.value("new-checkout", true));
    EXPECT_EQ(flags.value("color", "green"), "red");
    EXPECT_EQ(flags.value("size", 0.0), 2.5);
    EXPECT_EQ(flags.value("box", Box{}).width, 3);
}

TEST(Flags, SayWhyTheyHaveTheirValues) {
    const Flags flags = Flags::from_json(some);
    const FlagContext ada = FlagContext{"ada"}.set("email", "ada@example.com").set("age", 36);
    const auto details = flags.details("new-checkout", false, ada);
    EXPECT_TRUE(details.value);
    EXPECT_EQ(details.variant, "on");
    EXPECT_EQ(details.reason, FlagReason::targeting_match);
    EXPECT_EQ(flags.details("new-checkout", true).reason, FlagReason::default_);
    EXPECT_EQ(flags.details("color", "").reason, FlagReason::static_);
    EXPECT_EQ(flags.details("share", false, ada).reason, FlagReason::split);
    const auto off = flags.details("off", false);
    EXPECT_FALSE(off.value);
    EXPECT_EQ(off.reason, FlagReason::disabled);
    EXPECT_EQ(to_string(off.reason), "DISABLED");
}

TEST(Flags, GiveTheCallersDefaultWhenTheyCantBeHad) {
    const Flags flags = Flags::from_json(some);
    const auto missing = flags.details("nowhere", 7);
    EXPECT_EQ(missing.value, 7);
    EXPECT_EQ(missing.reason, FlagReason::error);
    EXPECT_EQ(missing.error, FlagError::flag_not_found);
    EXPECT_EQ(flags.details("color", true).error, FlagError::type_mismatch);
    EXPECT_EQ(flags.details("color", 3).error, FlagError::type_mismatch);
    EXPECT_EQ(flags.details("size", 3).error, FlagError::type_mismatch) << "2.5 is no int";
    EXPECT_EQ(flags.details("size", std::string{"x"}).error, FlagError::type_mismatch);
    const auto broken = flags.details("broken", true, FlagContext{}.set("email", "ada"));
    EXPECT_TRUE(broken.value);
    EXPECT_EQ(broken.error, FlagError::general);
    EXPECT_THAT(broken.message, HasSubstr("number"));
    EXPECT_EQ(to_string(broken.error), "GENERAL");
}

TEST(Flags, DivideContextsInTheSharesThatAreAskedFor) {
    const Flags flags = Flags::from_json(some);
    int on = 0;
    for (int i = 0; i < 10'000; ++i)
        on += flags.value("share", false, FlagContext{"user-" + std::to_string(i)}) ? 1 : 0;
    EXPECT_NEAR(on, 2000, 200);
    const FlagContext one{"user-1"};
    EXPECT_EQ(flags.value("share", false, one), flags.value("share", false, one));
}

TEST(Flags, CanBeOverridden) {
    const Flags flags = Flags::from_json(some);
    const Flags copy = flags;
    flags.set_override("new-checkout", "on");
    EXPECT_TRUE(copy.value("new-checkout", false));
    EXPECT_EQ(copy.details("new-checkout", false).reason, FlagReason::static_);
    EXPECT_THROW(flags.set_override("new-checkout", "maybe"), std::invalid_argument);
    EXPECT_THROW(flags.set_override("nowhere", "on"), std::invalid_argument);
    flags.clear_override("new-checkout");
    EXPECT_FALSE(copy.value("new-checkout", false));
}

struct Recorder final : FlagHook {
    explicit Recorder(std::string called, std::vector<std::string>& to) : name(called), seen(to) {}
    void before(std::string_view key, FlagContext& context) override {
        context.set("email", "hook@example.com");
        seen.push_back(name + " before " + std::string{key});
    }
    void after(const FlagOutcome& outcome) override {
        seen.push_back(name + " after " + std::string{outcome.variant});
    }
    void error(const FlagOutcome& outcome) override {
        seen.push_back(name + " error " + std::string{to_string(outcome.error)});
    }
    void finally(const FlagOutcome& outcome) override {
        seen.push_back(name + " finally " + std::string{to_string(outcome.reason)});
    }
    std::string name;
    std::vector<std::string>& seen;
};

TEST(Flags, TellHooks) {
    std::vector<std::string> seen;
    FlagOptions options;
    options.hooks = {std::make_shared<Recorder>("1", seen), std::make_shared<Recorder>("2", seen)};
    const Flags flags = Flags::from_json(some, std::move(options));
    EXPECT_TRUE(flags.value("new-checkout", false)) << "a hook adds to the context";
    EXPECT_THAT(seen, ElementsAre("1 before new-checkout", "2 before new-checkout", "2 after on",
                                  "1 after on", "2 finally TARGETING_MATCH",
                                  "1 finally TARGETING_MATCH"));
    seen.clear();
    (void)flags.value("nowhere", 1);
    EXPECT_THAT(seen, ElementsAre("1 before nowhere", "2 before nowhere", "2 error FLAG_NOT_FOUND",
                                  "1 error FLAG_NOT_FOUND", "2 finally ERROR", "1 finally ERROR"));
}

std::string fault(std::string_view json) {
    try {
        (void)Flags::from_json(json);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "none";
}

TEST(Flags, StopTheStartWhenTheFileIsWrong) {
    const std::pair<const char*, const char*> table[] = {
        {"{\n\"flags\": {,}}", "line 2"},
        {"[]", "an object with \"flags\""},
        {R"({"flags": {"a": 1}})", "\"a\" isn't an object"},
        {R"({"flags": {"a": {"variants": {"x": 1}}}})", "\"a\" needs a state"},
        {R"({"flags": {"a": {"state": "ON", "variants": {"x": 1}}}})", "\"a\" needs a state"},
        {R"({"flags": {"a": {"state": "ENABLED"}}})", "needs variants"},
        {R"({"flags": {"a": {"state": "ENABLED", "variants": {}}}})", "needs variants"},
        {R"({"flags": {"a": {"state": "ENABLED", "variants": {"x": null}}}})", "neither"},
        {R"({"flags": {"a": {"state": "ENABLED", "variants": {"x": 1, "y": "2"}}}})",
         "different types"},
        {R"({"flags": {"a": {"state": "ENABLED", "variants": {"x": 1}, "defaultVariant": "y"}}})",
         "isn't among"},
        {R"({"flags": {"a": {"state": "ENABLED", "variants": {"x": 1}, "targeting": {"wheel": [1]}}}})",
         "\"wheel\""},
        {R"({"flags": {"a": {"state": "ENABLED", "variants": {"x": 1}, "targeting": {"==": [1]}}}})",
         "too few"},
        {R"({"flags": {"a": {"state": "ENABLED", "variants": {"x": 1}, "targeting": {"if": [1, {"a": 1, "b": 2}]}}}})",
         "two operators"},
        {R"({"flags": {"a": {"state": "ENABLED", "variants": {"x": 1}, "targeting": {"$ref": "b"}}}})",
         "isn't there"},
        {R"({"$evaluators": {"b": {"!": {"$ref": "b"}}}, "flags": {"a": {"state": "ENABLED", "variants": {"x": 1}, "targeting": {"$ref": "b"}}}})",
         "refer to themselves"},
        {R"({"flags": {"a": {"state": "ENABLED", "variants": {"x": 1}}, "a": {"state": "ENABLED", "variants": {"x": 1}}}})",
         "/flags/a"},
    };
    for (const auto& [json, why] : table)
        EXPECT_THAT(fault(json), HasSubstr(why)) << json;
    EXPECT_THROW(Flags{"/nowhere/flags.json"}, std::invalid_argument);
}

class FlagFile : public ::testing::Test {
  protected:
    FlagFile() {
        std::string name = std::filesystem::temp_directory_path() / "armature-flags-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        folder_ = name;
        file = folder_ / "flags.json";
        write("r");
    }
    ~FlagFile() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& variant) const {
        std::ofstream{file} << R"({"flags": {"color": {"state": "ENABLED", "variants": )"
                            << R"({"r": "red", "b": "blue"}, "defaultVariant": ")" << variant
                            << "\"}}}";
    }
    std::string file;

  private:
    std::filesystem::path folder_;
};

TEST_F(FlagFile, IsReadAnewWhenItChanges) {
    FlagOptions options;
    options.reload_every = Duration::milliseconds(5);
    const Flags flags{file, std::move(options)};
    EXPECT_EQ(flags.value("color", ""), "red");
    write("b");
    EXPECT_TRUE(eventually([&] { return flags.value("color", "") == "blue"; }));
}

TEST_F(FlagFile, StaysAsItWasWhenItsChangeIsBroken) {
    FlagOptions options;
    options.reload_every = {};
    const Flags flags{file, std::move(options)};
    write("nowhere");
    EXPECT_THROW(flags.reload(), std::invalid_argument);
    EXPECT_EQ(flags.value("color", ""), "red");
    write("b");
    flags.reload();
    EXPECT_EQ(flags.value("color", ""), "blue");
}

TEST_F(FlagFile, CanBeReadByManyThreadsWhileItChanges) {
    FlagOptions options;
    options.reload_every = {};
    const Flags flags{file, std::move(options)};
    std::atomic<bool> wrong = false;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 2000; ++i) {
                const std::string color = flags.value("color", "none");
                if (color != "red" && color != "blue") wrong = true;
            }
        });
    for (int i = 0; i < 50; ++i) {
        write(i % 2 == 0 ? "b" : "r");
        flags.reload();
        flags.set_override("color", "r");
        flags.clear_override("color");
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_FALSE(wrong);
}

TEST(Flags, AreParametersOfHandlers) {
    TestClient client{App::create()
                          .wrap(FlagEvaluation{Flags::from_json(some),
                                               [](Request& request, FlagContext& context) {
                                                   context.set("email",
                                                               request.query("email").value_or(""));
                                               }})
                          .route("/", get([](RequestFlags flags) {
                                     return flags.value("new-checkout", false) ? "new" : "old";
                                 }))};
    EXPECT_EQ(client.get("/").send().text(), "old");
    EXPECT_EQ(client.get("/?email=ada@example.com").send().text(), "new");
    TestClient without{
        App::create().route("/", get([](RequestFlags flags) { return flags.value("color", ""); }))};
    EXPECT_EQ(without.get("/").send().status(), Status::internal_server_error);
}

} // namespace
} // namespace armature::testing

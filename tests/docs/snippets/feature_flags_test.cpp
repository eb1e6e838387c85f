// The C++ of docs/feature-flags.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/flags/ofrep.hpp>
#include <armature/testing/client.hpp>

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>

namespace feature_flags_page {

using namespace armature;

bool may_read_flags(Request& request) { return request.header("x-key") == "secret"; }

// [app]
App shop() {
    return App::create()
        .wrap(FlagEvaluation{Flags{"flags.json"},
                             [](Request& request, FlagContext& context) {
                                 context.set("targetingKey", request.param("user").value_or(""));
                             }})
        .route("/checkout/{user}", get([](RequestFlags flags) {
                   return flags.value("new-checkout", false) ? "the new one" : "the old one";
               }));
}
// [/app]

// [details]
std::string explain(const Flags& flags, std::string_view user) {
    const auto details = flags.details(
        "new-checkout", false, FlagContext{user}.set("email", "ada@example.com").set("age", 36));
    return details.variant + " because of " + std::string{to_string(details.reason)};
}
// [/details]

// [hook]
struct CountErrors final : FlagHook {
    void error(const FlagOutcome&) override { ++count; }
    std::atomic<int> count = 0;
};
// [/hook]

// [ofrep]
App flag_service(const Flags& flags) {
    return App::create().service(ofrep(flags).guard(may_read_flags));
}
// [/ofrep]

constexpr const char* file = R"({"flags": {"new-checkout": {"state": "ENABLED",
  "variants": {"on": true, "off": false}, "defaultVariant": "off",
  "targeting": {"if": [{"ends_with": [{"var": "email"}, "@example.com"]}, "on",
                       {"fractional": [["on", 0], ["off", 90]]}]}}}})";

TEST(FeatureFlagsPage, EvaluatesForWhoeverAsks) {
    std::string name = std::filesystem::temp_directory_path() / "armature-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(name);
    std::ofstream{"flags.json"} << file;
    TestClient client{shop()};
    EXPECT_EQ(client.get("/checkout/ada").send().text(), "the old one");
    std::filesystem::current_path(before);
    std::filesystem::remove_all(name);

    FlagOptions options;
    const auto errors = std::make_shared<CountErrors>();
    options.hooks = {errors};
    const Flags flags = Flags::from_json(file, std::move(options));
    EXPECT_EQ(explain(flags, "ada"), "on because of TARGETING_MATCH");
    EXPECT_EQ(flags.value("nowhere", 1), 1);
    EXPECT_EQ(errors->count, 1);
    TestClient service{flag_service(flags)};
    EXPECT_EQ(
        service.post("/ofrep/v1/evaluate/flags").body("application/json", "{}").send().status(),
        Status::forbidden);
}

} // namespace feature_flags_page

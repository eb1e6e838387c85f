// The C++ of docs/logging.md: compiled and run here, repeated there.
#include <armature/config/secret.hpp>
#include <armature/log/capture.hpp>
#include <armature/log/log.hpp>

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace {

std::string expensive_summary() { return "42 open connections"; }

// [first]
void on_listening(const std::string& address, int port) {
    armature::log::info("listening", {{"address", address}, {"port", port}});
}
// [/first]

TEST(LoggingPage, FirstRecord) {
    armature::log::Capture capture;
    on_listening("127.0.0.1", 8080);
    ASSERT_EQ(capture.records().size(), 1U);
    EXPECT_EQ(capture.records()[0].field("port"), "8080");
}

TEST(LoggingPage, CostlyValues) {
    namespace log = armature::log;
    log::Capture capture(log::Level::info);
    // [costly]
    if (log::enabled(log::Level::debug)) {
        log::debug("state", {{"summary", expensive_summary()}});
    }
    // [/costly]
    EXPECT_TRUE(capture.records().empty());
}

// [configure]
void set_up_logging() {
    namespace log = armature::log;
    log::configure({.level = log::Level::debug, .format = log::Format::pretty});
}
// [/configure]

TEST(LoggingPage, Configure) {
    set_up_logging();
    armature::log::shutdown();
}

// [secret]
using armature::SecretString;
using armature::log::Value;

static_assert(!std::is_constructible_v<Value, SecretString>, "a secret is no log value");
// [/secret]

// [capture]
TEST(Listening, IsLoggedWithItsPort) {
    armature::log::Capture capture;

    on_listening("127.0.0.1", 8080);

    const auto records = capture.records();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].message, "listening");
    EXPECT_EQ(records[0].field("port"), "8080");
}
// [/capture]

} // namespace

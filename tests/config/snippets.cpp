// The C++ of docs/configuration.md: compiled and run here, repeated there.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

// [whole]
#include <armature/config/config.hpp>

namespace config = armature::config;

struct Settings {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;
    config::Milliseconds request_timeout{30'000};
    config::ByteCount body_limit{2 << 20};
    std::string database_host = "localhost";
    armature::SecretString token;
};

Settings read_settings(int argc, const char* const* argv) {
    return config::Loader()
        .file("app.toml", config::Presence::optional)
        .dotenv(".env")
        .environment("APP")
        .arguments(argc, argv)
        .load_or_exit<Settings>([](config::Reader& reader, Settings& s) {
            reader.read("host", s.host, config::not_empty());
            reader.read("port", s.port, config::in_range(1, 65535));
            reader.read("request_timeout", s.request_timeout);
            reader.read("body_limit", s.body_limit);
            reader.read("database.host", s.database_host);
            reader.required("token", s.token, config::not_empty());
        });
}
// [/whole]

namespace {

TEST(ConfigurationPage, Whole) {
    ::setenv("APP_TOKEN", "hunter2", 1);
    const char* argv[] = {"program", "--port=9000"};
    const Settings settings = read_settings(2, argv);
    EXPECT_EQ(settings.port, 9000);
    EXPECT_EQ(settings.token.expose(), "hunter2");
    ::unsetenv("APP_TOKEN");
}

TEST(ConfigurationPage, OwnCheck) {
    ::setenv("APP_WORKERS", "3", 1);
    config::Loader loader;
    loader.environment("APP");
    const auto bind = [](config::Reader& reader, int& workers) {
        // [check]
        reader.read("workers", workers, [](int count) -> std::string {
            return count % 2 == 0 ? "" : "is odd; use an even number";
        });
        // [/check]
    };
    EXPECT_THROW((void)loader.load<int>(bind), config::ConfigError);
    ::unsetenv("APP_WORKERS");
}

// [secret]
std::string authorization_header(const armature::SecretString& token) {
    return "Bearer " + token.expose();
}
// [/secret]

TEST(ConfigurationPage, Secret) {
    EXPECT_EQ(authorization_header(armature::SecretString(std::string("x"))), "Bearer x");
}

} // namespace

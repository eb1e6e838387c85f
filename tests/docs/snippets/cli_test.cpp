// The C++ of docs/cli.md.
#include <armature/armature.hpp>
#include <armature/config/config.hpp>
#include <armature/program/program.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

using namespace armature;

namespace {

struct Settings {
    std::string listen = "127.0.0.1:0";
};

void read_settings(config::Reader& reader, Settings& settings) {
    reader.read("listen", settings.listen, config::not_empty());
}

App shop(const Settings&) {
    return App::create().route("/", get([] { return "Hello, World!"; }));
}

// [main]
int main_of_shop(int argc, char* argv[]) {
    Program program{argc, argv};
    config::Loader loader;
    loader.dotenv().environment("SHOP").arguments(program.option_count(), argv);
    const auto settings = loader.load_or_exit<Settings>(read_settings);
    return program.version("1.2.0")
        .config(loader)
        .openapi({.title = "Shop", .version = "1.2.0"})
        .command("greet", "Greets somebody: greet NAME",
                 [](const std::vector<std::string>& words) {
                     if (words.empty()) throw std::invalid_argument{"greet takes a name"};
                     std::printf("Hello, %s!\n", words[0].c_str());
                     return 0;
                 })
        .run([&] { return shop(settings); }, settings.listen);
}
// [/main]

struct Answer {
    int status;
    std::string output;
};
Answer ask(std::vector<std::string> words) {
    words.insert(words.begin(), "./shop");
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    testing::internal::CaptureStdout();
    const int status = main_of_shop(static_cast<int>(words.size()), arguments.data());
    return {status, testing::internal::GetCapturedStdout()};
}

TEST(CommandLine, AnswersAsItsPageSays) {
    EXPECT_EQ(ask({"greet", "Ada"}).output, "Hello, Ada!\n");
    EXPECT_EQ(ask({"greet"}).status, 1);
    EXPECT_NE(ask({"openapi"}).output.find("\"Shop\""), std::string::npos);
    EXPECT_NE(ask({"--listen=:80", "config"}).output.find(":80"), std::string::npos);
    EXPECT_EQ(ask({"--version"}).output, "shop 1.2.0\n");
}

} // namespace

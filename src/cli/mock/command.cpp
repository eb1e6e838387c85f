#include "cli/mock/commands.hpp"
#include "cli/mock/server.hpp"
#include "cli/serving.hpp"

#include <armature/server/server.hpp>

#include <sys/stat.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace armature::cli {

namespace {

using terminal::Arguments;
using terminal::Colour;
using terminal::CommandError;
using terminal::Terminal;
using terminal::UsageError;

constexpr terminal::Option options[] = {
    {"--port", 'p', "PORT", "where to listen, 4010 unless given; 0: a free one"},
    {"--host", '\0', "ADDRESS", "the same, 127.0.0.1 unless given"},
    {"--seed", '\0', "NUMBER", "what made data, delays and failures depend on, 1 unless given"},
    {"--dynamic", 'd', "", "makes all data; without it examples come first"},
    {"--no-state", '\0', "", "forgets what clients make, change and remove"},
    {"--delay", '\0', "MS", "how long answers take: 200 or 200±50 milliseconds"},
    {"--error-rate", '\0', "SHARE:STATUS",
     "how often they are failures, 0.05:503; may be repeated"},
    {"--cors", '\0', "", "lets pages of all origins use the answers"},
    {"--watch", 'w', "", "reads the document again when its files change"},
    {"--proxy", '\0', "URL", "passes requests on and checks both ways against the document"},
    {"--errors", '\0', "", "with --proxy: what breaks the contract is answered with an error"},
    {"--record", '\0', "FILE", "with --proxy: writes what goes to and fro, credentials redacted"},
    {"--replay", '\0', "FILE", "answers as recorded where the same request is there"},
};

// Lines on standard error, of all threads.
class Messages {
  public:
    explicit Messages(Terminal& terminal) : terminal_(terminal) {}
    void say(Colour colour, const std::string& line) {
        const std::lock_guard lock{mutex_};
        terminal_.err(terminal_.paint_message(colour, line) + '\n');
    }

  private:
    std::mutex mutex_;
    Terminal& terminal_;
};

spec::Document read(const std::string& location, Messages& messages) {
    try {
        spec::Document document = spec::Document::read(location);
        for (const spec::Finding& finding : document.findings())
            if (finding.severity == spec::Finding::Severity::error)
                messages.say(Colour::yellow, spec::to_text(finding));
        return document;
    } catch (const spec::ReadError& error) {
        throw CommandError{error.what()};
    }
}

// Looks at the document's files now and then: editors replace files, and there are few of them.
class FileWatch {
  public:
    template <class Changed>
    FileWatch(std::vector<std::string> files, Changed changed)
        : thread_([this, files = std::move(files), changed]() mutable {
              auto known = states(files);
              std::unique_lock lock{mutex_};
              while (!ended_.wait_for(lock, interval, [this] { return is_over_; })) {
                  if (auto now = states(files); now != known) {
                      known = std::move(now);
                      changed(files);
                  }
              }
          }) {}
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;
    ~FileWatch() {
        {
            const std::lock_guard lock{mutex_};
            is_over_ = true;
        }
        ended_.notify_all();
        thread_.join();
    }

  private:
    static constexpr std::chrono::milliseconds interval{200};

    static std::map<std::string, std::string> states(const std::vector<std::string>& files) {
        std::map<std::string, std::string> all;
        for (const std::string& file : files) {
            struct stat info;
            if (::stat(file.c_str(), &info) == 0)
                all[file] = std::to_string(info.st_mtim.tv_sec) + '.' +
                            std::to_string(info.st_mtim.tv_nsec) + '/' +
                            std::to_string(info.st_size) + '/' + std::to_string(info.st_ino);
        }
        return all;
    }

    std::mutex mutex_;
    std::condition_variable ended_;
    bool is_over_ = false;
    std::thread thread_;
};

int run_mock(const Arguments& arguments, Terminal& terminal) {
    if (arguments.words().size() != 1)
        throw UsageError{"mock takes one file or URL of an OpenAPI document"};
    const std::string location = arguments.words().front();
    Messages messages{terminal};

    mock::ServerChoices choices;
    choices.seed = arguments.number("--seed", 0, ~std::uint64_t{0}, 1);
    if (const auto delay = arguments.value("--delay")) choices.delay = mock::Delay::parse(*delay);
    for (const std::string_view rate : arguments.values("--error-rate"))
        choices.errors.push_back(mock::ErrorRate::parse(rate));
    choices.cors = arguments.has("--cors");
    choices.upstream = text_of(arguments, "--proxy");
    while (choices.upstream.ends_with('/'))
        choices.upstream.pop_back();
    choices.refuses_faults = arguments.has("--errors");
    if (choices.upstream.empty() && (arguments.has("--record") || choices.refuses_faults))
        throw UsageError{"--record and --errors need --proxy, the server that is asked"};
    choices.say = [&messages](const std::string& line) { messages.say(Colour::yellow, line); };

    mock::EngineOptions engine_options;
    engine_options.seed = choices.seed;
    engine_options.dynamic = arguments.has("--dynamic");
    engine_options.keeps = !arguments.has("--no-state");
    mock::Store store;
    auto engine =
        std::make_shared<const mock::Engine>(read(location, messages), engine_options, store);
    const mock::Redaction redaction{engine->document()};
    if (const auto file = arguments.value("--record"))
        choices.recorder = std::make_shared<mock::Recorder>(std::string{*file}, redaction);
    if (const auto file = arguments.value("--replay"))
        choices.replay = std::make_shared<mock::Replay>(std::string{*file}, redaction);
    mock::MockServer mock_server{engine, store, std::move(choices)};
    const Application application = mock::MockServer::application(mock_server);

    log_errors_only();
    ServerOptions server_options;
    server_options.http = address_of(arguments, 4010);
    try {
        Server server{application, server_options};
        const spec::Document& document = engine->document();
        messages.say(Colour::green, "armature mock: http://" + server.addresses().front() + "/ (" +
                                        document.title() + ' ' + document.api_version() + ", " +
                                        std::to_string(document.operations().size()) +
                                        " operations; Ctrl-C ends it)");
        std::unique_ptr<FileWatch> watch;
        if (arguments.has("--watch"))
            watch =
                std::make_unique<FileWatch>(document.files(), [&](std::vector<std::string>& files) {
                    try {
                        auto changed = std::make_shared<const mock::Engine>(
                            read(location, messages), engine_options, store);
                        files = changed->document().files();
                        mock_server.serve(std::move(changed));
                        messages.say(Colour::green, "read the document again");
                    } catch (const CommandError& error) {
                        messages.say(Colour::red,
                                     std::string{error.what()} + "; the old document goes on");
                    }
                });
        server.run();
    } catch (const ServerError& error) {
        throw CommandError{error.what()};
    }
    return 0;
}

} // namespace

const terminal::Command mock_command{
    .name = "mock",
    .words = "FILE|URL",
    .summary = "Serves what an OpenAPI document says, without the program behind it",
    .options = options,
    .details =
        "Requests are checked, answers are examples or made for the schemas, and what clients\n"
        "make is there afterwards. 'Prefer: code=404', 'example=NAME' and 'dynamic=true' choose\n"
        "an answer. POST /_armature/mock/reset forgets what was made.\n"
        "\n"
        "  armature mock openapi.yaml --watch --cors\n"
        "  armature mock http://127.0.0.1:8080/openapi.json --delay 200±50 --error-rate 0.05:503\n"
        "  armature mock openapi.yaml --proxy https://api.example.com --record calls.jsonl\n",
    .run = run_mock,
};

} // namespace armature::cli

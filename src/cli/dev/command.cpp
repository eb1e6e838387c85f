#include "cli/dev/commands.hpp"
#include "cli/dev/proxy.hpp"
#include "cli/dev/supervisor.hpp"
#include "cli/serving.hpp"

#include <armature/server/server.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace armature::cli {

namespace {

using terminal::Arguments;
using terminal::CommandError;
using terminal::Terminal;

constexpr terminal::Option options[] = {
    {"--port", 'p', "PORT", "where to listen, 8080 unless given; 0: a free one"},
    {"--host", '\0', "ADDRESS", "the same, 127.0.0.1 unless given"},
    {"--target", 't', "NAME", "the program, where the project has several"},
    {"--preset", '\0', "NAME", "the configure preset, 'dev' if there is one"},
    {"--build-dir", 'b', "FOLDER", "where to build, if no preset says it: build/dev"},
    {"--no-reload", '\0', "", "leaves pages as they are: they don't load anew by themselves"},
    {"--editor", '\0', "URL",
     "where a click on a place in a source leads, with {file}, {line} and {column}"},
};

// The socket on which the program gets its requests, in a folder that only this user can enter. It
// stays open over restarts: who connects meanwhile waits.
class ProgramSocket {
  public:
    ProgramSocket() {
        sockaddr_un address{};
        const char* const chosen = std::getenv("TMPDIR");
        folder_ = chosen != nullptr && std::strlen(chosen) < 64 ? chosen : "/tmp";
        folder_ += "/armature-dev-XXXXXX";
        if (::mkdtemp(folder_.data()) == nullptr) fail();
        path_ = folder_ + "/program"; // shorter than what an address has room for
        descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
        if (descriptor_ < 0 ||
            ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(descriptor_, 4096) != 0)
            fail();
    }
    ProgramSocket(const ProgramSocket&) = delete;
    ProgramSocket& operator=(const ProgramSocket&) = delete;
    ~ProgramSocket() {
        ::close(descriptor_);
        ::unlink(path_.c_str());
        ::rmdir(folder_.c_str());
    }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  private:
    [[noreturn]] void fail() const {
        throw CommandError{"no socket for the program at " + folder_ + ": " + std::strerror(errno)};
    }
    std::string folder_;
    std::string path_;
    int descriptor_ = -1;
};

// A server in a thread of its own.
class Serving {
  public:
    Serving(const Application& application, const ServerOptions& server_options)
        : server_(application, server_options), thread_([this] { server_.run(); }) {}
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;
    ~Serving() {
        server_.stop();
        thread_.join();
    }
    [[nodiscard]] const std::string& address() const { return server_.addresses().front(); }

  private:
    Server server_;
    std::thread thread_;
};

int run_dev(const Arguments& arguments, Terminal& terminal) {
    CMakeBuild::Choices choices;
    choices.preset = text_of(arguments, "--preset");
    choices.build = text_of(arguments, "--build-dir");
    choices.target = text_of(arguments, "--target");
    CMakeBuild project{choices};

    const ProgramSocket socket;
    dev::Situation situation;
    dev::ProxyOptions proxy;
    proxy.socket = socket.path();
    proxy.editor = text_of(arguments, "--editor", "vscode://file{file}:{line}:{column}");
    proxy.reload = !arguments.has("--no-reload");
    const Application application = dev::make_proxy(situation, std::move(proxy));

    log_errors_only();
    ServerOptions server;
    server.http = address_of(arguments, 8080);
    server.threads = 1;
    server.handle_signals = false;
    server.server_name.clear(); // the program's is passed on
    server.limits.shutdown_grace = Duration::milliseconds(100);

    // Before threads begin: they leave signals to it.
    dev::Supervisor supervisor{project, arguments.rest(), socket.descriptor(), situation, terminal};
    try {
        const Serving serving{application, server};
        terminal.err("armature dev: http://" + serving.address() + "/ (Ctrl-C ends it)\n");
        supervisor.run();
    } catch (const ServerError& error) {
        throw CommandError{error.what()};
    }
    return 0;
}

} // namespace

const terminal::Command dev_command{
    .name = "dev",
    .words = "[-- ARGUMENTS]",
    .summary = "Builds and runs the program here, again after each change",
    .options = options,
    .details = "What stands behind -- is for the program. Requests wait while it is built and\n"
               "started; none is refused. The browser shows what the compiler says.\n"
               "\n"
               "  armature dev\n"
               "  armature dev --port 3000 --target shop -- --config dev.toml\n",
    .run = run_dev,
};

} // namespace armature::cli

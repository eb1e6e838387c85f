#pragma once

#include <armature/app/app.hpp>
#include <armature/core/owned.hpp>
#include <armature/openapi/openapi.hpp>
#include <armature/server/server.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace armature {

namespace config {
class Loader;
}

/// A program that serves an application, and answers questions about it. For `main`:
///
///     int main(int argc, char* argv[]) {
///         Program program{argc, argv};
///         config::Loader loader;
///         loader.environment("SHOP").arguments(program.option_count(), argv);
///         const Settings settings = loader.load_or_exit<Settings>(read_settings);
///         return program.config(loader)
///             .openapi({.title = "Shop"})
///             .run([&] { return make_app(settings); }, settings.listen);
///     }
///
///     ./shop                          serves
///     ./shop routes --json            lists the routes, with the final order of their middleware
///     ./shop routes --why "GET /a"    says which one answers, and why
///     ./shop openapi                  prints the document
///     ./shop config                   the settings, and where each came from; secrets are masked
///     ./shop help
///
/// Options for the settings stand before the command: `./shop --listen=:80 routes`. Data goes to
/// standard output, messages to standard error. Threads: `main`'s alone.
class Program {
  public:
    /// `argv` has to outlive it.
    Program(int argc, const char* const* argv);
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// How many of `argv` stand before the command: what `config::Loader::arguments` may read.
    [[nodiscard]] int option_count() const noexcept;

    /// What `--version` says.
    Program& version(std::string text);
    /// Adds `config`. The loader has read its settings when `run` is called, and outlives it.
    Program& config(const config::Loader& loader);
    /// What the document says beside the routes; see `OpenApi`. By default, its title is the
    /// program's name.
    Program& openapi(OpenApi api);

    /// Adds a command: `function(const std::vector<std::string>& words)` gets all that stands
    /// behind its name, and returns the exit status. What it throws is printed in one line, and
    /// the status is 1.
    template <class F>
    Program& command(std::string name, std::string summary, F function) {
        using Words = std::vector<std::string>;
        static_assert(std::is_invocable_r_v<int, const F&, const Words&>,
                      "armature: a command is called with const std::vector<std::string>& and "
                      "returns its exit status");
        const auto call = [](const void* self, const Words& words) -> int {
            return (*static_cast<const F*>(self))(words);
        };
        add(std::move(name), std::move(summary), call,
            std::make_shared<const F>(std::move(function)));
        return *this;
    }

    /// Does what the command line asks for, and gives the exit status: 0, 1 after a failure, 2 for
    /// a wrong command line. `make_app()` returns the App, and is called for what needs it.
    template <class F>
    int run(F make_app, const ServerOptions& options) {
        static_assert(std::is_invocable_r_v<App, F&>,
                      "armature: what a program runs is a function that returns an App");
        const auto make = [](void* self) -> App { return (*static_cast<F*>(self))(); };
        return run(make, &make_app, options);
    }
    /// The same with `App::run`'s address: "HOST:PORT" or "unix:PATH".
    template <class F>
    int run(F make_app, std::string_view address) {
        ServerOptions options;
        options.http = std::string{address};
        return run(std::move(make_app), options);
    }

    class Impl; // inside of the library only

  private:
    void add(std::string name, std::string summary,
             int (*call)(const void* self, const std::vector<std::string>& words),
             std::shared_ptr<const void> function);
    int run(App (*make)(void* self), void* self, const ServerOptions& options);

    Owned<Impl> impl_;
};

} // namespace armature

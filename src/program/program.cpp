#include "program/routes.hpp"

#include <armature/config/config.hpp>
#include <armature/describe/describe.hpp>
#include <armature/json/write.hpp>
#include <armature/program/program.hpp>

#include <algorithm>
#include <deque>

namespace armature {

namespace config {
ARMATURE_DESCRIBE(Setting, key, value, origin, variable);
}

using terminal::Arguments;
using terminal::Command;
using terminal::Terminal;

class Program::Impl {
  public:
    Impl(int argc, const char* const* argv) : words(argv, argv + argc) {
        const auto is_command = [](const std::string& word) {
            return !word.starts_with('-') || word == "--help" || word == "-h" ||
                   word == "--version" || word == "-V";
        };
        const auto first = words.empty() ? words.end() : words.begin() + 1;
        command =
            static_cast<std::size_t>(std::find_if(first, words.end(), is_command) - words.begin());
        if (!words.empty()) name = words[0].substr(words[0].rfind('/') + 1);
        api.title = name;
    }

    /// A command of the user's.
    struct Own {
        std::string name;
        std::string summary;
        int (*run)(const void* self, const std::vector<std::string>& words);
        std::shared_ptr<const void> function;
    };

    [[nodiscard]] Application build() const { return make(self).build(); }

    std::vector<std::string> words; ///< all, with the program's own name
    std::size_t command = 0;        ///< its place in `words`, or their number
    std::string name;
    std::string version = "1.0.0";
    const config::Loader* loader = nullptr;
    OpenApi api;
    std::deque<Own> own;
    App (*make)(void* self) = nullptr;
    void* self = nullptr;
};

namespace {

const Program::Impl& impl_of(const void* self) { return *static_cast<const Program::Impl*>(self); }

int run_routes(const void* self, const Arguments& arguments, Terminal& terminal) {
    const Application application = impl_of(self).build();
    return detail::show_routes(application, arguments, terminal);
}

constexpr terminal::Option openapi_options[] = {
    {"--yaml", 'y', "", "YAML instead of JSON"},
};

int run_openapi(const void* self, const Arguments& arguments, Terminal& terminal) {
    const Program::Impl& impl = impl_of(self);
    const Application application = impl.build();
    std::string text = arguments.has("--yaml") ? openapi_yaml(application, impl.api)
                                               : openapi_json(application, impl.api);
    if (!text.ends_with('\n')) text += '\n';
    terminal.out(text);
    return 0;
}

constexpr terminal::Option config_options[] = {
    {"--json", 'j', "", "for machines"},
};

int run_config(const void* self, const Arguments& arguments, Terminal& terminal) {
    const std::vector<config::Setting>& settings = impl_of(self).loader->settings();
    if (arguments.has("--json")) {
        terminal.out(to_json(settings) + '\n');
        return 0;
    }
    std::size_t key_width = 0;
    std::size_t value_width = 0;
    for (const config::Setting& setting : settings) {
        key_width = std::max(key_width, setting.key.size());
        value_width = std::max(value_width, setting.value.size());
    }
    std::string text;
    for (const config::Setting& setting : settings)
        text += setting.key + std::string(key_width - setting.key.size() + 2, ' ') + setting.value +
                std::string(value_width - setting.value.size() + 2, ' ') +
                terminal.paint(terminal::Colour::faint, setting.origin) + '\n';
    terminal.out(text);
    return 0;
}

int run_own(const void* self, const Arguments& arguments, Terminal&) {
    const auto& own = *static_cast<const Program::Impl::Own*>(self);
    return own.run(own.function.get(), arguments.rest());
}

} // namespace

Program::Program(int argc, const char* const* argv) : impl_(new Impl{argc, argv}) {}
Program::~Program() = default;

int Program::option_count() const noexcept { return static_cast<int>(impl_->command); }

Program& Program::version(std::string text) {
    impl_->version = std::move(text);
    return *this;
}
Program& Program::config(const config::Loader& loader) {
    impl_->loader = &loader;
    return *this;
}
Program& Program::openapi(OpenApi api) {
    impl_->api = std::move(api);
    return *this;
}
void Program::add(std::string name, std::string summary,
                  int (*call)(const void* self, const std::vector<std::string>& words),
                  std::shared_ptr<const void> function) {
    impl_->own.push_back({std::move(name), std::move(summary), call, std::move(function)});
}

int Program::run(App (*make)(void* self), void* self, const ServerOptions& options) {
    Impl& impl = *impl_;
    impl.make = make;
    impl.self = self;
    Terminal terminal;
    if (impl.command == impl.words.size()) {
        try {
            return make(self).run(options);
        } catch (const std::exception& error) {
            terminal.err(impl.name + ": " + error.what() + '\n');
            return 1;
        }
    }

    std::vector<Command> about{
        {.name = "routes",
         .words = {},
         .summary = "Lists the routes, with the final order of their middleware",
         .options = detail::routes_options(),
         .details = detail::routes_details,
         .run_with = run_routes,
         .self = &impl},
        {.name = "openapi",
         .words = {},
         .summary = "Prints the OpenAPI document",
         .options = openapi_options,
         .details = {},
         .run_with = run_openapi,
         .self = &impl}};
    if (impl.loader != nullptr)
        about.push_back({.name = "config",
                         .words = {},
                         .summary = "Lists the settings, and where each came from",
                         .options = config_options,
                         .details = "Secrets are masked.\n",
                         .run_with = run_config,
                         .self = &impl});
    std::vector<Command> own;
    for (const Impl::Own& given : impl.own)
        own.push_back({.name = given.name,
                       .words = "WORDS",
                       .summary = given.summary,
                       .options = {},
                       .details = {},
                       .passes_on = true,
                       .run_with = run_own,
                       .self = &given});

    std::vector<const Command*> about_list;
    std::vector<const Command*> own_list;
    for (const Command& command : about)
        about_list.push_back(&command);
    for (const Command& command : own)
        own_list.push_back(&command);
    std::vector<terminal::CommandGroup> groups{{"About the application", about_list}};
    if (!own_list.empty()) groups.push_back({"Commands of its own", own_list});
    const std::string details =
        "Without a command it serves. Options for the settings (--key=value) stand before the "
        "command.\nExit status: 0, 1 after a failure, 2 for a wrong command line.\n";
    const terminal::Program program{.name = impl.name,
                                    .version = impl.version,
                                    .summary = "serves an application",
                                    .groups = groups,
                                    .details = details};
    const std::vector<std::string> given(
        impl.words.begin() + static_cast<std::ptrdiff_t>(impl.command), impl.words.end());
    return terminal::run(program, given, terminal);
}

} // namespace armature

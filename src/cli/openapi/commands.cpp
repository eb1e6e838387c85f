#include "cli/openapi/commands.hpp"

#include "cli/openapi/diff.hpp"
#include "cli/openapi/validate.hpp"
#include "cli/project/commands.hpp"
#include "cli/project/project.hpp"
#include "openapi/yaml.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace armature::cli {

namespace {

using spec::Change;
using spec::Document;
using spec::Finding;
using terminal::Arguments;
using terminal::Colour;
using terminal::Terminal;
using terminal::UsageError;

Document read(const std::string& location) {
    try {
        return Document::read(location);
    } catch (const spec::ReadError& error) {
        throw terminal::CommandError(error.what());
    }
}

std::string plural(std::size_t count, std::string_view word) {
    return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

using Json = detail::Node;

// What is for the project's own document means nothing for one that is named.
void refuse(const Arguments& arguments, std::initializer_list<std::string_view> options) {
    for (const std::string_view option : options)
        if (arguments.has(option))
            throw UsageError("openapi " + arguments.words().front() + " has no " +
                             std::string(option));
}

int validate(const Arguments& arguments, Terminal& terminal) {
    refuse(arguments, {"--preset", "--program", "--yaml"});
    if (arguments.words().size() != 2) throw UsageError("openapi validate takes one file or URL");
    const Document document = read(arguments.words()[1]);
    const std::vector<Finding> findings = spec::validate(document);
    std::size_t errors = 0;
    Json list = Json::array();
    for (const Finding& finding : findings) {
        const bool is_error = finding.severity == Finding::Severity::error;
        errors += is_error ? 1 : 0;
        list.push_back({{"severity", is_error ? "error" : "warning"},
                        {"rule", finding.rule},
                        {"file", finding.file},
                        {"line", finding.line},
                        {"what", finding.what},
                        {"remedy", finding.remedy}});
        if (!arguments.has("--json"))
            terminal.out(
                terminal.paint(is_error ? Colour::red : Colour::yellow, spec::to_text(finding)) +
                "\n");
    }
    if (arguments.has("--json")) {
        terminal.out(list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    } else {
        terminal.err(document.title() + " " + document.api_version() + ", OpenAPI " +
                     document.version() + ": " + plural(document.operations().size(), "operation") +
                     ", " + plural(document.schemas().size(), "schema") + "; " +
                     plural(errors, "error") + ", " + plural(findings.size() - errors, "warning") +
                     "\n");
    }
    return errors == 0 ? 0 : 1;
}

int diff(const Arguments& arguments, Terminal& terminal) {
    refuse(arguments, {"--preset", "--program", "--yaml"});
    if (arguments.words().size() != 3)
        throw UsageError("openapi diff takes two files or URLs, the old one first");
    const Document before = read(arguments.words()[1]);
    const Document after = read(arguments.words()[2]);
    constexpr std::array<std::string_view, 3> words{"info", "warning", "breaking"};
    constexpr std::array<Colour, 3> colours{Colour::green, Colour::yellow, Colour::red};
    std::array<std::size_t, 3> counts{};
    Json list = Json::array();
    for (const Change& change : spec::diff(before, after)) {
        const auto level = static_cast<std::size_t>(change.level);
        ++counts[level];
        if (arguments.has("--json"))
            list.push_back({{"level", words[level]},
                            {"id", change.id},
                            {"operation", change.operation},
                            {"text", change.text},
                            {"place", change.place}});
        else
            terminal.out(terminal.paint(colours[level], words[level]) + " " + change.operation +
                         ": " + change.text + " (" + change.id + ", " + change.place + ")\n");
    }
    if (arguments.has("--json"))
        terminal.out(list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    else
        terminal.err(std::to_string(counts[2]) + " breaking, " + plural(counts[1], "warning") +
                     ", " + std::to_string(counts[0]) + " other\n");
    return counts[2] == 0 ? 0 : 2;
}

int convert(const Arguments& arguments, Terminal& terminal) {
    refuse(arguments, {"--preset", "--program"});
    if (arguments.words().size() != 2 || arguments.has("--yaml") == arguments.has("--json"))
        throw UsageError("openapi convert takes one file or URL, and --yaml or --json");
    const Document document = read(arguments.words()[1]);
    const std::string json = spec::to_json(document.root(), 2);
    terminal.out(arguments.has("--json") ? json + "\n" : detail::to_yaml(Json::parse(json)));
    return 0;
}

int run_openapi(const Arguments& arguments, Terminal& terminal) {
    if (arguments.words().empty()) return project_openapi.run(arguments, terminal);
    const std::string& what = arguments.words().front();
    if (what == "validate") return validate(arguments, terminal);
    if (what == "diff") return diff(arguments, terminal);
    if (what == "convert") return convert(arguments, terminal);
    throw UsageError("openapi takes validate, diff or convert, not \"" + what + "\"");
}

constexpr terminal::Option options[] = {
    {"--json", '\0', "", "findings and differences as JSON; for convert, the document"},
    {"--yaml", 'y', "", "the document as YAML"},
    preset_option,
    program_option,
};

} // namespace

const terminal::Command openapi{
    .name = "openapi",
    .words = "[validate|diff|convert FILE|URL…]",
    .summary = "Prints the project's OpenAPI document; checks and compares others",
    .options = options,
    .details =
        "  armature openapi > openapi.json           what the project's program says of itself\n"
        "  armature openapi validate api.yaml        what is wrong, with its line; 1 for errors\n"
        "  armature openapi diff old.yaml new.yaml   what changed; 2 if clients may break\n"
        "  armature openapi convert api.json --yaml  the same in the other notation\n"
        "\n"
        "Documents are OpenAPI 3.0, 3.1 or 3.2, in JSON or YAML, in one file or many; \"-\" is\n"
        "standard input.\n",
    .run = run_openapi,
};

} // namespace armature::cli

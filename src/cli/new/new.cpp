#include "cli/generate/generate.hpp"
#include "cli/new/commands.hpp"
#include "cli/new/packages.hpp"
#include "cli/project/process.hpp"
#include "cli/scaffold/files.hpp"
#include "cli/scaffold/names.hpp"
#include "cli/scaffold/template_set.hpp"
#include "core/nearest.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace armature::cli {

namespace fs = std::filesystem;
using terminal::Arguments;
using terminal::Colour;
using terminal::CommandError;
using terminal::Option;
using terminal::Terminal;
using terminal::UsageError;

namespace {

constexpr Option options[] = {
    {"--template", 't', "minimal|api|full|microservice", "what it begins with (minimal)"},
    {"--database", '\0', "sqlite|postgresql", "what its database is (sqlite)"},
    {"--list", '\0', "", "what templates there are"},
    {"--directory", 'd', "DIR", "where it is made (./NAME)"},
    {"--templates", '\0', "DIR", "files that replace or add to the templates: DIR/new/NAME/…"},
    {"--no-git", '\0', "", "without a repository"},
    {"--no-check", '\0', "", "also where something it needs isn't installed"},
};

std::vector<std::string> words_in(const std::string& text) {
    std::istringstream stream{text};
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

/// What the file `template` of a template says: lines of "name: value".
struct Manifest {
    std::string summary;
    std::string extends;
    std::vector<std::string> components;
    std::vector<std::string> generate; ///< for `armature generate`
};

Manifest manifest_of(const std::string& name, const std::string& text) {
    Manifest manifest;
    for (const auto& [key, value, where] : manifest_lines("new/" + name, text)) {
        if (key == "summary")
            manifest.summary = value;
        else if (key == "extends")
            manifest.extends = value;
        else if (key == "components")
            manifest.components = words_in(value);
        else if (key == "generate")
            manifest.generate = words_in(value);
        else
            throw CommandError{where + ": '" + key +
                               "' is none of summary, extends, components, generate"};
    }
    return manifest;
}

using Manifests = std::map<std::string, std::string>;

const std::string& text_of(const Manifests& manifests, const std::string& name) {
    const auto found = manifests.find(name);
    if (found != manifests.end()) return found->second;
    std::vector<std::string> names;
    std::string list;
    for (const auto& entry : manifests) {
        names.push_back(entry.first);
        list += (list.empty() ? "" : ", ") + entry.first;
    }
    const std::string* near = armature::detail::nearest(name, names);
    throw UsageError{"there is no template '" + name + "'; " +
                     (near != nullptr ? "did you mean " + *near + '?' : "there are " + list)};
}

// The files of a template, over those that it extends, over those of all.
TemplateFiles files_of(const std::string& name, const Manifests& manifests,
                       const std::string& own) {
    const Manifest manifest = manifest_of(name, text_of(manifests, name));
    TemplateFiles files = manifest.extends.empty() ? template_files("new/common", own)
                                                   : files_of(manifest.extends, manifests, own);
    for (auto& [path, text] : template_files("new/" + name, own))
        if (path != "template") files[path] = std::move(text);
    return files;
}

// What the templates say about the database; empty for those that have none.
bool choose_database(const Arguments& arguments, const Names& names, const Manifest& manifest,
                     const std::string& kind, Values& values) {
    const std::string given{arguments.value("--database").value_or("sqlite")};
    if (given != "sqlite" && given != "postgresql")
        throw UsageError{"--database " + given + ": there are sqlite and postgresql"};
    const bool has_database = std::find(manifest.components.begin(), manifest.components.end(),
                                        "db") != manifest.components.end();
    if (!has_database && arguments.has("--database"))
        throw UsageError{"the template " + kind + " has no database; --template api has one"};
    const bool postgres = given == "postgresql";
    values["database.url"] =
        postgres ? "postgresql:///" + names.snake : "sqlite:" + names.snake + ".db";
    values["database.test_include"] = postgres ? "#include <cstdlib>" : "";
    values["database.test"] =
        postgres ? "// A database of its own on the server that " + names.upper +
                       "_TEST_SERVER names; without, on this machine's.\n"
                       "const char* const server = std::getenv(\"" +
                       names.upper +
                       "_TEST_SERVER\");\n"
                       "settings.database = armature::SecretString{\n"
                       "    (server != nullptr ? std::string{server} : \"postgresql:///\") +\n"
                       "    folder.filename().string()};"
                 : "settings.database = armature::SecretString{\"sqlite:\" + (folder / "
                   "\"test.db\").string()};";
    values["database.note"] =
        postgres
            ? "The database is `" + names.snake +
                  "` in PostgreSQL on this machine, by its Unix socket, as the user who runs the\n"
                  "program; `./scripts/run` makes it. `" +
                  names.upper +
                  "_DATABASE=postgresql://user:password@host/name` takes another. The tests\n"
                  "make a database each, on the server that `" +
                  names.upper +
                  "_TEST_SERVER` names (`postgresql://user@host/`). Both need a role\nthat may: "
                  "`sudo -u postgres createuser --createdb $USER`."
            : "The database is SQLite's, a file; `armature new --database postgresql` makes a "
              "project on PostgreSQL.";
    return postgres;
}

// A leading dot is spelled out, so that the templates are no hidden files.
std::string path_of(const std::string& path, const Values& values) {
    std::string out = render(path, values, path);
    const std::size_t base = out.rfind('/') + 1;
    if (out.compare(base, 4, "dot_") == 0) out.replace(base, 4, ".");
    return out;
}

void check_installed(const std::vector<std::string>& components) {
    std::vector<std::string> missing;
    const std::pair<const char*, const char*> tools[] = {
        {"c++", "g++"}, {"cmake", "cmake"}, {"ninja", "ninja-build"}, {"git", "git"}};
    for (const auto& [program, package] : tools)
        if (find_program(program).empty()) missing.emplace_back(package);
    std::vector<std::string> packages = packages_of(components);
    packages.emplace_back("libgtest-dev");
    for (std::string& package : missing_packages(packages))
        missing.push_back(std::move(package));
    if (missing.empty()) return;
    throw CommandError{"it would not build here: something that it needs isn't installed. Run\n  " +
                       apt_line(missing) + "\nand try again; --no-check makes it all the same."};
}

void list_templates(const Manifests& manifests, Terminal& terminal) {
    std::size_t width = 0;
    for (const auto& entry : manifests)
        width = std::max(width, entry.first.size());
    for (const auto& [name, text] : manifests)
        terminal.out(name + std::string(width - name.size() + 2, ' ') +
                     manifest_of(name, text).summary + '\n');
}

int run_new(const Arguments& arguments, Terminal& terminal) {
    const std::string own{arguments.value("--templates").value_or("")};
    const Manifests manifests = templates_of("new", own);
    if (arguments.has("--list")) {
        list_templates(manifests, terminal);
        return 0;
    }
    if (arguments.words().size() != 1)
        throw UsageError{"new takes one name: armature new shop --template api"};
    const std::string& given = arguments.words()[0];
    const Names names = names_of(given, "a project's name");
    const std::string kind{arguments.value("--template").value_or("minimal")};
    const Manifest manifest = manifest_of(kind, text_of(manifests, kind));
    TemplateFiles files = files_of(kind, manifests, own);

    const std::string where{arguments.value("--directory").value_or(given)};
    const fs::path root{where};
    if (fs::exists(root) && !(fs::is_directory(root) && fs::is_empty(root)))
        throw CommandError{where + ": is there already; choose another name, or --directory DIR"};
    if (!arguments.has("--no-check")) check_installed(manifest.components);

    std::string components;
    std::string libraries;
    for (const std::string& component : manifest.components) {
        components += (components.empty() ? "" : " ") + component;
        if (component == "testing") continue; // of the tests alone
        libraries += (libraries.empty() ? "" : " ") + ("armature::" + component);
    }
    Values values{{"name", names.snake},    {"Name", names.pascal},
                  {"NAME", names.upper},    {"kebab", names.kebab},
                  {"Title", names.title},   {"components", components},
                  {"libraries", libraries}, {"armature", ARMATURE_VERSION}};
    if (choose_database(arguments, names, manifest, kind, values))
        for (auto& [path, text] : template_files("new/postgresql", own))
            files[path] = std::move(text);
    Plan plan{root};
    for (const auto& [path, text] : files)
        plan.create(path_of(path, values), render(text, values, "new/" + kind + '/' + path), false);
    const bool was_there = fs::exists(root);
    try {
        plan.apply();
        if (!manifest.generate.empty())
            generate(manifest.generate, {.root = root, .ns = names.snake, .templates = own})
                .apply();
        if (!arguments.has("--no-git") && !find_program("git").empty()) {
            const Finished git = run_quietly({"git", "init", "--quiet"}, root);
            if (git.status != 0) throw CommandError{"git init: " + git.output};
        }
    } catch (...) { // half a project is none
        std::error_code ignored;
        if (!was_there) fs::remove_all(root, ignored);
        throw;
    }
    terminal.err("Made " + terminal.paint_message(Colour::bold, where) + ": " + manifest.summary +
                 ".\n\n  cd " + where +
                 "\n  ./scripts/run     # builds, and serves on http://127.0.0.1:8080/\n"
                 "  ./scripts/test\n");
    return 0;
}

} // namespace

const terminal::Command new_project{
    .name = "new",
    .words = "NAME",
    .summary = "Makes a project that builds, is tested and runs at once",
    .options = options,
    .details = "A project is CMake's own: armature is not needed to build it. A folder that has "
               "something in it is left alone.\n"
               "\n"
               "  armature new hello\n"
               "  armature new shop --template api && cd shop && ./scripts/run\n"
               "  armature new shop --template api --database postgresql\n"
               "  armature new shop --templates ~/our-templates --template ours\n",
    .run = run_new,
};

} // namespace armature::cli

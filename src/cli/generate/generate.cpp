#include "cli/generate/generate.hpp"

#include "cli/generate/commands.hpp"
#include "cli/generate/fields.hpp"
#include "cli/project/project.hpp"
#include "cli/scaffold/names.hpp"
#include "cli/scaffold/template_set.hpp"
#include "core/nearest.hpp"
#include "terminal/command.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <sstream>

namespace armature::cli {

namespace fs = std::filesystem;
using terminal::Arguments;
using terminal::CommandError;
using terminal::Option;
using terminal::Terminal;
using terminal::UsageError;

namespace {

constexpr std::string_view migrations = "db/migrations/";

/// A line that belongs before a mark in a file of the project.
struct Insertion {
    std::string path;
    std::string mark;
    std::string line;
};

/// What the file `template` of a generator says, a line each: "summary: …", "needs: database",
/// "takes: fields" or "takes: actions", "also: model" for another one's files, "hint: …", and
/// "insert: FILE | MARK | LINE".
struct Recipe {
    std::string summary;
    std::string takes;
    std::string also;
    std::string hint;
    bool needs_database = false;
    std::vector<Insertion> insertions;
};

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string::npos ? std::string{}
                                      : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

Recipe recipe_of(const std::string& kind, const std::string& text) {
    Recipe recipe;
    for (const auto& [key, value, where] : manifest_lines("generate/" + kind, text)) {
        const std::size_t first = value.find(" | ");
        const std::size_t second =
            first == std::string::npos ? first : value.find(" | ", first + 3);
        if (key == "summary")
            recipe.summary = value;
        else if (key == "takes")
            recipe.takes = value;
        else if (key == "also")
            recipe.also = value;
        else if (key == "hint")
            recipe.hint = value;
        else if (key == "needs" && value == "database")
            recipe.needs_database = true;
        else if (key == "insert" && second != std::string::npos)
            recipe.insertions.push_back({trimmed(value.substr(0, first)),
                                         trimmed(value.substr(first + 3, second - first - 3)),
                                         trimmed(value.substr(second + 3))});
        else
            throw CommandError{where + ": is none of summary, takes, also, needs, hint, insert"};
    }
    return recipe;
}

/// What one call of a generator makes.
struct Output {
    std::vector<std::pair<std::string, std::string>> files; ///< paths and texts
    std::vector<Insertion> insertions;
    std::string hint;
};

// What a project keeps in PostgreSQL according to its settings.
bool uses_postgres(const fs::path& root) {
    for (const char* name : {".env", ".env.example"}) {
        if (!fs::exists(root / name)) continue;
        std::istringstream lines{read_text(root / name)};
        for (std::string line; std::getline(lines, line);)
            if (line.find("_DATABASE=postgres") != std::string::npos && line[0] != '#') return true;
    }
    return false;
}

// The migration of that name, whenever it was made, or a new one behind all others.
std::string migration_path(const fs::path& root, const std::string& name) {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    char text[16];
    std::strftime(text, sizeof text, "%Y%m%d%H%M%S", &utc);
    std::uint64_t version = 0;
    std::from_chars(text, text + 14, version);
    const std::string end = '_' + name + ".sql";
    if (fs::is_directory(root / migrations))
        for (const auto& entry : fs::directory_iterator{root / migrations}) {
            const std::string file = entry.path().filename().string();
            std::uint64_t other = 0;
            const char* const last = file.data() + file.size();
            const auto [behind, error] = std::from_chars(file.data(), last, other);
            if (error != std::errc{}) continue;
            if (std::string_view{behind, last} == end) return std::string{migrations} + file;
            version = std::max(version, other + 1);
        }
    return std::string{migrations} + std::to_string(version) + end;
}

void add_action_values(Values& values, std::vector<std::string> actions) {
    if (actions.empty()) actions.emplace_back("index");
    std::string declarations;
    std::string definitions;
    std::string checks;
    for (const std::string& word : actions) {
        const Names action = names_of(word, "an action's name");
        const std::string path = action.snake == "index" ? "/" : '/' + action.kebab;
        const std::string url =
            '/' + values.at("path") + (action.snake == "index" ? "" : '/' + action.kebab);
        declarations += (declarations.empty() ? "" : "\n\n") + ("ARMATURE_GET(\"" + path) + "\", " +
                        action.snake + ", .summary = \"" + action.title + "\");\nstd::string " +
                        action.snake + "() const;";
        definitions += (definitions.empty() ? "" : "\n") + ("std::string " + values.at("Thing")) +
                       "Controller::" + action.snake + "() const { return \"" + action.title +
                       "\"; }";
        checks += (checks.empty() ? "" : "\n") + ("EXPECT_EQ(client.get(\"" + url) +
                  "\").send().text(), \"" + action.title + "\");";
    }
    values["actions.declarations"] = declarations;
    values["actions.definitions"] = definitions;
    values["actions.checks"] = checks;
}

std::map<std::string, std::string> recipes(const std::string& own) {
    return templates_of("generate", own);
}

Output output_of(const std::string& kind, const std::string& given,
                 const std::vector<std::string>& rest, const GenerateOptions& options) {
    const auto all = recipes(options.templates);
    const auto found = all.find(kind);
    if (found == all.end()) {
        std::vector<std::string> names;
        std::string list;
        for (const auto& entry : all) {
            names.push_back(entry.first);
            list += (list.empty() ? "" : ", ") + entry.first;
        }
        const std::string* near = armature::detail::nearest(kind, names);
        throw UsageError{"there is no generator '" + kind + "'; " +
                         (near != nullptr ? "did you mean " + *near + '?' : "there are " + list)};
    }
    const Recipe recipe = recipe_of(kind, found->second);
    if (recipe.needs_database && !options.has_database)
        throw CommandError{"a " + kind +
                           " is kept in a database, and this project has none: link "
                           "armature::db in CMakeLists.txt and provide a db::Database, or begin "
                           "with 'armature new NAME --template api'"};
    const bool postgres = uses_postgres(options.root);

    // "reports_controller" and "reports" are the same controller.
    Names thing = names_of(given, "a " + kind + "'s name");
    const std::string suffix = '_' + kind;
    if (thing.snake.ends_with(suffix))
        thing = names_of(thing.snake.substr(0, thing.snake.size() - suffix.size()),
                         "a " + kind + "'s name");
    const Names things = plural_of(thing);
    const bool counts = recipe.takes == "fields" && kind != "migration";
    Values values{{"ns", options.ns},
                  {"thing", thing.snake},
                  {"Thing", thing.pascal},
                  {"kebab", thing.kebab},
                  {"title", thing.title},
                  {"things", things.snake},
                  {"Things", things.pascal},
                  {"Titles", things.title},
                  {"table", things.snake},
                  {"path", counts ? things.kebab : thing.kebab},
                  {"version", ""}};
    std::vector<Field> fields;
    if (recipe.takes == "fields") {
        fields = fields_of(rest, {options.root, thing, things.snake, postgres, counts});
        if (kind != "migration" && fields.empty())
            throw UsageError{"a " + kind + " needs a field: armature generate " + kind + ' ' +
                             given + " name:string"};
    } else if (recipe.takes != "actions" && !rest.empty()) {
        throw UsageError{"'" + rest[0] + "' is one word too many: a " + kind + " has a name alone"};
    }
    if (kind == "migration")
        add_migration_values(values, thing.snake, fields, postgres);
    else if (recipe.takes == "fields")
        add_field_values(values, fields, postgres);
    if (recipe.takes == "actions") add_action_values(values, rest);

    Output output;
    if (!recipe.also.empty()) output = output_of(recipe.also, given, rest, options);
    for (const auto& [path, text] : template_files("generate/" + kind, options.templates)) {
        if (path == "template") continue;
        const std::string name = "generate/" + kind + '/' + path;
        std::string target = render(path, values, name);
        if (target.starts_with(migrations)) // "db/migrations/_create_products.sql"
            target = migration_path(
                options.root,
                target.substr(migrations.size() + 1, target.size() - migrations.size() - 1 - 4));
        output.files.emplace_back(target, render(text, values, name));
    }
    for (const Insertion& insertion : recipe.insertions)
        output.insertions.push_back(
            {insertion.path, insertion.mark, render(insertion.line, values, kind + "/template")});
    output.hint = render(recipe.hint, values, kind + "/template");
    return output;
}

Output output_of(const std::vector<std::string>& words, const GenerateOptions& options) {
    if (words.size() < 2)
        throw UsageError{"say what, and its name: armature generate resource product name:string"};
    return output_of(words[0], words[1], {words.begin() + 2, words.end()}, options);
}

Plan generated(const Output& output, const GenerateOptions& options) {
    Plan plan{options.root};
    for (const auto& [path, text] : output.files)
        plan.create(path, text, options.force);
    for (const Insertion& insertion : output.insertions)
        plan.insert(insertion.path, insertion.mark, insertion.line);
    plan.check();
    return plan;
}

Plan destroyed(const Output& output, const GenerateOptions& options) {
    Plan plan{options.root};
    for (const auto& [path, text] : output.files)
        plan.remove(path, text, options.force);
    for (const Insertion& insertion : output.insertions)
        plan.take_out(insertion.path, insertion.line);
    return plan;
}

constexpr Option options_of_both[] = {
    {"--dry-run", 'n', "", "show what would change, and change nothing"},
    {"--force", 'f', "", "replace, or remove, files that were edited"},
    {"--json", 'j', "", "for machines"},
    {"--templates", '\0', "DIR", "files that replace or add to the templates: DIR/generate/KIND/…"},
};

GenerateOptions options_from(const Arguments& arguments) {
    const Project project = Project::here();
    return {.root = project.root,
            .ns = project.name,
            .templates = std::string{arguments.value("--templates").value_or("")},
            .has_database = project.has_database,
            .force = arguments.has("--force")};
}

int carry_out(const Plan& plan, const std::string& hint, const Arguments& arguments,
              Terminal& terminal) {
    const bool as_json = arguments.has("--json");
    plan.show(terminal, as_json);
    if (!arguments.has("--dry-run")) plan.apply();
    if (as_json) return 0;
    if (plan.empty())
        terminal.err("Nothing to do: everything is as it would be made.\n");
    else if (arguments.has("--dry-run"))
        terminal.err("Nothing was changed: this was a dry run.\n");
    else if (!hint.empty())
        terminal.err(hint + '\n');
    return 0;
}

int run_generate(const Arguments& arguments, Terminal& terminal) {
    const GenerateOptions options = options_from(arguments);
    if (arguments.words().empty()) {
        for (const auto& [kind, text] : recipes(options.templates))
            terminal.out(kind + std::string(12 - std::min<std::size_t>(kind.size(), 11), ' ') +
                         recipe_of(kind, text).summary + '\n');
        return 0;
    }
    const Output output = output_of(arguments.words(), options);
    return carry_out(generated(output, options), output.hint, arguments, terminal);
}

int run_destroy(const Arguments& arguments, Terminal& terminal) {
    const GenerateOptions options = options_from(arguments);
    std::vector<std::string> words = arguments.words();
    // The fields are only for comparing: without them --force has to be given.
    if (words.size() == 2 && (words[0] == "resource" || words[0] == "model"))
        words.emplace_back("name:string");
    const Output output = output_of(words, options);
    const bool migrates =
        std::any_of(output.files.begin(), output.files.end(),
                    [](const auto& file) { return file.first.starts_with(migrations); });
    return carry_out(destroyed(output, options),
                     migrates ? "A migration that was applied is still in the database: "
                                "'armature migrate down' should have come first."
                              : "",
                     arguments, terminal);
}

constexpr std::string_view generate_words =
    "controller|guard|middleware|migration|model|module|resource|service NAME [FIELD:TYPE]…";
constexpr std::string_view generate_details =
    "A line that belongs into src/app.cpp is put before the comment that marks its place, such "
    "as\n// armature:routes. What is there already is left as it is; a file that differs is "
    "refused.\n"
    "\n"
    "Types: string text integer decimal float boolean date datetime uuid email url; 'string?' "
    "may be\nabsent, 'string:unique' is there once. 'author:belongs_to' and "
    "'author_id:references:people' refer to\nanother model; version:integer, created_at:datetime "
    "with updated_at:datetime, and deleted_at:datetime?\nare looked after. Without words the kinds "
    "are explained.\n"
    "\n"
    "  armature generate resource product name:string price:decimal note:text?\n"
    "  armature generate resource review text:text product:belongs_to\n"
    "  armature generate migration add_stock_to_products stock:integer?\n"
    "  armature generate controller reports daily weekly --dry-run\n"
    "  armature destroy resource product name:string price:decimal note:text?\n";

} // namespace

Plan generate(const std::vector<std::string>& words, const GenerateOptions& options) {
    return generated(output_of(words, options), options);
}
Plan destroy(const std::vector<std::string>& words, const GenerateOptions& options) {
    return destroyed(output_of(words, options), options);
}

const terminal::Command generate_code{
    .name = "generate",
    .words = generate_words,
    .summary = "Writes a piece of the project, with its test",
    .options = options_of_both,
    .details = generate_details,
    .run = run_generate,
};
const terminal::Command generate_short{
    .name = "g",
    .words = generate_words,
    .summary = "The same as generate",
    .options = options_of_both,
    .details = generate_details,
    .run = run_generate,
};
const terminal::Command destroy_code{
    .name = "destroy",
    .words = generate_words,
    .summary = "Takes back what generate wrote",
    .options = options_of_both,
    .details = "With the words that were given to generate. A file that was edited since is kept, "
               "unless --force.\n"
               "\n"
               "  armature destroy controller reports daily weekly\n",
    .run = run_destroy,
};

} // namespace armature::cli

#include "core/nearest.hpp"
#include "db/lint.hpp"
#include "db/migrations_impl.hpp"
#include "terminal/command.hpp"

#include <armature/db/migrations.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace armature::db {

namespace {

using terminal::Arguments;
using terminal::Option;
using terminal::UsageError;

constexpr Option options_of_all[] = {
    {"--dir", 'd', "FOLDER", "where the files are"},
    {"--table", '\0', "NAME", "the table of the history"},
    {"--schema-file", '\0', "FILE", "write the schema there after each change"},
    {"--strict", '\0', "", "refuse what is older than the newest that was applied"},
    {"--lock-timeout", '\0', "SECONDS",
     "how long a statement waits for a table that others use (5)"},
    {"--dry-run", '\0', "", "with up: the SQL that it would run"},
    {"--exit-code", '\0', "",
     "with status: 2 if something is pending; with diff: if anything differs"},
    {"--json", '\0', "", "with status and lint: JSON"},
    {"--since", '\0', "VERSION", "with lint: what is behind that version"},
    {"--timeout", '\0', "SECONDS", "with wait: how long (60)"},
    {"--force", '\0', "", "with drop: also if the database is on another machine"}};

constexpr terminal::Command manual{
    .name = "migrate",
    .words = "COMMAND",
    .summary = "Brings a database to the schema that a folder of SQL files says.",
    .options = options_of_all,
    .details =
        "  up [COUNT]            apply what is pending, or the first COUNT of it\n"
        "  down [COUNT]          revert the last one, or the last COUNT\n"
        "  redo                  revert the last one and apply it again\n"
        "  to VERSION            apply up to VERSION, or revert all behind it; 0 reverts "
        "everything\n"
        "  status                what is applied and what is pending\n"
        "  plan                  the SQL that 'up' would run; the same as 'up --dry-run'\n"
        "  check                 look at the files alone, without a database\n"
        "  lint                  what would hurt a database in use, and what to do instead\n"
        "  verify                up, down and up again, each, in a database of its own\n"
        "  new NAME              write an empty migration\n"
        "  diff [NAME]           models against the database; NAME writes a migration to be "
        "edited\n"
        "  dump                  print the schema\n"
        "  baseline VERSION      note all up to VERSION as applied, without running them\n"
        "  adopt                 note as applied what the table of another tool says\n"
        "  repair                accept files that were edited, or are gone, after they were "
        "applied\n"
        "  create                make the database, unless it is there\n"
        "  drop                  remove the database, and all that is in it\n"
        "  wait                  until the database answers\n"
        "\n"
        "The database is the program's, or DATABASE_URL in the environment.\n"
        "Exit status: 0, 1 after a failure, 2 as --exit-code says.\n",
    .run = nullptr};

constexpr std::string_view commands[] = {
    "up",   "down", "redo",     "to",    "status", "plan",   "check", "lint", "verify", "new",
    "diff", "dump", "baseline", "adopt", "repair", "create", "drop",  "wait", "help"};

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}
void complain(const std::string& text) {
    std::fflush(stdout);
    std::fprintf(stderr, "migrate: %s\n", text.c_str());
}

std::string_view name_of(MigrationState state) noexcept {
    switch (state) {
    case MigrationState::applied:
        return "applied";
    case MigrationState::pending:
        return "pending";
    case MigrationState::changed:
        return "changed";
    case MigrationState::missing:
        return "missing";
    case MigrationState::partial:
        return "partial";
    case MigrationState::broken:
        return "broken";
    }
    return "";
}

// What is behind the command.
std::size_t count_in(const std::vector<std::string>& words, std::size_t otherwise) {
    if (words.size() < 2) return otherwise;
    std::size_t count = 0;
    const std::string& word = words[1];
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
    if (error != std::errc{} || end != word.data() + word.size() || count == 0)
        throw UsageError{"'" + word + "' is no number of migrations"};
    return count;
}

const std::string& word_in(const std::vector<std::string>& words, const char* what) {
    if (words.size() != 2) throw UsageError{words[0] + " needs " + what + ", and nothing else"};
    return words[1];
}

// Text that a quote needs nothing else for: names of files that we read, and our own.
std::string json_text(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted += '"';
}

int show_status(Migrations::Impl& impl, const Arguments& arguments) {
    const std::vector<MigrationStatus> all = impl.status();
    std::size_t pending = 0;
    std::string text;
    for (const MigrationStatus& item : all) {
        const bool waits = item.state == MigrationState::pending ||
                           item.state == MigrationState::partial ||
                           item.state == MigrationState::broken;
        if (waits) ++pending;
        const std::string state{name_of(item.state)};
        if (arguments.has("--json")) {
            text += std::string{text.empty() ? "" : ",\n "} + "{\"version\":\"" + item.version +
                    "\",\"name\":" + json_text(item.name) + ",\"state\":\"" + state +
                    "\",\"applied_at\":" +
                    (item.applied_at.empty() ? "null" : '"' + item.applied_at + '"') +
                    ",\"out_of_order\":" + (item.is_out_of_order ? "true" : "false");
            if (!item.position.empty()) text += ",\"position\":" + json_text(item.position);
            text += '}';
        } else {
            text += state + "  " + item.version + ' ' + item.name;
            if (!item.applied_at.empty()) text += "  " + item.applied_at;
            if (!item.position.empty()) text += "  at " + item.position;
            if (item.is_out_of_order) text += "  (older than one that was applied)";
            text += '\n';
        }
    }
    print(arguments.has("--json") ? "[" + text + "]\n"
                                  : text + std::to_string(all.size() - pending) + " applied, " +
                                        std::to_string(pending) + " pending\n");
    return arguments.has("--exit-code") && pending != 0 ? 2 : 0;
}

void write_new(const MigrationOptions& options, const std::string& given,
               const std::string& text = "-- migrate:up\n\n\n-- migrate:down\n\n") {
    std::string name;
    for (const char c : given) {
        const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-';
        name += fits ? c : '_';
    }
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    char version[16];
    std::strftime(version, sizeof version, "%Y%m%d%H%M%S", &utc);
    std::filesystem::create_directories(options.folder);
    const std::string path = options.folder + '/' + version + '_' + name + ".sql";
    std::ofstream file{path};
    file << text;
    if (!file.flush()) throw MigrationError{path + ": can't be written"};
    print(path + '\n');
}

int show_findings(Migrations::Impl& impl, const Arguments& arguments) {
    const bool is_json = arguments.has("--json");
    const std::string_view since = arguments.value("--since").value_or("0");
    std::string text;
    std::size_t count = 0;
    for (const detail::LintFinding& found : impl.lint(since)) {
        ++count;
        const std::string rule{found.rule == nullptr ? "unknown-rule" : found.rule->name};
        const std::string why =
            found.rule == nullptr ? "there is no rule " + found.text : std::string{found.rule->why};
        const std::string instead{found.rule == nullptr ? "" : found.rule->instead};
        if (is_json)
            text += std::string{text.empty() ? "" : ",\n "} + "{\"file\":" + json_text(found.file) +
                    ",\"line\":" + std::to_string(found.line) +
                    ",\"column\":" + std::to_string(found.column) + ",\"rule\":" + json_text(rule) +
                    ",\"why\":" + json_text(why) + ",\"instead\":" + json_text(instead) + '}';
        else
            text += found.file + ':' + std::to_string(found.line) + ':' +
                    std::to_string(found.column) + ": " + rule + ": " + why + '\n' +
                    (instead.empty() ? "" : "    instead: " + instead + '\n');
    }
    if (is_json)
        print("[" + text + "]\n");
    else if (count == 0)
        print("nothing in the migrations would hurt a database in use\n");
    else
        print(text + std::to_string(count) +
              " found; '-- lint:ignore RULE: why' before a statement accepts it\n");
    return count == 0 ? 0 : 1;
}

int show_diff(Migrations::Impl& impl, const Arguments& arguments,
              const std::vector<std::string>& words) {
    const SchemaDiff diff = impl.diff();
    print(diff.empty() ? "the database is as the models say\n" : diff.text());
    if (!diff.empty() && words.size() > 1) write_new(impl.options, words[1], diff.migration());
    return arguments.has("--exit-code") && !diff.empty() ? 2 : 0;
}

int run(Migrations::Impl& impl, const Arguments& arguments) {
    const std::vector<std::string>& words = arguments.words();
    if (words.empty() || words[0] == "help") {
        print(terminal::help_of("./app", manual));
        return 0;
    }
    const std::string& command = words[0];
    if (command == "plan" || (command == "up" && arguments.has("--dry-run"))) {
        print(impl.plan());
    } else if (command == "up") {
        if (impl.up(count_in(words, static_cast<std::size_t>(-1))) == 0)
            print("nothing is pending\n");
    } else if (command == "down") {
        if (impl.down(count_in(words, 1)) == 0) print("nothing was applied\n");
    } else if (command == "redo") {
        if (impl.down(1) == 0) throw MigrationError{"nothing was applied that could be redone"};
        impl.up(1);
    } else if (command == "to") {
        impl.to(word_in(words, "a version"));
    } else if (command == "status") {
        return show_status(impl, arguments);
    } else if (command == "check") {
        print(std::to_string(impl.files().size()) + " migrations are well-formed\n");
    } else if (command == "lint") {
        return show_findings(impl, arguments);
    } else if (command == "verify") {
        const std::vector<std::string> faults = impl.verify();
        for (const std::string& fault : faults)
            complain(fault);
        if (!faults.empty()) return 1;
        print(std::to_string(impl.files().size()) + " migrations lead up, down and up again\n");
    } else if (command == "new") {
        write_new(impl.options, word_in(words, "a name"));
    } else if (command == "diff") {
        return show_diff(impl, arguments, words);
    } else if (command == "dump") {
        print(impl.store().schema());
    } else if (command == "baseline") {
        print(std::to_string(impl.baseline(word_in(words, "a version"))) + " noted\n");
    } else if (command == "adopt") {
        print(std::to_string(impl.adopt()) + " noted\n");
    } else if (command == "repair") {
        if (impl.repair() == 0) print("nothing is to be repaired\n");
    } else if (command == "create") {
        print(detail::create_database(impl.options.url) ? "created\n" : "it is there already\n");
    } else if (command == "drop") {
        print(detail::drop_database(impl.options.url, arguments.has("--force"))
                  ? "dropped\n"
                  : "it wasn't there\n");
    } else if (command == "wait") {
        const std::uint64_t seconds = arguments.number("--timeout", 1, 86'400, 60);
        detail::wait_for_database(impl.options.url,
                                  Duration::seconds(static_cast<std::int64_t>(seconds)));
    } else {
        const std::vector<std::string> names(std::begin(commands), std::end(commands));
        const std::string* const meant = armature::detail::nearest(command, names);
        throw UsageError{
            "there is no command " + command +
            (meant == nullptr ? "; 'migrate help' lists them" : "; did you mean " + *meant + '?')};
    }
    return 0;
}

// Printed at once: it needs no database.
bool asks_for_help(const std::vector<std::string>& given) {
    const bool asks = given.empty() || given[0] == "help" ||
                      std::any_of(given.begin(), given.end(), [](const std::string& word) {
                          return word == "--help" || word == "-h";
                      });
    if (asks) print(terminal::help_of("./app", manual));
    return asks;
}

// Those that more than one command has.
void apply(const Arguments& arguments, MigrationOptions& options) {
    if (const auto folder = arguments.value("--dir")) options.folder = *folder;
    if (const auto table = arguments.value("--table")) options.table = *table;
    if (const auto file = arguments.value("--schema-file")) options.schema_file = *file;
    if (arguments.has("--strict")) options.strict = true;
    if (arguments.has("--lock-timeout"))
        options.lock_timeout = Duration::seconds(
            static_cast<std::int64_t>(arguments.number("--lock-timeout", 1, 86'400, 5)));
}

} // namespace

int Migrations::command(const std::vector<std::string>& given) {
    impl_->print = &print;
    if (asks_for_help(given)) return 0;
    try {
        const Arguments arguments = terminal::read_arguments(options_of_all, given);
        apply(arguments, impl_->options);
        return run(*impl_, arguments);
    } catch (const std::exception& error) { // all of them have a sentence for people
        complain(error.what());
        return 1;
    }
}

std::optional<int> migrate_command(int argc, const char* const* argv, MigrationOptions options) {
    if (argc < 2 || std::string_view{argv[1]} != "migrate") return std::nullopt;
    const std::vector<std::string> words(argv + 2, argv + argc);
    if (asks_for_help(words)) return 0;
    try {
        Migrations migrations{std::move(options)};
        return migrations.command(words);
    } catch (const std::exception& error) {
        complain(error.what());
        return 1;
    }
}

} // namespace armature::db

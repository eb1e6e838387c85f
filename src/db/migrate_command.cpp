#include "db/migrations_impl.hpp"

#include <armature/db/migrations.hpp>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <utility>

namespace armature::db {

namespace {

constexpr std::string_view help =
    "Usage: migrate COMMAND [OPTIONS]\n"
    "\n"
    "  up [COUNT]            apply what is pending, or the first COUNT of it\n"
    "  down [COUNT]          revert the last one, or the last COUNT\n"
    "  redo                  revert the last one and apply it again\n"
    "  to VERSION            apply up to VERSION, or revert all behind it; 0 reverts everything\n"
    "  status                what is applied and what is pending\n"
    "  plan                  the SQL that 'up' would run; the same as 'up --dry-run'\n"
    "  check                 look at the files alone, without a database\n"
    "  verify                up, down and up again, each, in a database of its own\n"
    "  new NAME              write an empty migration\n"
    "  diff [NAME]           models against the database; NAME writes a migration to be edited\n"
    "  dump                  print the schema\n"
    "  baseline VERSION      note all up to VERSION as applied, without running them\n"
    "  adopt                 note as applied what the table of another tool says\n"
    "  repair                accept files that were edited, or are gone, after they were applied\n"
    "\n"
    "  --dir FOLDER          where the files are\n"
    "  --table NAME          the table of the history\n"
    "  --schema-file FILE    write the schema there after each change\n"
    "  --strict              refuse what is older than the newest that was applied\n"
    "  --exit-code           with status: 2 if something is pending; with diff: if anything "
    "differs\n"
    "  --json                with status: JSON\n"
    "\n"
    "The database is the program's, or DATABASE_URL in the environment.\n"
    "Exit status: 0, 1 after a failure, 2 as --exit-code says.\n";

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
    }
    return "";
}

struct Arguments {
    std::string command;
    std::vector<std::string> words;
    bool dry_run = false;
    bool exit_code = false;
    bool json = false;
};

struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

Arguments read(const std::vector<std::string>& given, MigrationOptions& options) {
    Arguments arguments;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string& word = given[i];
        const auto value = [&]() -> const std::string& {
            if (i + 1 == given.size()) throw UsageError{word + " needs a value"};
            return given[++i];
        };
        if (word == "--dir" || word == "-d")
            options.folder = value();
        else if (word == "--table")
            options.table = value();
        else if (word == "--schema-file")
            options.schema_file = value();
        else if (word == "--strict")
            options.strict = true;
        else if (word == "--dry-run")
            arguments.dry_run = true;
        else if (word == "--exit-code")
            arguments.exit_code = true;
        else if (word == "--json")
            arguments.json = true;
        else if (word == "--help" || word == "-h")
            arguments.command = "help";
        else if (word.starts_with('-'))
            throw UsageError{"there is no option " + word};
        else if (arguments.command.empty())
            arguments.command = word;
        else
            arguments.words.push_back(word);
    }
    if (arguments.command.empty()) arguments.command = "help";
    return arguments;
}

std::size_t count_in(const Arguments& arguments, std::size_t otherwise) {
    if (arguments.words.empty()) return otherwise;
    std::size_t count = 0;
    const std::string& word = arguments.words[0];
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
    if (error != std::errc{} || end != word.data() + word.size() || count == 0)
        throw UsageError{"'" + word + "' is no number of migrations"};
    return count;
}

const std::string& word_in(const Arguments& arguments, const char* what) {
    if (arguments.words.size() != 1)
        throw UsageError{arguments.command + " needs " + what + ", and nothing else"};
    return arguments.words[0];
}

int show_status(Migrations::Impl& impl, const Arguments& arguments) {
    const std::vector<MigrationStatus> all = impl.status();
    std::size_t pending = 0;
    std::string text;
    for (const MigrationStatus& item : all) {
        const bool waits =
            item.state == MigrationState::pending || item.state == MigrationState::partial;
        if (waits) ++pending;
        const std::string state{name_of(item.state)};
        if (arguments.json) {
            // Names are those of files that we read: letters but for what a quote needs.
            std::string name;
            for (const char c : item.name) {
                if (c == '"' || c == '\\') name += '\\';
                name += c;
            }
            text += std::string{text.empty() ? "" : ",\n "} + "{\"version\":\"" + item.version +
                    "\",\"name\":\"" + name + "\",\"state\":\"" + state + "\",\"applied_at\":" +
                    (item.applied_at.empty() ? "null" : '"' + item.applied_at + '"') +
                    ",\"out_of_order\":" + (item.is_out_of_order ? "true" : "false") + '}';
        } else {
            text += state + "  " + item.version + ' ' + item.name;
            if (!item.applied_at.empty()) text += "  " + item.applied_at;
            if (item.is_out_of_order) text += "  (older than one that was applied)";
            text += '\n';
        }
    }
    print(arguments.json ? "[" + text + "]\n"
                         : text + std::to_string(all.size() - pending) + " applied, " +
                               std::to_string(pending) + " pending\n");
    return arguments.exit_code && pending != 0 ? 2 : 0;
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

int show_diff(Migrations::Impl& impl, const Arguments& arguments) {
    const SchemaDiff diff = impl.diff();
    print(diff.empty() ? "the database is as the models say\n" : diff.text());
    if (!diff.empty() && !arguments.words.empty())
        write_new(impl.options, arguments.words[0], diff.migration());
    return arguments.exit_code && !diff.empty() ? 2 : 0;
}

int run(Migrations::Impl& impl, const Arguments& arguments) {
    const std::string& command = arguments.command;
    if (command == "plan" || (command == "up" && arguments.dry_run)) {
        print(impl.plan());
    } else if (command == "up") {
        if (impl.up(count_in(arguments, static_cast<std::size_t>(-1))) == 0)
            print("nothing is pending\n");
    } else if (command == "down") {
        if (impl.down(count_in(arguments, 1)) == 0) print("nothing was applied\n");
    } else if (command == "redo") {
        if (impl.down(1) == 0) throw MigrationError{"nothing was applied that could be redone"};
        impl.up(1);
    } else if (command == "to") {
        impl.to(word_in(arguments, "a version"));
    } else if (command == "status") {
        return show_status(impl, arguments);
    } else if (command == "check") {
        print(std::to_string(impl.files().size()) + " migrations are well-formed\n");
    } else if (command == "verify") {
        const std::vector<std::string> faults = impl.verify();
        for (const std::string& fault : faults)
            complain(fault);
        if (!faults.empty()) return 1;
        print(std::to_string(impl.files().size()) + " migrations lead up, down and up again\n");
    } else if (command == "new") {
        write_new(impl.options, word_in(arguments, "a name"));
    } else if (command == "diff") {
        return show_diff(impl, arguments);
    } else if (command == "dump") {
        print(impl.store().schema());
    } else if (command == "baseline") {
        print(std::to_string(impl.baseline(word_in(arguments, "a version"))) + " noted\n");
    } else if (command == "adopt") {
        print(std::to_string(impl.adopt()) + " noted\n");
    } else if (command == "repair") {
        if (impl.repair() == 0) print("nothing is to be repaired\n");
    } else if (command == "help") {
        print(std::string{help});
    } else {
        throw UsageError{"there is no command " + command + "; 'migrate help' lists them"};
    }
    return 0;
}

} // namespace

int Migrations::command(const std::vector<std::string>& given) {
    impl_->print = &print;
    try {
        const Arguments arguments = read(given, impl_->options);
        return run(*impl_, arguments);
    } catch (const std::exception& error) { // all of them have a sentence for people
        complain(error.what());
        return 1;
    }
}

std::optional<int> migrate_command(int argc, const char* const* argv, MigrationOptions options) {
    if (argc < 2 || std::string_view{argv[1]} != "migrate") return std::nullopt;
    const std::vector<std::string> words(argv + 2, argv + argc);
    try {
        Migrations migrations{std::move(options)};
        return migrations.command(words);
    } catch (const std::exception& error) {
        complain(error.what());
        return 1;
    }
}

} // namespace armature::db

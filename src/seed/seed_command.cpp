#include "seed/seeders_impl.hpp"
#include "terminal/command.hpp"

#include <armature/json/write.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <utility>

namespace armature::seed {

ARMATURE_DESCRIBE(TableReport, table, inserted, updated, same, emptied);

namespace {

using terminal::Arguments;
using terminal::Command;
using terminal::CommandError;
using terminal::Option;
using terminal::Terminal;
using terminal::UsageError;

/// What the command prints with --json.
struct Report {
    std::uint64_t seed = 0;
    bool dry_run = false;
    double seconds = 0;
    std::vector<TableReport> tables;
};
ARMATURE_DESCRIBE(Report, seed, dry_run, seconds, tables);

constexpr Option dry_run{"--dry-run", '\0', "", "do and check everything, and keep nothing"};
constexpr Option force{"--force", '\0', "", "also if the database is on another machine"};
constexpr Option json{"--json", '\0', "", "print JSON"};

constexpr Option seed_options[] = {
    {"--class", 'c', "NAME", "run this seeder alone; may be given several times"},
    {"--seed", 's', "N", "another number gives other data; the same the same (1)"},
    {"--count", 'n', "N", "how many rows, for seeders that ask for a count"},
    {"--locale", '\0', "NAME", "names and texts of en, de, fr, es or ja"},
    {"--truncate", '\0', "", "empty the tables before, and those that refer to them"},
    dry_run,
    force,
    {"--list", 'l', "", "print the seeders' names"},
    json};
constexpr Option load_options[] = {
    {"--table", 't', "NAME", "the table of CSV, and of lists of rows; else the file's name"},
    {"--key", 'k', "COLUMNS", "rows with the same values of these, as a,b, get the others"},
    dry_run,
    force,
    json};
constexpr Option dump_options[] = {
    {"--format", 'f', "NAME", "json, yaml, csv or django (json)"},
    {"--output", 'o', "FILE", "write there; else to standard output"}};

// What an area of commands needs besides its arguments.
struct Call {
    Seeders::Impl& impl;
    const Arguments& arguments;
    Terminal& terminal;
};

/// A bar for each flush.
struct Bar {
    explicit Bar(Terminal& on) : terminal(on) {}
    static void show(void* self, std::string_view, std::uint64_t done, std::uint64_t total) {
        Bar& bar = *static_cast<Bar*>(self);
        if (!bar.progress || done < bar.seen) {
            bar.progress.emplace(bar.terminal, "rows", total);
            bar.seen = 0;
        }
        bar.progress->add(done - std::exchange(bar.seen, done));
        if (done == total) {
            bar.progress.reset();
            bar.seen = 0;
        }
    }
    Terminal& terminal;
    std::optional<terminal::Progress> progress;
    std::uint64_t seen = 0;
};

int write_and_report(const Call& call) {
    Bar bar{call.terminal};
    call.impl.progress = &Bar::show;
    call.impl.argument = &bar;
    const auto begun = std::chrono::steady_clock::now();
    Report report;
    report.tables = call.impl.run();
    bar.progress.reset();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    report.seed = call.impl.options.seed;
    report.dry_run = call.impl.options.dry_run;
    report.seconds = took.count();
    if (call.arguments.has("--json")) {
        call.terminal.out(to_json(report) + '\n');
        return 0;
    }
    for (const TableReport& table : report.tables) {
        std::string line = table.table + ": ";
        if (table.emptied != 0) line += std::to_string(table.emptied) + " removed, ";
        line += std::to_string(table.inserted) + " inserted, " + std::to_string(table.updated) +
                " updated, " + std::to_string(table.same) + " same\n";
        call.terminal.out(line);
    }
    if (report.tables.empty()) call.terminal.out("nothing was to be written\n");
    if (report.dry_run) call.terminal.err("dry run: nothing was kept\n");
    return 0;
}

Locale locale_of(std::string_view name) {
    constexpr std::pair<std::string_view, Locale> locales[] = {{"en", Locale::en},
                                                               {"de", Locale::de},
                                                               {"fr", Locale::fr},
                                                               {"es", Locale::es},
                                                               {"ja", Locale::ja}};
    for (const auto& [known, locale] : locales)
        if (known == name) return locale;
    throw UsageError{"--locale takes en, de, fr, es or ja, not '" + std::string{name} + '\''};
}

int seed(const Call& call) {
    SeedOptions& options = call.impl.options;
    const Arguments& arguments = call.arguments;
    if (arguments.has("--list")) {
        for (const auto& seeder : call.impl.seeders)
            call.terminal.out(seeder->name + '\n');
        return 0;
    }
    constexpr std::uint64_t any = static_cast<std::uint64_t>(-1);
    options.seed = arguments.number("--seed", 0, any, options.seed);
    if (arguments.has("--count")) options.count = arguments.number("--count", 0, any, 0);
    if (const auto name = arguments.value("--locale")) options.locale = locale_of(*name);
    if (arguments.has("--class")) {
        options.only.clear();
        for (const std::string_view name : arguments.values("--class"))
            options.only.emplace_back(name);
    }
    if (arguments.has("--truncate")) options.truncate = true;
    if (arguments.has("--dry-run")) options.dry_run = true;
    if (arguments.has("--force")) options.force = true;
    return write_and_report(call);
}

struct LoadFiles final : detail::Seeder {
    Task<> run(Seeding& seeding) const override {
        for (const std::string& file : files)
            co_await seeding.load(file, options);
    }
    std::vector<std::string> files;
    FixtureOptions options;
};

int load(const Call& call) {
    auto work = std::make_shared<LoadFiles>();
    work->files = call.arguments.words();
    if (work->files.empty()) throw UsageError{"db:load needs a file"};
    if (const auto table = call.arguments.value("--table"))
        work->options.table(std::string{*table});
    if (const auto key = call.arguments.value("--key")) {
        std::vector<std::string> columns;
        for (std::size_t at = 0; at <= key->size();) {
            const std::size_t comma = std::min(key->find(',', at), key->size());
            columns.emplace_back(key->substr(at, comma - at));
            at = comma + 1;
        }
        work->options.key(std::move(columns));
    }
    if (call.arguments.has("--dry-run")) call.impl.options.dry_run = true;
    if (call.arguments.has("--force")) call.impl.options.force = true;
    call.impl.work = std::move(work);
    const int status = write_and_report(call);
    call.impl.work.reset();
    return status;
}

int dump(const Call& call) {
    constexpr std::pair<std::string_view, FixtureFormat> formats[] = {
        {"json", FixtureFormat::json},
        {"yaml", FixtureFormat::yaml},
        {"csv", FixtureFormat::csv},
        {"django", FixtureFormat::django}};
    const std::string_view name = call.arguments.value("--format").value_or("json");
    const auto* const format = std::find_if(std::begin(formats), std::end(formats),
                                            [&](const auto& known) { return known.first == name; });
    if (format == std::end(formats))
        throw UsageError{"--format takes json, yaml, csv or django, not '" + std::string{name} +
                         '\''};
    LocalLoop loop;
    db::Database database{call.impl.url()};
    const std::string text =
        loop.run(dump_fixture(database, call.arguments.words(), format->second));
    const auto output = call.arguments.value("--output");
    if (!output) {
        call.terminal.out(text);
        return 0;
    }
    std::ofstream file{std::string{*output}, std::ios::binary};
    file << text;
    if (!file.flush()) throw CommandError{std::string{*output} + ": can't be written"};
    return 0;
}

struct SeedCommand {
    Command command;
    int (*run)(const Call&);
};
const SeedCommand commands[] = {
    {{.name = "db:seed",
      .words = "",
      .summary = "Fills the database with the program's seeders, in one transaction",
      .options = seed_options,
      .details = "The database is the program's, or DATABASE_URL in the environment.\n"
                 "\n"
                 "  ./app db:seed\n"
                 "  ./app db:seed --class Products --count 10000 --seed 7\n"
                 "  ./app db:seed --truncate --dry-run\n",
      .run = nullptr,
      .passes_on = false},
     &seed},
    {{.name = "db:load",
      .words = "FILE…",
      .summary = "Loads fixtures: rows with a key that is there bring that row up to date",
      .options = load_options,
      .details = "JSON, also Django's, YAML and CSV.\n"
                 "\n"
                 "  ./app db:load fixtures/countries.csv --key code\n",
      .run = nullptr,
      .passes_on = false},
     &load},
    {{.name = "db:dump",
      .words = "[TABLE…]",
      .summary = "Prints the rows of tables, or of all of them, as a fixture",
      .options = dump_options,
      .details = "  ./app db:dump countries --format csv --output fixtures/countries.csv\n",
      .run = nullptr,
      .passes_on = false},
     &dump}};

const SeedCommand* find(std::string_view name) {
    const auto* const found =
        std::find_if(std::begin(commands), std::end(commands),
                     [&](const SeedCommand& known) { return known.command.name == name; });
    return found == std::end(commands) ? nullptr : found;
}

} // namespace

int Seeders::command(std::string_view name, const std::vector<std::string>& given) {
    Terminal terminal;
    const SeedCommand* const known = find(name);
    const auto complain = [&](const std::string& what) {
        terminal.err(terminal.paint_message(terminal::Colour::red, std::string{name} + ": ") +
                     what + '\n');
    };
    if (known == nullptr) {
        complain("there is no such command");
        return 2;
    }
    try {
        const bool asks_for_help = std::any_of(given.begin(), given.end(), [](const auto& word) {
            return word == "--help" || word == "-h";
        });
        if (asks_for_help) {
            terminal.out(terminal::help_of("./app", known->command));
            return 0;
        }
        const Arguments arguments = terminal::read_arguments(known->command.options, given);
        if (known->command.words.empty() && !arguments.words().empty())
            throw UsageError{"'" + arguments.words().front() + "' is one word too many"};
        return known->run(Call{*impl_, arguments, terminal});
    } catch (const UsageError& error) {
        complain(error.what());
        return 2;
    } catch (const std::exception& error) { // all of them have a sentence for people
        complain(error.what());
        return 1;
    }
}

std::optional<int> seed_command(int argc, const char* const* argv, Seeders& seeders) {
    if (argc < 2 || find(argv[1]) == nullptr) return std::nullopt;
    const std::vector<std::string> words(argv + 2, argv + argc);
    return seeders.command(argv[1], words);
}

} // namespace armature::seed

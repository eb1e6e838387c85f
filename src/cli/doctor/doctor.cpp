#include "cli/doctor/commands.hpp"
#include "cli/new/packages.hpp"
#include "cli/project/process.hpp"
#include "cli/project/project.hpp"
#include "cli/scaffold/files.hpp"

#include <armature/describe/describe.hpp>
#include <armature/json/write.hpp>

#ifdef ARMATURE_CLI_HAS_DB
#include <armature/core/scheduler.hpp>
#include <armature/db/database.hpp>
#endif

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace armature::cli {

namespace {

using terminal::Arguments;
using terminal::Colour;
using terminal::Option;
using terminal::Terminal;

enum class Verdict : std::uint8_t { good, advice, fault };
ARMATURE_DESCRIBE_ENUM(Verdict, good, advice, fault);

struct Finding {
    std::string what;
    Verdict verdict;
    std::string found;
    std::optional<std::string> remedy;
};
ARMATURE_DESCRIBE(Finding, what, verdict, found, remedy);

struct Version {
    unsigned major = 0;
    unsigned minor = 0;
    friend auto operator<=>(const Version&, const Version&) = default;
};

// The first "1.2" of a text.
std::optional<Version> version_in(const std::string& text) {
    for (std::size_t at = text.find_first_of("0123456789"); at != std::string::npos;
         at = text.find_first_of("0123456789", at)) {
        Version version;
        const char* const end = text.data() + text.size();
        const auto [dot, error] = std::from_chars(text.data() + at, end, version.major);
        if (error == std::errc{} && dot != end && *dot == '.' &&
            std::from_chars(dot + 1, end, version.minor).ec == std::errc{})
            return version;
        at = static_cast<std::size_t>(dot - text.data());
    }
    return std::nullopt;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Finding tool(const std::string& what, const std::string& program, Version least,
             const std::string& package) {
    const std::string path = find_program(program);
    const std::string remedy = apt_line({package});
    if (path.empty()) return {what, Verdict::fault, program + " isn't installed", remedy};
    const std::string said = first_line(run_quietly({program, "--version"}).output);
    const std::optional<Version> version = version_in(said);
    if (!version || *version < least)
        return {what, Verdict::fault,
                said + ", and it has to be " + std::to_string(least.major) + '.' +
                    std::to_string(least.minor) + " or newer",
                remedy};
    return {what, Verdict::good, said, std::nullopt};
}

Finding compiler() {
    const char* const chosen = std::getenv("CXX");
    const std::string program = chosen != nullptr && *chosen != '\0' ? chosen : "c++";
    if (find_program(program).empty())
        return {"compiler", Verdict::fault, program + " isn't installed", apt_line({"g++"})};
    const std::string said = first_line(run_quietly({program, "--version"}).output);
    const bool is_clang = said.find("clang") != std::string::npos;
    const Version least{is_clang ? 19U : 12U, 0};
    const std::optional<Version> version = version_in(said);
    if (!version || *version < least)
        return {"compiler", Verdict::fault, said + ", which is older than g++ 12 or clang 19",
                apt_line({"g++"}) + ", and unset CXX"};
    return {"compiler", Verdict::good, said, std::nullopt};
}

Finding advised(const std::string& program, const std::string& why) {
    if (!find_program(program).empty()) return {program, Verdict::good, why, std::nullopt};
    return {program, Verdict::advice, "isn't installed: " + why, apt_line({program})};
}

Finding libraries() {
    std::vector<std::string> packages = packages_of(all_components());
    packages.emplace_back("libgtest-dev");
    if (find_program("dpkg-query").empty())
        return {"libraries", Verdict::advice, "no dpkg to ask; CMake will say what is missing",
                std::nullopt};
    const std::vector<std::string> missing = missing_packages(packages);
    if (missing.empty())
        return {"libraries", Verdict::good,
                "all " + std::to_string(packages.size()) + " packages are installed", std::nullopt};
    std::string list;
    for (const std::string& package : missing)
        list += (list.empty() ? "" : " ") + package;
    return {"libraries", Verdict::fault, "missing: " + list, apt_line(missing)};
}

// Whether CMake finds the package armature: asked of CMake itself, in a folder of its own.
Finding package() {
    if (find_program("cmake").empty())
        return {"armature", Verdict::fault, "no CMake to ask", apt_line({"cmake"})};
    std::string folder =
        (std::filesystem::temp_directory_path() / "armature-doctor-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr)
        return {"armature", Verdict::fault, folder + " can't be made", "free some space there"};
    write_text(folder + "/CMakeLists.txt",
               "cmake_minimum_required(VERSION 3.25)\n"
               "project(question LANGUAGES CXX)\n"
               "find_package(armature " ARMATURE_VERSION " QUIET COMPONENTS armature)\n"
               "if(armature_FOUND)\n"
               "  message(STATUS \"found: ${armature_VERSION} in ${armature_DIR}\")\n"
               "else()\n"
               "  message(STATUS \"lost: ${armature_NOT_FOUND_MESSAGE}\")\n"
               "endif()\n");
    const std::string said = run_quietly({"cmake", "-S", folder, "-B", folder + "/build"}).output;
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    const std::size_t found = said.find("-- found: ");
    if (found != std::string::npos)
        return {"armature", Verdict::good, first_line(said.substr(found + 10)), std::nullopt};
    const std::size_t lost = said.find("-- lost: ");
    const std::string why = lost == std::string::npos ? "" : first_line(said.substr(lost + 9));
    return {
        "armature", Verdict::fault,
        "CMake finds no package armature " ARMATURE_VERSION + (why.empty() ? "" : ": " + why),
        "put the folder that has bin/armature into PATH, or set CMAKE_PREFIX_PATH to its prefix"};
}

void look_at(const Project& project, std::vector<Finding>& findings) {
    const std::filesystem::path file = project.root / "src/app.cpp";
    const std::string text = std::filesystem::exists(file) ? read_text(file) : "";
    std::string missing;
    for (const char* mark :
         {"armature:includes", "armature:middleware", "armature:services", "armature:routes"})
        if (text.find(mark) == std::string::npos)
            missing += (missing.empty() ? "" : " ") + std::string{mark};
    if (missing.empty())
        findings.push_back({"project", Verdict::good, project.name + " in " + project.root.string(),
                            std::nullopt});
    else
        findings.push_back({"project", Verdict::advice, "src/app.cpp has no comment " + missing,
                            "add them where 'armature generate' shall put its lines"});
    const std::filesystem::path secrets = project.root / ".env";
    if (std::filesystem::exists(secrets) &&
        (std::filesystem::status(secrets).permissions() & std::filesystem::perms::others_read) !=
            std::filesystem::perms::none)
        findings.push_back({".env", Verdict::advice, "every user of this machine can read it",
                            "chmod 600 " + secrets.string()});
}

// A line NAME=value of a .env file, without quotes.
std::optional<std::string> value_in(const std::filesystem::path& file, const std::string& name) {
    if (!std::filesystem::exists(file)) return std::nullopt;
    std::optional<std::string> value;
    std::istringstream lines{read_text(file)};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("export ")) line.erase(0, 7);
        if (!line.starts_with(name + '=')) continue;
        value = line.substr(name.size() + 1);
        if (value->size() > 1 && (value->front() == '"' || value->front() == '\'') &&
            value->back() == value->front())
            value = value->substr(1, value->size() - 2);
    }
    return value;
}

// The URL of the project's database, as its settings will have it; empty: unknown.
std::string database_of(const Project& project) {
    std::string upper = project.name;
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    const std::string name = upper + "_DATABASE";
    if (const char* const set = std::getenv(name.c_str())) return set;
    for (const char* file : {".env", ".env.example"})
        if (const auto value = value_in(project.root / file, name)) return *value;
    return {};
}

#ifdef ARMATURE_CLI_HAS_DB
// Asks the server. What the URL says besides isn't shown: there may be a password in it.
Finding postgres(const std::string& url) {
    const std::string start =
        find_program("psql").empty()
            ? apt_line({"postgresql"}) + " && sudo -u postgres createuser --createdb $USER"
            : "start the server that the URL names, such as by: sudo systemctl start postgresql";
    try {
        db::DatabaseOptions options;
        options.url = url;
        options.max_connections = 1;
        db::Database database{std::move(options)};
        LocalLoop loop;
        (void)loop.run(database.ping());
        return {"database", Verdict::good, "PostgreSQL answers", std::nullopt};
    } catch (const db::DatabaseError& error) {
        // libpq gives a refused log-in no code: its words, which have no password in them.
        const std::string why = error.what();
        const auto says = [&](std::string_view words) { return why.find(words) != why.npos; };
        if (says("does not exist") && !says("role"))
            return {"database", Verdict::advice, "PostgreSQL answers, and has no such database yet",
                    "armature migrate create"};
        if (says("role") || says("authentication failed"))
            return {"database", Verdict::fault, "PostgreSQL doesn't let this user in: " + why,
                    "sudo -u postgres createuser --createdb $USER, or correct the URL in .env"};
        return {"database", Verdict::fault, "PostgreSQL doesn't answer: " + why, start};
    } catch (const std::invalid_argument& error) {
        return {"database", Verdict::fault, error.what(), "correct the URL in .env"};
    }
}
#endif

void look_at_database(const Project& project, std::vector<Finding>& findings) {
    if (!project.has_database) return;
    const std::string url = database_of(project);
#ifdef ARMATURE_CLI_HAS_DB
    if (url.starts_with("postgres")) findings.push_back(postgres(url));
#endif
    if (url.starts_with("sqlite:"))
        findings.push_back({"database", Verdict::good, "SQLite, in a file", std::nullopt});
}

constexpr Option options[] = {{"--json", 'j', "", "for machines"}};

int run_doctor(const Arguments& arguments, Terminal& terminal) {
    std::vector<Finding> findings{compiler(),
                                  tool("cmake", "cmake", {3, 25}, "cmake"),
                                  tool("ninja", "ninja", {1, 10}, "ninja-build"),
                                  tool("git", "git", {2, 0}, "git"),
                                  libraries(),
                                  package(),
                                  advised("ccache", "makes a second build fast"),
                                  advised("curl", "asks the server from a shell")};
    if (const auto project = Project::find()) {
        look_at(*project, findings);
        look_at_database(*project, findings);
    }
    int status = 0;
    for (const Finding& finding : findings)
        if (finding.verdict == Verdict::fault) status = 1;
    if (arguments.has("--json")) {
        terminal.out(to_json(findings) + '\n');
        return status;
    }
    for (const Finding& finding : findings) {
        const bool good = finding.verdict == Verdict::good;
        const bool fault = finding.verdict == Verdict::fault;
        std::string text = terminal.paint(good    ? Colour::green
                                          : fault ? Colour::red
                                                  : Colour::yellow,
                                          good    ? "ok    "
                                          : fault ? "fault "
                                                  : "advice");
        text += "  " + finding.what + ": " + finding.found + '\n';
        if (finding.remedy) text += "          " + *finding.remedy + '\n';
        terminal.out(text);
    }
    return status;
}

} // namespace

const terminal::Command doctor{
    .name = "doctor",
    .words = {},
    .summary = "Looks whether this machine can build, and says what to do if not",
    .options = options,
    .details = "Exit status: 0 if it can, 1 if something that is needed is missing.\n",
    .run = run_doctor,
};

} // namespace armature::cli

#include "cli/scaffold/files.hpp"

#include "terminal/command.hpp"

#include <armature/describe/describe.hpp>
#include <armature/json/write.hpp>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

namespace armature::cli {

namespace fs = std::filesystem;
using terminal::Colour;
using terminal::CommandError;

namespace {

[[noreturn]] void fail(const fs::path& path, std::string_view what) {
    throw CommandError{path.string() + ": " + std::string{what} + ": " +
                       std::generic_category().message(errno)};
}

std::string trimmed(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return std::string{line.substr(first, line.find_last_not_of(" \t") - first + 1)};
}

// Where the line that has `part`, without regard to white space around, begins; npos if none.
std::size_t find_line(std::string_view text, std::string_view part, bool whole) {
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = trimmed(text.substr(begin, end - begin));
        if (whole ? line == part : line.find(part) != std::string::npos) return begin;
        begin = end + 1;
    }
    return std::string_view::npos;
}

std::string_view name_of(Change::Kind kind) {
    switch (kind) {
    case Change::Kind::create:
        return "create";
    case Change::Kind::change:
        return "change";
    case Change::Kind::same:
        return "same";
    case Change::Kind::keep:
        return "keep";
    case Change::Kind::remove:
        return "remove";
    }
    return "";
}

/// A change as JSON has it.
struct Shown {
    std::string action;
    std::string path;
    std::vector<std::string> lines;
    std::optional<std::string> why;
};
ARMATURE_DESCRIBE(Shown, action, path, lines, why);

} // namespace

std::string read_text(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) fail(path, "can't be read");
    return text.str();
}

void write_text(const fs::path& path, std::string_view text) {
    if (path.has_parent_path()) fs::create_directories(path.parent_path());
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << text;
    file.close();
    if (!file) fail(path, "can't be written");
    if (text.starts_with("#!"))
        fs::permissions(path,
                        fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                        fs::perm_options::add);
}

std::string Plan::current(const std::string& path) const {
    for (const Change& change : changes_)
        if (change.path == path) return change.text;
    return fs::exists(root_ / path) ? read_text(root_ / path) : std::string{};
}

Change& Plan::change_of(const std::string& path) {
    for (Change& change : changes_)
        if (change.path == path) return change;
    return changes_.emplace_back(Change{Change::Kind::same, path, current(path), {}, {}});
}

void Plan::create(const std::string& path, std::string text, bool force) {
    const bool is_there = fs::exists(root_ / path);
    const bool is_same = is_there && read_text(root_ / path) == text;
    if (is_there && !is_same && !force)
        refusals_.push_back(path + " is there already, and differs");
    Change& change = change_of(path);
    change.kind = is_same    ? Change::Kind::same
                  : is_there ? Change::Kind::change
                             : Change::Kind::create;
    change.text = std::move(text);
}

void Plan::insert(const std::string& path, std::string_view mark, const std::string& line) {
    if (!fs::exists(root_ / path))
        throw CommandError{path + ": there is no such file; it is where the line belongs: " + line};
    Change& change = change_of(path);
    if (find_line(change.text, line, true) != std::string::npos) return;
    const std::size_t at = find_line(change.text, mark, false);
    if (at == std::string::npos)
        throw CommandError{path + ": no line has \"" + std::string{mark} +
                           "\"; add that comment where this belongs: " + line};
    const std::size_t indent = change.text.find_first_not_of(" \t", at) - at;
    change.text.insert(at, change.text.substr(at, indent) + line + '\n');
    change.kind = Change::Kind::change;
    change.lines.push_back("+ " + line);
}

void Plan::remove(const std::string& path, std::string_view text, bool force) {
    if (!fs::exists(root_ / path)) return;
    Change& change = change_of(path);
    const bool as_made = change.text == text;
    change.kind = as_made || force ? Change::Kind::remove : Change::Kind::keep;
    if (!as_made && !force)
        change.why = "it isn't what would be generated; give the same fields, or --force";
}

void Plan::take_out(const std::string& path, const std::string& line) {
    if (!fs::exists(root_ / path)) return;
    Change& change = change_of(path);
    const std::size_t at = find_line(change.text, line, true);
    if (at == std::string::npos) return;
    change.text.erase(at, change.text.find('\n', at) + 1 - at);
    change.kind = Change::Kind::change;
    change.lines.push_back("- " + line);
}

void Plan::check() const {
    if (refusals_.empty()) return;
    std::string text;
    for (const std::string& refusal : refusals_)
        text += (text.empty() ? "" : "\n  ") + refusal;
    throw CommandError{text + "\nNothing was written. --force replaces what is there."};
}

void Plan::apply() const {
    for (const Change& change : changes_) {
        if (change.kind == Change::Kind::create || change.kind == Change::Kind::change)
            write_text(root_ / change.path, change.text);
        else if (change.kind == Change::Kind::remove)
            fs::remove(root_ / change.path);
    }
}

void Plan::show(terminal::Terminal& terminal, bool as_json) const {
    if (as_json) {
        std::vector<Shown> all;
        for (const Change& change : changes_)
            all.push_back({std::string{name_of(change.kind)}, change.path, change.lines,
                           change.why.empty() ? std::nullopt : std::optional{change.why}});
        terminal.out(to_json(all) + '\n');
        return;
    }
    for (const Change& change : changes_) {
        const Colour colour = change.kind == Change::Kind::create   ? Colour::green
                              : change.kind == Change::Kind::change ? Colour::yellow
                              : change.kind == Change::Kind::remove ? Colour::red
                                                                    : Colour::faint;
        std::string word{name_of(change.kind)};
        word.append(8 - word.size(), ' ');
        std::string text = terminal.paint(colour, word) + change.path;
        if (!change.why.empty()) text += "  (" + change.why + ')';
        text += '\n';
        for (const std::string& line : change.lines)
            text += "          " + terminal.paint(colour, line) + '\n';
        terminal.out(text);
    }
}

bool Plan::empty() const {
    return std::none_of(changes_.begin(), changes_.end(), [](const Change& change) {
        return change.kind != Change::Kind::same && change.kind != Change::Kind::keep;
    });
}

} // namespace armature::cli

#include "db/migration_files.hpp"

#include "crypto/crypto.hpp"

#include <armature/db/migrations.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace armature::db::detail {

namespace {

constexpr std::string_view marker = "-- migrate:";

std::string_view line_at(std::string_view text, std::size_t at) {
    return text.substr(at, text.find('\n', at) - at);
}

bool says_no_transaction(std::string_view line) {
    return line.find("transaction:false") != std::string_view::npos ||
           line.starts_with("-- no-transaction");
}

// Where a line begins with a marker; npos if none does.
std::size_t find_marker(std::string_view text, std::string_view which) {
    const std::string wanted = std::string{marker} + std::string{which};
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at).starts_with(wanted)) return at;
        const std::size_t end = text.find('\n', at);
        if (end == std::string_view::npos) break;
        at = end + 1;
    }
    return std::string_view::npos;
}

void set_part(MigrationPart& part, const std::string& file, const std::string& text,
              std::size_t begin, std::size_t end) {
    part.file = file;
    part.text = text;
    part.offset = begin;
    part.size = end - begin;
    part.is_there = true;
    const std::string_view first = line_at(text, begin);
    part.in_transaction = !says_no_transaction(first);
}

Migration& migration_of(std::vector<Migration>& migrations, std::string_view version,
                        std::string_view name, const std::string& path) {
    for (Migration& known : migrations) {
        if (!is_same_version(known.version, version)) continue;
        if (known.name != name)
            throw MigrationError{path + ": version " + std::string{version} + " is taken by " +
                                 (known.up.is_there ? known.up : known.down).file +
                                 "; rename one of them"};
        return known;
    }
    Migration& added = migrations.emplace_back();
    added.version = version;
    added.name = name;
    return added;
}

} // namespace

std::string Migration::checksum() const {
    std::string text;
    for (const char c : up.script())
        if (c != '\r') text += c;
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    return checksum_of(text);
}

std::string checksum_of(std::string_view text) {
    return crypto::to_hex(crypto::digest(EVP_sha256(), text));
}

std::string_view version_in(std::string_view text) noexcept {
    std::size_t size = 0;
    while (size < text.size() && is_digit(text[size]))
        ++size;
    return text.substr(0, size);
}

namespace {

std::string_view significant(std::string_view version) noexcept {
    const std::size_t first = version.find_first_not_of('0');
    return first == std::string_view::npos ? std::string_view{} : version.substr(first);
}

} // namespace

bool is_before(std::string_view a, std::string_view b) noexcept {
    a = significant(a);
    b = significant(b);
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

bool is_same_version(std::string_view a, std::string_view b) noexcept {
    return significant(a) == significant(b);
}

void add_migration(std::vector<Migration>& migrations, const std::string& path, std::string text) {
    std::string_view name = path;
    if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos)
        name.remove_prefix(slash + 1);
    const std::string_view version = version_in(name);
    if (version.empty() || !name.ends_with(".sql") ||
        (name.size() > version.size() && name[version.size()] != '_' &&
         name[version.size()] != '.'))
        throw MigrationError{path + ": a migration's file is called VERSION_name.sql, for example "
                                    "20260101120000_create_users.sql"};
    name.remove_prefix(version.size());
    name.remove_suffix(4);
    if (name.starts_with('_')) name.remove_prefix(1);
    const bool is_up = name.ends_with(".up");
    const bool is_down = name.ends_with(".down");
    if (is_up) name.remove_suffix(3);
    if (is_down) name.remove_suffix(5);

    Migration& migration = migration_of(migrations, version, name, path);
    const auto take = [&](MigrationPart& part, std::size_t begin, std::size_t end) {
        if (part.is_there)
            throw MigrationError{path + ": version " + std::string{version} +
                                 " is there twice, in " + part.file + " too"};
        set_part(part, path, text, begin, end);
    };
    if (is_up) return take(migration.up, 0, text.size());
    if (is_down) return take(migration.down, 0, text.size());

    const std::size_t up = find_marker(text, "up");
    const std::size_t down = find_marker(text, "down");
    if (up == std::string_view::npos || (down != std::string_view::npos && down < up))
        throw MigrationError{path + ": there is no line '-- migrate:up' before everything else; "
                                    "behind '-- migrate:down' is what reverts it"};
    // What is before the first marker wouldn't run, so only comments may be there.
    const std::vector<ScriptStatement> lost =
        split_script(std::string_view{text}.substr(0, up), Dialect::postgres);
    if (!lost.empty()) {
        const TextPosition position = position_of(text, lost.front().offset);
        throw MigrationError{path + ':' + std::to_string(position.line) + ':' +
                             std::to_string(position.column) +
                             ": statements before '-- migrate:up' don't run"};
    }
    take(migration.up, up, std::min(down, text.size()));
    if (down != std::string_view::npos) take(migration.down, down, text.size());
}

void read_folder(std::vector<Migration>& migrations, const std::string& folder) {
    std::error_code error;
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator{folder, error})
        if (entry.path().extension() == ".sql") paths.push_back(entry.path().string());
    if (error) throw MigrationError{folder + ": " + error.message()};
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
        std::ifstream file{path, std::ios::binary};
        std::ostringstream text;
        text << file.rdbuf();
        if (!file) throw MigrationError{path + ": can't be read"};
        add_migration(migrations, path, std::move(text).str());
    }
}

void check_and_sort(std::vector<Migration>& migrations) {
    std::sort(migrations.begin(), migrations.end(), [](const Migration& a, const Migration& b) {
        return is_before(a.version, b.version);
    });
    for (const Migration& migration : migrations)
        if (!migration.up.is_there)
            throw MigrationError{migration.down.file + ": there is no " + migration.version + '_' +
                                 migration.name + ".up.sql beside it"};
}

} // namespace armature::db::detail

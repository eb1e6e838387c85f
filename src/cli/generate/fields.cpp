#include "cli/generate/fields.hpp"

#include "cli/scaffold/files.hpp"
#include "core/nearest.hpp"
#include "terminal/command.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace armature::cli {

namespace {

namespace fs = std::filesystem;
using terminal::CommandError;
using terminal::UsageError;

/// What a field can be.
struct Type {
    std::string_view name;
    std::string_view cpp;
    std::string_view initial; ///< of a member that isn't optional
    std::string_view include;
    std::string_view rules;
    std::string_view sqlite;
    std::string_view postgres;
    std::string_view sample;
    std::string_view other;
    std::string_view fake; ///< how seeds make one up
};

constexpr std::string_view chrono = "<armature/describe/chrono.hpp>";
constexpr Type types[] = {
    {"string", "std::string", "", "", "min_length(1), max_length(255)", "TEXT", "TEXT", R"("one")",
     R"("another")", "fake.words(2)"},
    {"text", "std::string", "", "", "max_length(100'000)", "TEXT", "TEXT", R"("A text.")",
     R"("Another text.")", "fake.paragraph(2)"},
    {"integer", "std::int64_t", " = 0", "", "", "INTEGER", "BIGINT", "1", "2",
     "fake.integer(0, 1'000)"},
    {"decimal", "armature::Decimal", "", "<armature/core/decimal.hpp>", "", "TEXT", "NUMERIC",
     R"("12.50")", R"("7.25")", "fake.price()"},
    {"float", "double", " = 0", "", "", "REAL", "DOUBLE PRECISION", "1.5", "2.5",
     "fake.random().real() * 100"},
    {"boolean", "bool", " = false", "", "", "INTEGER", "BOOLEAN", "false", "true",
     "fake.chance(0.5)"},
    {"date", "std::chrono::year_month_day", "{}", chrono, "", "TEXT", "DATE", R"("2026-01-02")",
     R"("2026-03-04")",
     "std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(fake.past())}"},
    {"datetime", "std::chrono::sys_seconds", "{}", chrono, "", "TEXT", "TIMESTAMPTZ",
     R"("2026-01-02T03:04:05Z")", R"("2026-03-04T05:06:07Z")", "fake.past()"},
    {"uuid", "armature::Uuid", "", "<armature/core/uuid.hpp>", "", "TEXT", "UUID",
     R"("01890a5d-ac96-774b-bcce-b302099a8057")", R"("01890a5d-ac96-774b-bcce-b302099a8058")",
     "fake.uuid()"},
    {"email", "std::string", "", "", "max_length(254), format::email", "TEXT", "TEXT",
     R"("ada@example.com")", R"("grace@example.com")", "fake.email()"},
    {"url", "std::string", "", "", "max_length(2000), format::uri", "TEXT", "TEXT",
     R"("https://example.com/a")", R"("https://example.com/b")", "fake.url()"},
};

const Type& type_named(const std::string& name, const std::string& word) {
    for (const Type& type : types)
        if (type.name == name) return type;
    std::vector<std::string> names;
    std::string list;
    for (const Type& type : types)
        names.emplace_back(type.name);
    names.emplace_back("belongs_to");
    for (const std::string& each : names)
        list.append(list.empty() ? "" : ", ").append(each);
    const std::string* near = armature::detail::nearest(name, names);
    throw UsageError{word + ": there is no type '" + name + "'; " +
                     (near != nullptr ? "did you mean " + *near + '?' : "there are " + list)};
}

// What a text is like, by the name of its field.
std::string fake_text(const std::string& name) {
    const std::pair<std::string_view, std::string_view> likes[] = {
        {"first_name", "first_name()"}, {"last_name", "last_name()"}, {"user_name", "user_name()"},
        {"name", "product()"},          {"title", "title()"},         {"city", "city()"},
        {"street", "street()"},         {"address", "address()"},     {"postcode", "postcode()"},
        {"country", "country()"},       {"phone", "phone()"},         {"company", "company()"},
        {"job", "job_title()"},         {"slug", "slug()"},           {"colour", "colour_name()"},
        {"color", "colour_name()"}};
    for (const auto& [like, call] : likes)
        if (name == like) return "fake." + std::string{call};
    return {};
}

// The same for a column in which no value stands twice.
std::string unique_fake(const Type& type, const std::string& fake) {
    if (type.name == "email") return "fake.unique_email()";
    if (type.name == "integer") return "static_cast<std::int64_t>(fake.index()) + 1";
    if (type.name == "decimal")
        return "*armature::Decimal::parse(std::to_string(fake.index() + 1))";
    if (type.name == "float") return "static_cast<double>(fake.index())";
    if (type.name == "url") return fake + " + '/' + std::to_string(fake.index() + 1)";
    if (type.cpp == "std::string") return fake + " + ' ' + std::to_string(fake.index() + 1)";
    if (type.name == "datetime")
        return "std::chrono::sys_seconds{std::chrono::seconds{fake.index()}}";
    if (type.name == "date")
        return "std::chrono::sys_days{std::chrono::days{static_cast<int>(fake.index())}}";
    return fake; // a UUID is, and of true and false there are only two
}

// What stands behind "name:" of a word, in its parts.
struct Kind {
    std::string type;
    std::string table; ///< of "references:authors"
    bool is_optional = false;
    bool is_unique = false;
};

Kind kind_of(std::string text) {
    Kind kind;
    kind.is_unique = text.ends_with(":unique");
    if (kind.is_unique) text.resize(text.size() - 7);
    const std::size_t colon = text.find(':');
    if (text.starts_with("references") && colon != std::string::npos) {
        kind.table = text.substr(colon + 1);
        text.resize(colon);
    }
    kind.is_optional = text.ends_with('?') || kind.table.ends_with('?');
    if (text.ends_with('?')) text.pop_back();
    if (kind.table.ends_with('?')) kind.table.pop_back();
    kind.type = text;
    return kind;
}

// Finds the struct whose model says that it is kept in the table.
void find_model(Reference& reference, const fs::path& root) {
    const std::string end = ", \"" + reference.table + '"';
    std::vector<fs::path> headers;
    if (fs::is_directory(root / "src"))
        for (const auto& entry : fs::directory_iterator{root / "src"})
            if (entry.path().extension() == ".hpp") headers.push_back(entry.path());
    std::sort(headers.begin(), headers.end());
    for (const fs::path& header : headers) {
        const std::string text = read_text(header);
        constexpr std::string_view call = "ARMATURE_MODEL(";
        for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at)) {
            at += call.size();
            const std::size_t comma = text.find(',', at);
            if (comma == std::string::npos || text.compare(comma, end.size(), end) != 0) continue;
            reference.type = text.substr(at, comma - at);
            const std::string stem = header.stem().string();
            reference.header = stem + ".hpp";
            reference.factory = stem + "_factory";
            const fs::path seeds = root / "src" / (stem + "_seeds.hpp");
            if (!fs::exists(seeds) ||
                read_text(seeds).find(reference.factory + "()") == std::string::npos)
                throw CommandError{"src/" + stem + "_seeds.hpp: has no function " +
                                   reference.factory + "() that makes rows of " + reference.table +
                                   " up, as those of generated models have"};
            return;
        }
    }
    throw CommandError{"no model in src/ is kept in a table " + reference.table +
                       ": make it first, by 'armature generate resource', or name its table: " +
                       reference.member + "_id:references:TABLE"};
}

// "author:belongs_to", which is author_id in a table authors, and "author_id:references:people".
Field reference_of(const std::string& word, const std::string& name, const Kind& kind,
                   const FieldsFor& of) {
    const bool names_column = name.ends_with("_id") && name.size() > 3;
    Reference reference;
    reference.member = names_column ? name.substr(0, name.size() - 3) : name;
    const Names member = names_of(reference.member, "a field's name");
    reference.table = kind.table.empty() ? plural_of(member).snake : kind.table;
    if (of.is_model && reference.table == of.table) {
        if (!kind.is_optional)
            throw UsageError{word + ": the first of " + of.table +
                             " can't refer to another; let it be absent: " + name + ":belongs_to?"};
        reference.type = of.thing.pascal;
        reference.factory = of.thing.snake + "_factory";
    } else if (of.is_model) {
        find_model(reference, of.root);
    }
    const std::string column = reference.member + "_id";
    Field field{};
    field.name = column;
    field.member = (kind.is_optional ? "std::optional<std::int64_t> " + column + ';'
                                     : "std::int64_t " + column + " = 0;") +
                   "\narmature::db::One<" + reference.type + "> " + reference.member +
                   "; ///< once it was loaded";
    field.describe = column + ", (" + reference.member + ", read_only)";
    field.type = of.postgres ? "BIGINT" : "INTEGER";
    const bool is_own = reference.header.empty() && of.is_model; // there is none to refer to yet
    field.sample = is_own ? "null" : "1";
    field.other = is_own ? "null" : "2";
    field.reference = std::move(reference);
    return field;
}

// Columns that have a meaning for the repository, by their names.
void give_role(Field& field, const Type& type, bool postgres) {
    using Role = Field::Role;
    const std::pair<std::string_view, Role> times[] = {{"created_at", Role::created_at},
                                                       {"updated_at", Role::updated_at},
                                                       {"deleted_at", Role::deleted_at}};
    if (field.name == "version" && type.name == "integer" && !field.is_optional) {
        field.role = Role::version;
        field.when_missing = "1";
    }
    for (const auto& [name, role] : times) {
        if (field.name != name || type.name != "datetime") continue;
        if (field.is_optional != (role == Role::deleted_at)) continue;
        field.role = role;
        const std::string time = "std::chrono::sys_time<std::chrono::microseconds>";
        field.member = field.is_optional ? "std::optional<" + time + "> " + field.name + ';'
                                         : time + ' ' + field.name + "{};";
        if (!field.is_optional)
            field.when_missing = postgres ? "now()" : "(strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))";
    }
    if (field.role != Role::value) field.describe = '(' + field.name + ", read_only)";
}

Field field_of(const std::string& word, const FieldsFor& of) {
    const std::size_t colon = word.find(':');
    if (colon == std::string::npos)
        throw UsageError{"'" + word + "' is no field; write name:type, such as price:decimal"};
    const std::string name = names_of(word.substr(0, colon), "a field's name").snake;
    if (name == "id") throw UsageError{"id is there by itself"};
    const Kind kind = kind_of(word.substr(colon + 1));
    Field field{};
    if (kind.type == "belongs_to" || kind.type == "references") {
        field = reference_of(word, name, kind, of);
        field.is_optional = kind.is_optional;
        field.is_unique = kind.is_unique;
        return field;
    }
    const Type& type = type_named(kind.type, word);
    const std::string cpp{type.cpp};
    field.name = name;
    field.is_optional = kind.is_optional;
    field.is_unique = kind.is_unique;
    field.member = (field.is_optional ? "std::optional<" + cpp + "> " + field.name
                                      : cpp + ' ' + field.name + std::string{type.initial}) +
                   ';';
    field.include = type.include;
    field.describe =
        type.rules.empty() ? field.name : '(' + field.name + ", " + std::string{type.rules} + ')';
    field.type = of.postgres ? type.postgres : type.sqlite;
    field.sample = type.sample;
    field.other = type.other;
    field.fake = type.fake;
    if (const std::string text = fake_text(field.name); type.name == "string" && !text.empty())
        field.fake = text;
    if (field.is_unique) field.fake = unique_fake(type, field.fake);
    if (of.is_model) give_role(field, type, of.postgres);
    return field;
}

} // namespace

std::vector<Field> fields_of(const std::vector<std::string>& words, const FieldsFor& of) {
    std::vector<Field> fields;
    std::set<std::string> names;
    for (const std::string& word : words) {
        fields.push_back(field_of(word, of));
        const Field& field = fields.back();
        if (!names.insert(field.name).second ||
            (field.reference && !names.insert(field.reference->member).second))
            throw UsageError{"the field " + field.name + " is given twice"};
    }
    using Role = Field::Role;
    const auto has = [&](Role role) {
        return std::any_of(fields.begin(), fields.end(),
                           [&](const Field& field) { return field.role == role; });
    };
    if (has(Role::created_at) != has(Role::updated_at))
        throw UsageError{"created_at:datetime and updated_at:datetime come together"};
    return fields;
}

} // namespace armature::cli

#include "cli/generate/fields.hpp"

#include "core/nearest.hpp"
#include "terminal/command.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

namespace armature::cli {

namespace {

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
    for (const Type& type : types) {
        names.emplace_back(type.name);
        list.append(list.empty() ? "" : ", ").append(type.name);
    }
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

Field field_of(const std::string& word, bool postgres) {
    const std::size_t colon = word.find(':');
    if (colon == std::string::npos)
        throw UsageError{"'" + word + "' is no field; write name:type, such as price:decimal"};
    Field field;
    field.name = names_of(word.substr(0, colon), "a field's name").snake;
    if (field.name == "id") throw UsageError{"id is there by itself"};
    std::string kind = word.substr(colon + 1);
    field.is_unique = kind.ends_with(":unique");
    if (field.is_unique) kind.resize(kind.size() - 7);
    field.is_optional = kind.ends_with('?');
    if (field.is_optional) kind.pop_back();
    const Type& type = type_named(kind, word);

    const std::string cpp{type.cpp};
    field.member = (field.is_optional ? "std::optional<" + cpp + "> " + field.name
                                      : cpp + ' ' + field.name + std::string{type.initial}) +
                   ';';
    field.include = type.include;
    field.describe =
        type.rules.empty() ? field.name : '(' + field.name + ", " + std::string{type.rules} + ')';
    field.type = postgres ? type.postgres : type.sqlite;
    field.sample = type.sample;
    field.other = type.other;
    field.fake = type.fake;
    if (const std::string text = fake_text(field.name); type.name == "string" && !text.empty())
        field.fake = text;
    if (field.is_unique) field.fake = unique_fake(type, field.fake);
    return field;
}

// "NAME(a, b, c)TAIL", broken before what would go beyond 100 columns.
std::string wrapped(const std::string& head, const std::vector<std::string>& items,
                    const std::string& tail) {
    std::string out;
    std::string line = head;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string item = items[i] + (i + 1 == items.size() ? tail : ",");
        if (i > 0 && line.size() + 1 + item.size() > 100) {
            out += line + '\n';
            line = std::string(head.size(), ' ') + item;
        } else {
            line += (i == 0 ? "" : " ") + item;
        }
    }
    return out + line;
}

// The words of a text as C++ has them, in lines of at most 88 columns, each in quotes of their own
// if it is SQL, with `tail` behind the last.
std::string broken(const std::string& text, const char* quote, const std::string& tail) {
    std::string out;
    std::string line;
    std::istringstream words{text};
    for (std::string word; words >> word;) {
        if (!line.empty() && line.size() + 1 + word.size() > 86) {
            out += quote + line + (*quote != '\0' ? " " : "") + quote + '\n';
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    return out + quote + line + quote + tail;
}

std::string create_table(const std::string& table, const std::vector<Field>& fields,
                         bool postgres) {
    std::string sql = "CREATE TABLE " + table + " (\n    id " +
                      (postgres ? "BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY"
                                : "INTEGER PRIMARY KEY AUTOINCREMENT");
    for (const Field& field : fields)
        sql += ",\n    " + field.name + ' ' + field.type + (field.is_optional ? "" : " NOT NULL") +
               (field.is_unique ? " UNIQUE" : "");
    return sql + (postgres ? "\n);" : "\n) STRICT;");
}

std::string json_of(const std::vector<Field>& fields, bool other) {
    std::string text;
    for (const Field& field : fields)
        text += (text.empty() ? "\"" : ",\"") + field.name +
                "\":" + (other ? field.other : field.sample);
    return "R\"({" + text + "})\"";
}

} // namespace

std::vector<Field> fields_of(const std::vector<std::string>& words, bool postgres) {
    std::vector<Field> fields;
    std::set<std::string> names;
    for (const std::string& word : words) {
        fields.push_back(field_of(word, postgres));
        if (!names.insert(fields.back().name).second)
            throw UsageError{"the field " + fields.back().name + " is given twice"};
    }
    return fields;
}

void add_field_values(Values& values, const std::vector<Field>& fields, bool postgres) {
    std::set<std::string> includes{"<armature/describe/describe.hpp>"};
    std::string members;
    std::string assignments;
    std::string arguments;
    std::string fakes;
    std::vector<std::string> described{values.at("Thing"), "(id, read_only)"};
    std::string names = "id";
    bool is_strict = false;
    std::size_t number = 1; // $1 is the id
    for (const Field& field : fields) {
        if (!field.include.empty()) includes.insert(field.include);
        members += (members.empty() ? "" : "\n") + field.member;
        described.push_back(field.describe);
        names += ", " + field.name;
        assignments +=
            (assignments.empty() ? "" : ", ") + field.name + " = $" + std::to_string(++number);
        arguments += ", " + values.at("thing") + '.' + field.name;
        fakes += (fakes.empty() ? "" : "\n") + values.at("thing") + '.' + field.name + " = " +
                 field.fake + ';';
        is_strict = is_strict || !field.is_optional;
    }
    std::string include_lines;
    for (const std::string& include : includes)
        include_lines += (include_lines.empty() ? "#include " : "\n#include ") + include;
    values["fields.includes"] = include_lines;
    values["fields.members"] = members;
    values["fields.describe"] = wrapped("ARMATURE_DESCRIBE(", described, ");");
    const std::string& table = values.at("table");
    values["sql.find"] = broken("SELECT " + names + " FROM " + table + " WHERE id = $1", "\"", ",");
    values["sql.replace"] = broken(
        "UPDATE " + table + " SET " + assignments + " WHERE id = $1 RETURNING " + names, "\"", ",");
    values["fields.arguments"] = broken("id" + arguments, "", ");");
    values["fields.fake"] = fakes;
    values["sample.one"] = json_of(fields, false);
    values["sample.other"] = json_of(fields, true);
    // Not what a client may send: without what has to be there, or no object at all.
    values["sample.wrong"] = is_strict ? "{}" : "[]";
    values["sql.create"] = create_table(table, fields, postgres);
}

void add_migration_values(Values& values, const std::string& name, const std::vector<Field>& fields,
                          bool postgres) {
    const auto alter = [&](const std::string& table, bool add) {
        std::string sql;
        for (const Field& field : fields) {
            // An index of its own, because SQLite adds no column that is unique.
            const std::string index = table + '_' + field.name;
            const std::string column = "ALTER TABLE " + table +
                                       (add ? " ADD COLUMN " : " DROP COLUMN ") + field.name +
                                       (add ? ' ' + field.type : "") + ';';
            if (!sql.empty()) sql += '\n';
            if (!field.is_unique)
                sql += column;
            else if (add)
                sql += column + "\nCREATE UNIQUE INDEX " + index + " ON " + table + " (" +
                       field.name + ");";
            else
                sql += "DROP INDEX " + index + ";\n" + column;
        }
        return sql;
    };
    std::string up;
    std::string down;
    const auto behind = [&](std::string_view word) {
        const std::size_t at = name.rfind(word);
        return at == std::string::npos ? std::string{} : name.substr(at + word.size());
    };
    if (name.starts_with("create_") && !fields.empty()) {
        up = create_table(name.substr(7), fields, postgres);
        down = "DROP TABLE " + name.substr(7) + ';';
    } else if (name.starts_with("add_") && !behind("_to_").empty() && !fields.empty()) {
        for (const Field& field : fields)
            if (!field.is_optional)
                throw UsageError{"rows that are there already have no " + field.name +
                                 ": let it be absent, by '?' behind its type, or write the "
                                 "migration by hand"};
        up = alter(behind("_to_"), true);
        down = alter(behind("_to_"), false);
    } else if (name.starts_with("remove_") && !behind("_from_").empty() && !fields.empty()) {
        up = alter(behind("_from_"), false);
        down = alter(behind("_from_"), true);
    } else if (!fields.empty()) {
        throw UsageError{"with fields, a migration's name is create_TABLE, add_WHAT_to_TABLE or "
                         "remove_WHAT_from_TABLE"};
    }
    values["sql.up"] = up.empty() ? "-- what changes" : up;
    values["sql.down"] = down.empty() ? "-- what changes it back" : down;
}

} // namespace armature::cli

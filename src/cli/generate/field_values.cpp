#include "cli/generate/fields.hpp"
#include "terminal/command.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace armature::cli {

using terminal::UsageError;

namespace {

// "HEADa, b, cTAIL", broken before what would go beyond the width.
std::string wrapped(const std::string& head, const std::vector<std::string>& items,
                    const std::string& tail, std::size_t width = 100) {
    std::string out;
    std::string line = head;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string item = items[i] + (i + 1 == items.size() ? tail : ",");
        if (i > 0 && line.size() + 1 + item.size() > width) {
            out += line + '\n';
            line = std::string(head.size(), ' ') + item;
        } else {
            line += (i == 0 ? "" : " ") + item;
        }
    }
    return out + line;
}

// A function's head, its name in a line of its own if it has to be.
std::string function(const std::string& result, const std::string& name,
                     const std::vector<std::string>& parameters, const std::string& tail,
                     std::size_t width) {
    const std::string text = wrapped(result + ' ' + name + '(', parameters, tail, width);
    std::size_t longest = 0;
    for (std::size_t at = 0, end = 0; end != std::string::npos; at = end + 1) {
        end = text.find('\n', at);
        longest = std::max(longest, std::min(end, text.size()) - at);
    }
    if (longest <= width) return text;
    return result + '\n' + wrapped(name + '(', parameters, tail, width);
}

std::string refers(const Field& field) {
    return field.reference ? " REFERENCES " + field.reference->table + " (id)" : "";
}

// What is looked for by: PostgreSQL has no index of a foreign key by itself, nor has SQLite.
std::string index_of(const std::string& table, const Field& field) {
    return std::string{"CREATE "} + (field.is_unique ? "UNIQUE " : "") + "INDEX " + table + '_' +
           field.name + " ON " + table + " (" + field.name + ");";
}

std::string json_of(const std::vector<Field>& fields, bool other) {
    std::string text;
    for (const Field& field : fields)
        if (field.role == Field::Role::value)
            text += (text.empty() ? "\"" : ",\"") + field.name +
                    "\":" + (other ? field.other : field.sample);
    return "R\"({" + text + "})\"";
}

// A load of each relation into `object`.
std::string loads_of(const std::string& objects, const std::string& object,
                     const std::vector<std::string>& relations) {
    std::string text;
    for (const std::string& relation : relations)
        text += "co_await " + objects + ".load(" + object + ", " + relation + ");\n";
    return text;
}

// The bodies of the functions that find and change one. With a version, nobody overwrites what they
// haven't seen. The entity tag speaks of the row alone, so nothing related goes with it.
void add_body_values(Values& values, const std::vector<std::string>& relations, bool is_versioned) {
    const std::string type = values.at("Thing");
    const std::string objects = values.at("things") + '_';
    const std::string original = "const " + type + " original = co_await " + objects +
                                 ".get(*id); // or 404\n" +
                                 (is_versioned ? "check_version(request, original);\n" : "");
    const std::string load = is_versioned ? "" : loads_of(objects, "changed", relations);
    const std::string give =
        load + (is_versioned ? "co_return tagged(std::move(changed));" : "co_return changed;");
    const std::string result = is_versioned ? "armature::Tagged<" + type + '>' : type;
    const auto add_heads = [&](const char* name, const std::string& gives,
                               std::vector<std::string> parameters, bool writes) {
        if (writes && is_versioned) parameters.emplace_back("armature::Request& request");
        const std::string task = "armature::Task<" + gives + '>';
        values[std::string{name} + ".declared"] = function(task, name, parameters, ");", 96);
        values[std::string{name} + ".defined"] =
            function(task, type + "Controller::" + name, parameters, ") {", 100);
    };
    const std::string id = "armature::Path<std::int64_t> id";
    const std::string given = "armature::Json<" + type + "> given";
    add_heads("list", "armature::CursorPage<" + type + '>',
              {"armature::Query<" + type + "Cursor> page"}, false);
    add_heads("add", "armature::Created<" + type + '>', {given}, false);
    add_heads("find", is_versioned ? result : "std::optional<" + type + '>', {id}, false);
    add_heads("replace", result, {id, given}, true);
    add_heads("patch", result, {id, "armature::Patch<" + type + "> patch"}, true);
    add_heads("remove", "", {id}, true);
    values["made.load"] = is_versioned ? "" : loads_of(objects, "made", relations);
    if (values["made.load"].ends_with('\n')) values["made.load"].pop_back();
    if (is_versioned)
        values["find.body"] = type + " found = co_await " + objects +
                              ".get(*id); // or 404\nco_return tagged(std::move(found));";
    else if (relations.empty())
        values["find.body"] = "return " + objects + ".find(*id); // nothing is answered with 404";
    else
        values["find.body"] = "std::optional<" + type + "> found = co_await " + objects +
                              ".find(*id);\nif (!found) co_return std::nullopt; // 404\n" +
                              loads_of(objects, "*found", relations) + "co_return found;";
    values["replace.body"] =
        (is_versioned ? original : "") + type +
        " changed = std::move(*given);\nchanged.id = *id;\n" +
        (is_versioned ? "changed.version = original.version;\n" : "") + "changed = co_await " +
        objects + ".update(std::move(changed)); // " +
        (is_versioned ? "409 if somebody was faster" : "404 if there is none") + '\n' + give;
    values["patch.body"] = original + type + " changed = patch.applied_to(original);\n" +
                           "changed = co_await " + objects +
                           ".update(std::move(changed), original);\n" + give;
    values["remove.body"] = is_versioned
                                ? original + "co_await " + objects + ".remove(original);"
                                : "return " + objects + ".remove(*id); // 404 if there is none";
    values["version.functions"] =
        is_versioned
            ? "namespace {\n\narmature::Tagged<" + type + "> tagged(" + type +
                  " found) {\n    std::string etag = armature::db::Repository<" + type +
                  ">::etag(found);\n    return {std::move(found), std::move(etag)};\n}\n\n"
                  "// 428 without If-Match, 412 if the client knows another version.\n"
                  "void check_version(const armature::Request& request, const " +
                  type + "& current) {\n    const std::string etag = armature::db::Repository<" +
                  type +
                  ">::etag(current);\n    armature::Validators validators;\n    "
                  "validators.etag = etag;\n    armature::require_preconditions(request, "
                  "validators, armature::IfMatch::required);\n}\n\n} // namespace\n\n"
            : "";
    values["test.match"] = is_versioned ? ".header(\"if-match\", etag(path))" : "";
    values["test.etag"] =
        is_versioned ? "\n    std::string etag(const std::string& path) {\n        return "
                       "std::string{client.get(path).send().header(\"etag\").value_or(\"\")};\n"
                       "    }"
                     : "";
    values["test.version"] =
        is_versioned
            ? "\nTEST_F(" + values.at("Things") +
                  ", AreNotOverwrittenUnseen) {\n"
                  "    const armature::TestResponse made = client.post(\"/" +
                  values.at("path") +
                  "\").body(json, one).send();\n"
                  "    const std::string path{made.header(\"location\").value_or(\"\")};\n"
                  "    const std::string seen = etag(path);\n"
                  "    EXPECT_EQ(client.put(path).body(json, other).send().status(),\n"
                  "              armature::Status::precondition_required);\n"
                  "    EXPECT_EQ(client.put(path).header(\"if-match\", seen).body(json, "
                  "other).send().status(),\n"
                  "              armature::Status::ok);\n"
                  "    EXPECT_EQ(client.delete_(path).header(\"if-match\", seen).send().status(),\n"
                  "              armature::Status::precondition_failed);\n"
                  "}"
            : "";
}

} // namespace

std::string create_table(const std::string& table, const std::vector<Field>& fields,
                         bool postgres) {
    std::string sql = "CREATE TABLE " + table + " (\n    id " +
                      (postgres ? "BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY"
                                : "INTEGER PRIMARY KEY AUTOINCREMENT");
    std::string indices;
    for (const Field& field : fields) {
        sql += ",\n    " + field.name + ' ' + field.type + (field.is_optional ? "" : " NOT NULL");
        if (!field.when_missing.empty()) sql += " DEFAULT " + field.when_missing;
        sql += (field.is_unique ? " UNIQUE" : "") + refers(field);
        if (field.reference && !field.is_unique) indices += '\n' + index_of(table, field);
    }
    return sql + (postgres ? "\n);" : "\n) STRICT;") + indices;
}

void add_field_values(Values& values, const std::vector<Field>& fields, bool postgres) {
    using Role = Field::Role;
    const std::string thing = values.at("thing");
    const std::string type = values.at("Thing");
    const auto pointer = [&](const std::string& member) { return '&' + type + "::" + member; };
    const auto add = [&](const std::string& name, const std::string& line) {
        std::string& text = values[name];
        text += (text.empty() ? "" : "\n") + line;
    };
    for (const char* name : {"fields.members", "fields.fake", "fields.parents", "seeds.parents",
                             "seeds.recycled", "seeds.includes", "query.with", "test.parents",
                             "test.includes", "test.seed", "test.related", "test.conflict"})
        values[name] = ""; // there, and nothing in it

    std::set<std::string> own;
    std::set<std::string> seeds{thing + ".hpp"};
    std::set<std::string> factories;
    std::set<std::string> includes{"<armature/db/model.hpp>", "<armature/describe/describe.hpp>"};
    std::vector<std::string> described{type, "(id, read_only)"};
    std::vector<std::string> model{type, '"' + values.at("table") + '"'};
    std::map<Role, std::string> roles;
    const Field* first = nullptr; // that a client may change
    bool is_strict = false;
    std::vector<std::string> relations;
    for (const Field& field : fields) {
        if (!field.include.empty()) includes.insert(field.include);
        add("fields.members", field.member);
        described.push_back(field.describe);
        roles[field.role] = pointer(field.name);
        if (field.role != Role::value) continue;
        if (first == nullptr) first = &field;
        is_strict = is_strict || !field.is_optional;
        if (field.is_unique)
            values["test.conflict"] = "const armature::TestResponse again = client.post(\"/" +
                                      values.at("path") +
                                      "\").body(json, one).send();\n"
                                      "EXPECT_EQ(again.status(), armature::Status::conflict) << "
                                      "again.text();";
        if (!field.reference) {
            add("fields.fake", thing + '.' + field.name + " = " + field.fake + ';');
            continue;
        }
        const Reference& to = *field.reference;
        const std::string key = pointer(field.name);
        const std::string one = pointer(to.member);
        model.push_back("belongs_to<" + one + ", " + key + '>');
        add("query.with", "query.with(" + one + ");");
        relations.push_back(one);
        if (to.header.empty()) continue; // of its own table: nobody's, when made up
        own.insert(to.header);
        seeds.insert(to.header.substr(0, to.header.size() - 4) + "_seeds.hpp");
        add("fields.parents", ".belongs_to(" + key + ", " + to.factory + "())");
        values["test.related"] = "EXPECT_NE(client.get(\"/" + values.at("path") +
                                 "\").send().text().find(R\"(\"" + to.member +
                                 "\":{)\"), std::string::npos);";
        factories.insert(to.factory);
        if (field.is_unique) continue; // each row gets one of its own
        add("seeds.parents", "const auto of_" + to.member + " = seeding.create(" + to.factory +
                                 "().count(count / 10 + 1));");
        add("seeds.recycled", ".recycle(" + key + ", of_" + to.member + ")");
    }
    if (first == nullptr)
        throw UsageError{"a " + values.at("kebab") + " needs a field that its users may set"};
    if (roles.contains(Role::created_at))
        model.push_back("timestamps<" + roles[Role::created_at] + ", " + roles[Role::updated_at] +
                        '>');
    if (roles.contains(Role::deleted_at))
        model.push_back("soft_delete<" + roles[Role::deleted_at] + '>');
    if (roles.contains(Role::version)) model.push_back("version<" + roles[Role::version] + '>');

    std::string include_lines;
    for (const std::string& include : own)
        include_lines += "#include \"" + include + "\"\n";
    if (!own.empty()) include_lines += '\n';
    for (const std::string& include : includes)
        include_lines += "#include " + include + '\n';
    include_lines.pop_back();
    values["fields.includes"] = include_lines;
    std::set<std::string> tests{values.at("things") + ".hpp", "support.hpp"};
    for (const std::string& include : seeds) {
        add("seeds.includes", "#include \"" + include + '"');
        if (include.ends_with("_seeds.hpp")) tests.insert(include);
    }
    for (const std::string& include : tests)
        add("test.includes", "#include \"" + include + '"');
    values["fields.describe"] = wrapped("ARMATURE_DESCRIBE(", described, ");");
    values["fields.model"] = wrapped("ARMATURE_MODEL(", model, ");");
    values["sample.one"] = json_of(fields, false);
    values["sample.other"] = json_of(fields, true);
    // Not what a client may send: without what has to be there, or no object at all.
    values["sample.wrong"] = is_strict ? "{}" : "[]";
    values["sample.part"] = '"' + first->name + "\":" + first->sample;
    values["sql.create"] = create_table(values.at("table"), fields, postgres);
    if (!factories.empty()) {
        std::string made;
        for (const std::string& factory : factories)
            made += "    seeding.create(" + factory + "().count(2));\n";
        values["test.parents"] = "\n// What they refer to: 1 and 2.\n"
                                 "armature::Task<> make_parents(armature::seed::Seeding& seeding) "
                                 "{\n" +
                                 made + "    co_return;\n}\n";
        values["test.seed"] = "\n    " + values.at("Things") +
                              "() {\n        armature::seed::SeedOptions options;\n"
                              "        options.url = app.settings.database.expose();\n"
                              "        armature::seed::Seeders seeders{options};\n"
                              "        seeders.add(\"parents\", make_parents);\n"
                              "        seeders.run();\n    }";
    }
    add_body_values(values, relations, roles.contains(Role::version));
}
void add_migration_values(Values& values, const std::string& name, const std::vector<Field>& fields,
                          bool postgres) {
    const auto alter = [&](const std::string& table, bool add) {
        std::string sql;
        for (const Field& field : fields) {
            const std::string column = "ALTER TABLE " + table +
                                       (add ? " ADD COLUMN " : " DROP COLUMN ") + field.name +
                                       (add ? ' ' + field.type + refers(field) : "") + ';';
            if (!sql.empty()) sql += '\n';
            // An index of its own, because SQLite adds no column that is unique.
            if (!field.is_unique && !field.reference)
                sql += column;
            else if (add)
                sql += column + '\n' + index_of(table, field);
            else
                sql += "DROP INDEX " + table + '_' + field.name + ";\n" + column;
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

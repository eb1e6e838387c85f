#include "cli/client/cpp_text.hpp"
#include "cli/client/cpp_types.hpp"

#include <algorithm>
#include <functional>

// What a client says of each type, once it is decided what that becomes.

namespace armature::client_gen {

using namespace cpp_text;

namespace {

// Of those that have members. More, and a compiler takes minutes and gigabytes for one file.
constexpr std::size_t types_in_a_unit = 300;

std::vector<std::string> notes_of(const spec::Schema& schema) {
    std::vector<std::string> out = lines_of(schema.description);
    if (out.empty() && !schema.title.empty() && schema.title != schema.name)
        out = lines_of(schema.title);
    if (schema.is_deprecated) out.emplace_back("Deprecated.");
    return out;
}

spec::Node text_node(const std::string& text) {
    spec::Node node;
    node.kind = spec::Node::Kind::text;
    node.text = text;
    return node;
}

std::string_view initial(const std::string& type) {
    if (type == "bool") return " = false";
    if (type == "float" || type == "double" || type == "std::int32_t" || type == "std::int64_t" ||
        type == "std::uint64_t")
        return " = 0";
    return "{}";
}

} // namespace

std::string CppTypes::choice(std::size_t index) const {
    const Declaration& one = at(index);
    std::string list;
    for (const Alternative& alternative : one.alternatives)
        list += (list.empty() ? "" : ", ") + name_of(alternative.type);
    return (one.schema != nullptr ? comment(notes_of(*one.schema), "") : "") + "struct " +
           one.name + " : std::variant<" + list +
           "> {\n    using variant::variant;\n    using variant::operator=;\n};\n\n";
}

std::string CppTypes::choice_code(std::size_t index, const std::string& package) const {
    const Declaration& one = at(index);
    const Trial trial = *trial_of(index);
    const auto take = [&](std::size_t i) {
        return "return read_value(reader, out.emplace<" + std::to_string(i) + ">());\n";
    };
    std::string out = "template <>\nJsonStatus read_value(JsonReader& reader, " + package +
                      "::" + one.name +
                      "& out) {\n    const std::string_view text = reader.rest();\n"
                      "    switch (text.empty() ? ' ' : text.front()) {\n";
    for (const auto& [byte, i] : trial.by_byte) {
        const std::string labels =
            byte == 't'   ? "    case 't':\n    case 'f':\n"
            : byte == '0' ? "    case '-':\n    case '0':\n    case '1':\n    case '2':\n    case "
                            "'3':\n    case '4':\n    case '5':\n    case '6':\n    case '7':\n  "
                            "  case '8':\n    case '9':\n"
                          : "    case '" + std::string(1, byte) + "':\n";
        out += labels + "        " + take(i);
    }
    if (!trial.objects.empty()) {
        out += "    case '{': {\n        const " + package + "::MemberNames members(text);\n";
        for (const std::size_t i : trial.objects) {
            std::string names;
            for (const Field& field : at(meaning_of(one.alternatives[i].type).named).fields)
                if (field.is_required && !field.type.is_nullable && is_plain_name(field.json))
                    names += (names.empty() ? "" : ", ") + literal(field.json);
            if (!names.empty()) out += "        if (members.have({" + names + "}))\n    ";
            out += "        " + take(i);
            if (names.empty()) break;
        }
        out += "        break;\n    }\n";
    }
    return out +
           "    default:\n        break;\n    }\n    const JsonStatus status = "
           "reader.skip_value();\n    return status == JsonStatus::ok ? reader.invalid("
           "\"is none of its alternatives\") : status;\n}\ntemplate <>\nvoid "
           "write_value(JsonSink& sink, const " +
           package + "::" + one.name +
           "& value) {\n    std::visit([&](const auto& one) { write_value(sink, one); },\n"
           "               static_cast<const " +
           package + "::" + one.name + "::variant&>(value));\n}\n\n";
}

std::string CppTypes::enumeration(std::size_t index) {
    const Declaration& declaration = model_.declarations()[index];
    Names names(keywords());
    std::string out, list;
    if (declaration.schema != nullptr) out += comment(notes_of(*declaration.schema), "");
    out += "enum class " + declaration.name + " {\n";
    for (const std::string& value : declaration.values) {
        std::string name = snake_case(value);
        name = names.take(name.empty() ? (value.empty() ? "empty" : "other") : name);
        out += "    " + name + ", ///< " + single_line(spec::to_json(text_node(value))) + "\n";
        list += (list.empty() ? "" : ",") + std::string("\n        armature::enumerator(") +
                literal(value) + ", " + declaration.name + "::" + name + ")";
    }
    out += "};\n";
    return out + "[[maybe_unused]] constexpr auto armature_describe(const " + declaration.name +
           "*) {\n    return armature::describe_enum(" + list + ");\n}\n\n";
}

// More members than can be described at once are those of several bases.
std::string CppTypes::structure(std::size_t index, const std::set<std::size_t>& complete) {
    const Declaration& declaration = at(index);
    const std::string notes =
        declaration.schema != nullptr ? comment(notes_of(*declaration.schema), "") : "";
    std::string out, bases;
    const std::vector<Member> members = members_of(index);
    for (std::size_t first = 0; first < members.size(); first += most_members) {
        const std::string name = is_big(index) ? part_name(index, first) : declaration.name;
        if (is_big(index)) bases += (bases.empty() ? " : " : ", ") + name;
        out += (is_big(index) ? "/// Members of " + declaration.name + ".\n" : notes) + "struct " +
               name + " {\n";
        for (std::size_t i = first; i != std::min(first + most_members, members.size()); ++i) {
            const Member& member = members[i];
            if (member.field->schema != nullptr && member.field->schema->name.empty())
                out += comment(notes_of(*member.field->schema), "    ");
            // Lists of what is declared only can't be begun here.
            out += "    " + member.type + " " + member.name;
            if (is_complete(member.field->type, index, complete)) out += initial(member.type);
            out += ";\n";
        }
        out += "};\n\n";
    }
    if (!bases.empty()) out += notes + "struct " + declaration.name + bases + " {};\n\n";
    return out;
}

const std::string& CppTypes::part_name(std::size_t index, std::size_t first) {
    std::vector<std::string>& names = parts_[index];
    while (names.size() <= first / most_members)
        names.push_back(
            model_.take_name(at(index).name + "Part" + std::to_string(names.size() + 1)));
    return names[first / most_members];
}

std::string CppTypes::description(std::size_t index) {
    const std::vector<Member> members = members_of(index);
    std::string out;
    for (std::size_t first = 0; first < members.size(); first += most_members) {
        const std::string name = is_big(index) ? part_name(index, first) : at(index).name;
        std::string list;
        for (std::size_t i = first; i != std::min(first + most_members, members.size()); ++i)
            list += (list.empty() ? "" : ",") + std::string("\n        armature::member(") +
                    literal(members[i].field->json) + ", &" + name + "::" + members[i].name + ")";
        out += "[[maybe_unused]] constexpr auto armature_describe(const " + name +
               "*) {\n    return armature::describe_struct<" + name + ">(" + list + ");\n}\n\n";
    }
    return out;
}

// The parts are read from the same text, one after the other.
std::string CppTypes::big_code(std::size_t index, const std::string& package) {
    const std::string name = package + "::" + at(index).name;
    std::string reading, writing;
    for (const std::string& part : parts_[index]) {
        reading += "    if (read_part<" + package + "::" + part +
                   ">(text, out, reader) != JsonStatus::ok) status = JsonStatus::invalid;\n";
        writing += "    write_part<" + package + "::" + part + ">(sink, value, is_first);\n";
    }
    return "template <>\nJsonStatus read_value(JsonReader& reader, " + name +
           "& out) {\n    const std::string_view text = reader.rest();\n    JsonStatus status = "
           "reader.skip_value();\n    if (status != JsonStatus::ok) return status;\n" +
           reading + "    return status;\n}\ntemplate <>\nvoid write_value(JsonSink& sink, const " +
           name + "& value) {\n    bool is_first = true;\n" + writing +
           "    if (is_first) sink.put('{');\n    sink.put('}');\n}\n\n";
}

std::string CppTypes::wrapper_structs(std::size_t index) {
    std::string out;
    for (const Wrapper& wrapper : wrappers_of(index)) {
        const std::string& base = model_.declarations()[wrapper.object].name;
        if (wrapper.name == base) continue;
        out += "/// " + base + " as " + single_line(spec::to_json(text_node(wrapper.tag))) +
               " of " + model_.declarations()[index].name + ".\nstruct " + wrapper.name + " : " +
               base + " {};\n\n";
    }
    return out;
}

std::string CppTypes::wrapper_descriptions(std::size_t index) {
    std::string out;
    for (const Wrapper& wrapper : wrappers_of(index)) {
        const std::string& base = model_.declarations()[wrapper.object].name;
        if (wrapper.name == base) continue;
        std::string list;
        for (const Member& member : members_of(wrapper.object))
            if (member.field->json != model_.declarations()[index].discriminator)
                list += (list.empty() ? "" : ",") + std::string("\n        armature::member(") +
                        literal(member.field->json) + ", &" + base + "::" + member.name + ")";
        out += "[[maybe_unused]] constexpr auto armature_describe(const " + wrapper.name +
               "*) {\n    return armature::describe_struct<" + wrapper.name + ">(" + list +
               ");\n}\n\n";
    }
    return out;
}

std::string CppTypes::variant_description(std::size_t index) {
    const Declaration& declaration = model_.declarations()[index];
    std::string list;
    for (const Wrapper& wrapper : wrappers_of(index))
        list +=
            ",\n        armature::alternative<" + wrapper.name + ">(" + literal(wrapper.tag) + ")";
    return "[[maybe_unused]] constexpr auto armature_describe(const " + declaration.name +
           "*) {\n    return armature::describe_variant<" + declaration.name + ">(\n        " +
           literal(declaration.name) + ", " + literal(declaration.discriminator) + list +
           ");\n}\n\n";
}

CppTypes::Written CppTypes::write(const std::string& top, const std::string& package) {
    const std::deque<Declaration>& all = model_.declarations();
    std::string enumerations, forward, aliases, structs, descriptions;
    const auto declare = [&](const std::string& name) { forward += "struct " + name + ";\n"; };
    for (std::size_t i = 0; i != all.size(); ++i) {
        if (!is_written(i)) continue;
        if (all[i].kind == Decl::enumeration && !texts_.contains(i)) enumerations += enumeration(i);
        if (all[i].kind == Decl::object || all[i].kind == Decl::untagged) declare(all[i].name);
    }

    // Aliases after the aliases that they name.
    std::set<std::size_t> done;
    const std::function<void(std::size_t)> alias = [&](std::size_t i) {
        const Declaration& one = all[i];
        if (!is_written(i) || !done.insert(i).second) return;
        const std::function<void(const Type&)> before = [&](const Type& type) {
            if (type.item != nullptr) before(*type.item);
            if (type.kind == Kind::named) alias(type.named);
        };
        std::string meaning;
        if (one.kind == Decl::alias) {
            before(one.alias);
            meaning = name_of(one.alias);
        } else if (one.kind == Decl::enumeration && texts_.contains(i)) {
            meaning = "std::string";
        } else if (one.kind == Decl::tagged) {
            for (const Wrapper& wrapper : wrappers_of(i)) {
                if (wrapper.name != all[wrapper.object].name) declare(wrapper.name);
                meaning += (meaning.empty() ? "std::variant<" : ", ") + wrapper.name;
            }
            meaning += ">";
        } else {
            return;
        }
        if (one.schema != nullptr) aliases += comment(notes_of(*one.schema), "");
        aliases += "using " + one.name + " = " + meaning + ";\n\n";
    };
    for (std::size_t i = 0; i != all.size(); ++i)
        alias(i);

    // Structs after those that they contain, in lists as well where these don't lead back; then
    // their descriptions in the same order, which look at what their members are.
    const std::vector<std::size_t> groups = model_.groups(true);
    std::set<std::size_t> begun, complete;
    std::vector<std::string> compiled; // whose reading and writing is compiled once
    std::vector<std::size_t> choices, bigs;
    const std::function<void(std::size_t)> structure_of = [&](std::size_t i) {
        if (!is_written(i) || !begun.insert(i).second) return;
        const std::function<void(const Type&, bool)> before = [&](const Type& type, bool in_list) {
            if (type.item != nullptr) before(*type.item, true);
            if (type.kind != Kind::named || cycles_.contains({i, type.named})) return;
            if (!in_list || groups[type.named] != groups[i]) structure_of(type.named);
        };
        const Declaration& one = all[i];
        if (one.kind == Decl::alias) before(one.alias, false);
        for (const Field& field : one.fields)
            before(field.type, false);
        for (const Alternative& alternative : one.alternatives)
            before(alternative.type, false);
        if (one.kind == Decl::tagged) {
            structs += wrapper_structs(i);
            descriptions += wrapper_descriptions(i) + variant_description(i);
            compiled.push_back(one.name);
        }
        if (one.kind == Decl::object) {
            structs += structure(i, complete);
            descriptions += description(i);
            if (is_big(i))
                bigs.push_back(i);
            else
                compiled.push_back(one.name);
        }
        if (one.kind == Decl::untagged) {
            structs += choice(i);
            choices.push_back(i);
        }
        complete.insert(i);
    };
    for (std::size_t i = 0; i != all.size(); ++i)
        structure_of(i);

    std::string declarations, definitions, externs;
    for (const std::vector<std::size_t>* const list : {&choices, &bigs})
        for (const std::size_t i : *list) {
            const std::string name = package + "::" + all[i].name;
            declarations += "template <>\nJsonStatus read_value(JsonReader& reader, " + name +
                            "& out);\ntemplate <>\nvoid write_value(JsonSink& sink, const " + name +
                            "& value);\n";
            definitions += list == &bigs ? big_code(i, package) : choice_code(i, package);
        }
    for (const std::string& name : compiled)
        externs += "ARMATURE_JSON_EXTERN(" + package + "::" + name + ");\n";

    Written out;
    out.count = begun.size();
    out.header =
        top +
        "// The types of the service's schemas.\n\n#pragma once\n\n"
        "#include \"client.hpp\"\n\n#include <armature/json/instantiate.hpp>\n\nnamespace " +
        package + " {\n\n" + enumerations + forward + "\n" + aliases + structs + descriptions +
        "} // namespace " + package + "\n\n";
    if (!declarations.empty())
        out.header += "// What is JSON, though not by a description.\nnamespace armature::detail "
                      "{\n\n" +
                      declarations + "\n} // namespace armature::detail\n\n";
    out.header += "// These are compiled once, in types.cpp and the like.\n" + externs;
    for (std::size_t first = 0; first == 0 || first < compiled.size(); first += types_in_a_unit) {
        std::string source =
            top + "// How types are read and written.\n\n#include \"types.hpp\"\n\n";
        if (first == 0 && !definitions.empty())
            source += "namespace armature::detail {\n\n" + definitions +
                      "} // namespace armature::detail\n\n";
        for (std::size_t i = first; i < std::min(first + types_in_a_unit, compiled.size()); ++i)
            source += "ARMATURE_JSON_INSTANTIATE(" + package + "::" + compiled[i] + ");\n";
        out.sources.push_back(std::move(source));
    }
    return out;
}

} // namespace armature::client_gen

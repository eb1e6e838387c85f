#include "cli/client/cpp_types.hpp"

#include <algorithm>
#include <functional>

namespace armature::client_gen {

namespace {

// As many as a struct of a variant may have.
constexpr std::size_t most_members = 63;
// Of those that have members. More, and a compiler takes minutes and gigabytes for one file.
constexpr std::size_t types_in_a_unit = 300;

const std::set<std::string> all_keywords{"alignas",       "alignof",     "and",
                                         "and_eq",        "asm",         "auto",
                                         "bitand",        "bitor",       "bool",
                                         "break",         "case",        "catch",
                                         "char",          "char8_t",     "char16_t",
                                         "char32_t",      "class",       "compl",
                                         "concept",       "const",       "consteval",
                                         "constexpr",     "constinit",   "const_cast",
                                         "continue",      "co_await",    "co_return",
                                         "co_yield",      "decltype",    "default",
                                         "delete",        "do",          "double",
                                         "dynamic_cast",  "else",        "enum",
                                         "explicit",      "export",      "extern",
                                         "false",         "float",       "for",
                                         "friend",        "goto",        "if",
                                         "inline",        "int",         "long",
                                         "mutable",       "namespace",   "new",
                                         "noexcept",      "not",         "not_eq",
                                         "nullptr",       "operator",    "or",
                                         "or_eq",         "private",     "protected",
                                         "public",        "register",    "reinterpret_cast",
                                         "requires",      "return",      "short",
                                         "signed",        "sizeof",      "static",
                                         "static_assert", "static_cast", "struct",
                                         "switch",        "template",    "this",
                                         "thread_local",  "throw",       "true",
                                         "try",           "typedef",     "typeid",
                                         "typename",      "union",       "unsigned",
                                         "using",         "virtual",     "void",
                                         "volatile",      "wchar_t",     "while",
                                         "xor",           "xor_eq",      "linux",
                                         "unix",          "errno",       "stdin",
                                         "stdout",        "stderr",      "assert",
                                         "major",         "minor",       "std",
                                         "armature",      "NULL",        "EOF"};

bool is_plain_name(std::string_view name) {
    return !name.empty() && name.size() <= 256 &&
           std::none_of(name.begin(), name.end(), [](char c) {
               return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
           });
}

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

namespace cpp_text {

const std::set<std::string>& keywords() { return all_keywords; }

// "\ooo": a hexadecimal escape would go on into digits behind it.
std::string literal(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out.append(1, '\\').append(1, c);
        else if (byte < 0x20 || byte == 0x7f)
            out.append(1, '\\')
                .append(1, static_cast<char>('0' + (byte >> 6)))
                .append(1, static_cast<char>('0' + ((byte >> 3) & 7)))
                .append(1, static_cast<char>('0' + (byte & 7)));
        else
            out += c;
    }
    return out += '"';
}

std::string comment(const std::vector<std::string>& lines, std::string_view margin) {
    std::string out;
    for (std::string line : lines) {
        // Neither a line that goes on nor text that runs backwards.
        while (line.ends_with('\\'))
            line.pop_back();
        for (const char* const mark : {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066",
                                       "\u2067", "\u2068", "\u2069"})
            for (std::size_t at; (at = line.find(mark)) != line.npos;)
                line.erase(at, 3);
        out.append(margin).append("///").append(line.empty() ? "" : " ").append(line).append("\n");
    }
    return out;
}

std::string single_line(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += static_cast<unsigned char>(c) < 0x20 || c == '\\' ? ' ' : c;
    return out;
}

} // namespace cpp_text

using namespace cpp_text;

Names CppTypes::reserved() {
    std::set<std::string> out = keywords();
    for (const char* const name :
         {"AnyJson", "Api", "ApiError", "Bytes", "Call", "Core", "Credential", "DecodeError",
          "Event", "Events", "Form", "Head", "Lines", "MemberNames", "Options", "Pairs",
          "ProblemDetails", "Records", "Scheme"})
        out.insert(name);
    return Names(std::move(out));
}

std::string CppTypes::name_of(const Type& type) const {
    std::string out;
    switch (type.kind) {
    case Kind::any:
        return "AnyJson"; // which may be null
    case Kind::boolean:
        out = "bool";
        break;
    case Kind::int32:
        out = "std::int32_t";
        break;
    case Kind::int64:
        out = "std::int64_t";
        break;
    case Kind::uint64:
        out = "std::uint64_t";
        break;
    case Kind::real32:
        out = "float";
        break;
    case Kind::real64:
        out = "double";
        break;
    case Kind::text:
        out = "std::string";
        break;
    case Kind::bytes:
        out = "Bytes";
        break;
    case Kind::date:
        out = "std::chrono::year_month_day";
        break;
    case Kind::date_time:
        out = "std::chrono::sys_time<std::chrono::microseconds>";
        break;
    case Kind::uuid:
        out = "armature::Uuid";
        break;
    case Kind::list:
        out = "std::vector<" + name_of(*type.item) + ">";
        break;
    case Kind::map:
        out = "std::map<std::string, " + name_of(*type.item) + ">";
        break;
    case Kind::named:
        if (as_json_.contains(type.named)) return "AnyJson";
        out = model_.declarations()[type.named].name;
    }
    return type.is_nullable ? "std::optional<" + out + ">" : out;
}
std::string CppTypes::optional_name_of(const Type& type) const {
    const std::string name = name_of(type);
    return name.starts_with("std::optional<") ? name : "std::optional<" + name + ">";
}
void CppTypes::choose(const std::vector<Type>& used) {
    const std::vector<std::size_t> groups = model_.groups();
    const std::deque<Declaration>& all = model_.declarations();
    for (std::size_t i = 0; i != all.size(); ++i) {
        const Declaration& one = all[i];
        if (one.kind == Decl::object &&
            std::none_of(one.fields.begin(), one.fields.end(),
                         [](const Field& field) { return is_plain_name(field.json); }))
            as_json_.insert(i);
        if (one.kind == Decl::enumeration &&
            (!std::all_of(one.values.begin(), one.values.end(), is_plain_name) ||
             one.values.empty()))
            texts_.insert(i);
    }
    // A type that is part of itself, without a list or map between.
    for (std::size_t i = 0; i != all.size(); ++i)
        for (const std::size_t to : model_.contained(all[i]))
            if (groups[to] == groups[i] && (to == i || all[i].kind == Decl::object)) {
                warnings_.add("a type that is a part of itself is AnyJson there in C++: " +
                                  all[to].name,
                              nullptr);
                cycles_.insert({i, to});
            }
    // To a fixed point: a choice that has one for an alternative may be no variant either.
    for (bool changes = true; changes;) {
        changes = false;
        for (std::size_t i = 0; i != all.size(); ++i) {
            const Declaration& one = all[i];
            if (as_json_.contains(i)) continue;
            if (one.kind == Decl::tagged ? is_variant(i)
                                         : one.kind != Decl::untagged || trial_of(i).has_value())
                continue;
            as_json_.insert(i);
            changes = true;
        }
    }
    find_needed(used);
    for (const std::size_t i : needed_) {
        const Declaration& one = all[i];
        const spec::Node* const node = one.schema != nullptr ? one.schema->node : nullptr;
        if (as_json_.contains(i) && one.kind == Decl::untagged)
            warnings_.add("a choice whose alternatives look alike is AnyJson in C++", node);
        if (as_json_.contains(i) && one.kind == Decl::tagged)
            warnings_.add("a choice of other things than objects is AnyJson in C++", node);
        if (one.kind == Decl::object && (one.is_open || one.others))
            warnings_.add("members of objects that are not described are not kept in C++", node);
    }
}

// What the document names, what calls name, and what these consist of: what stands within a choice
// that is AnyJson has no use.
void CppTypes::find_needed(const std::vector<Type>& used) {
    const auto walk = [&](std::vector<std::size_t> next, std::set<std::size_t>& found) {
        while (!next.empty()) {
            const std::size_t i = next.back();
            next.pop_back();
            if (!found.insert(i).second || as_json_.contains(i)) continue;
            for (const std::size_t part : model_.contained(at(i), true))
                if (!cycles_.contains({i, part})) next.push_back(part);
        }
    };
    std::vector<std::size_t> first;
    for (const Type& type : used)
        Model::add_named(type, true, first);
    for (std::size_t i = 0; i != model_.named_count(); ++i)
        first.push_back(i);
    walk(std::move(first), needed_);
}

// Past aliases.
const Type& CppTypes::meaning_of(const Type& type) const {
    const Type* out = &type;
    for (unsigned i = 0; i != 100 && out->kind == Kind::named; ++i) {
        if (as_json_.contains(out->named) || at(out->named).kind != Decl::alias ||
            at(out->named).alias.is_nullable)
            break;
        out = &at(out->named).alias;
    }
    return *out;
}

bool CppTypes::is_big(std::size_t index) const {
    return at(index).kind == Decl::object && at(index).fields.size() > most_members;
}

std::optional<CppTypes::Trial> CppTypes::trial_of(std::size_t index) const {
    const Declaration& one = at(index);
    Trial out;
    std::vector<std::size_t> objects;
    std::set<std::size_t> met;
    for (std::size_t i = 0; i != one.alternatives.size(); ++i) {
        const Type& type = meaning_of(one.alternatives[i].type);
        if (type.is_nullable) return std::nullopt;
        char byte = 0;
        switch (type.kind) {
        case Kind::any:
            return std::nullopt;
        case Kind::boolean:
            byte = 't';
            break;
        case Kind::int32:
        case Kind::int64:
        case Kind::uint64:
        case Kind::real32:
        case Kind::real64:
            byte = '0';
            break;
        case Kind::list:
            byte = '[';
            break;
        case Kind::map:
            byte = '{';
            break;
        case Kind::named:
            if (as_json_.contains(type.named)) return std::nullopt;
            if (at(type.named).kind == Decl::enumeration) {
                byte = '"';
                break;
            }
            if (at(type.named).kind != Decl::object || !met.insert(type.named).second)
                return std::nullopt;
            objects.push_back(i);
            continue;
        default:
            byte = '"';
        }
        if (!out.by_byte.emplace(byte, i).second) return std::nullopt;
    }
    if (out.by_byte.contains('{') && !objects.empty()) return std::nullopt;
    if (objects.size() == 1) {
        out.by_byte.emplace('{', objects.front());
        return out;
    }
    // An object comes after those whose members it could be taken for: those of whom it has all
    // that they require look the same to who tries it first.
    const auto fields = [&](std::size_t i) -> const std::vector<Field>& {
        return at(meaning_of(one.alternatives[i].type).named).fields;
    };
    const auto takes = [&](std::size_t first, std::size_t other) {
        return std::all_of(fields(first).begin(), fields(first).end(), [&](const Field& field) {
            return !field.is_required || field.type.is_nullable || !is_plain_name(field.json) ||
                   std::any_of(fields(other).begin(), fields(other).end(),
                               [&](const Field& f) { return f.json == field.json; });
        });
    };
    while (!objects.empty()) {
        const auto next = std::find_if(objects.begin(), objects.end(), [&](std::size_t i) {
            return std::none_of(objects.begin(), objects.end(),
                                [&](std::size_t other) { return other != i && takes(i, other); });
        });
        if (next == objects.end()) return std::nullopt;
        out.objects.push_back(*next);
        objects.erase(next);
    }
    return out;
}

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
std::optional<std::size_t> CppTypes::object_of(const Type& type) const {
    std::size_t at = type.named;
    if (type.kind != Kind::named || type.is_nullable) return std::nullopt;
    for (unsigned i = 0; i != 100; ++i) {
        if (as_json_.contains(at)) return std::nullopt;
        const Declaration& one = model_.declarations()[at];
        if (one.kind == Decl::object) return at;
        if (one.kind != Decl::alias || one.alias.kind != Kind::named || one.alias.is_nullable)
            return std::nullopt;
        at = one.alias.named;
    }
    return std::nullopt;
}
bool CppTypes::is_variant(std::size_t index) const {
    const Declaration& one = model_.declarations()[index];
    if (one.kind != Decl::tagged || one.alternatives.empty() || !is_plain_name(one.discriminator))
        return false;
    return std::all_of(one.alternatives.begin(), one.alternatives.end(),
                       [&](const Alternative& alternative) {
                           const auto object = object_of(alternative.type);
                           if (!object || !is_plain_name(alternative.tags.front())) return false;
                           if (is_big(*object)) return false;
                           const auto& fields = model_.declarations()[*object].fields;
                           return std::any_of(fields.begin(), fields.end(), [&](const Field& f) {
                               return f.json != one.discriminator && is_plain_name(f.json);
                           });
                       });
}

std::vector<CppTypes::Member> CppTypes::members_of(std::size_t index) {
    const Declaration& declaration = model_.declarations()[index];
    Names names(keywords());
    std::vector<Member> out;
    for (const Field& field : declaration.fields) {
        if (!is_plain_name(field.json)) {
            warnings_.add("a member whose name has quotes or control characters is left out",
                          field.schema != nullptr ? field.schema->node : nullptr);
            continue;
        }
        Type type = field.type;
        if (type.kind == Kind::named && cycles_.contains({index, type.named})) type = Type{};
        out.push_back({names.take(snake_case(field.json)),
                       field.is_required ? name_of(type) : optional_name_of(type), &field});
        if (field.is_required && type.is_nullable)
            warnings_.add("a required member that may be null is left out in C++ when it is null",
                          field.schema != nullptr ? field.schema->node : nullptr);
    }
    return out;
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
// Whether all that a type consists of is complete, within one of them.
bool CppTypes::is_complete(const Type& type, std::size_t within,
                           const std::set<std::size_t>& complete) const {
    if (type.item != nullptr) return is_complete(*type.item, within, complete);
    if (type.kind != Kind::named || as_json_.contains(type.named) ||
        cycles_.contains({within, type.named}))
        return true;
    if (type.named == within) return !is_big(within); // its parts come before it
    const Declaration& one = at(type.named);
    switch (one.kind) {
    case Decl::alias:
        return is_complete(one.alias, within, complete);
    case Decl::enumeration:
        return true;
    case Decl::tagged:
        return std::all_of(
            one.alternatives.begin(), one.alternatives.end(),
            [&](const Alternative& each) { return is_complete(each.type, within, complete); });
    default:
        return complete.contains(type.named);
    }
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

// Each alternative is a struct without the discriminator: of its own where the object has it.
const std::vector<CppTypes::Wrapper>& CppTypes::wrappers_of(std::size_t index) {
    const auto [place, is_new] = wrappers_.try_emplace(index);
    if (!is_new) return place->second;
    const Declaration& declaration = model_.declarations()[index];
    std::set<std::size_t> met;
    for (const Alternative& alternative : declaration.alternatives) {
        const std::size_t object = *object_of(alternative.type);
        const auto& fields = model_.declarations()[object].fields;
        const bool has_it = std::any_of(fields.begin(), fields.end(), [&](const Field& f) {
            return f.json == declaration.discriminator;
        });
        const bool is_second = !met.insert(object).second;
        place->second.push_back(
            {has_it || is_second
                 ? model_.take_name(declaration.name + pascal_case(alternative.tags.front()))
                 : model_.declarations()[object].name,
             object, alternative.tags.front()});
        if (alternative.tags.size() > 1)
            warnings_.add("of several values of a discriminator for one alternative C++ knows "
                          "the first",
                          nullptr);
    }
    return place->second;
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

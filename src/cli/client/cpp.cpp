#include "cli/client/generate.hpp"
#include "cli/client/model.hpp"
#include "cli/client/runtime.hpp"

#include <algorithm>
#include <functional>

namespace armature::client_gen {

namespace {

using spec::Parameter;

const std::set<std::string> keywords{"alignas",       "alignof",     "and",
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

std::set<std::string> type_names() {
    std::set<std::string> out = keywords;
    for (const char* const name :
         {"AnyJson", "Api", "ApiError", "Bytes", "Call", "Core", "Credential", "DecodeError",
          "Event", "Events", "Form", "Head", "Lines", "Options", "Pairs", "ProblemDetails",
          "Records", "Scheme"})
        out.insert(name);
    return out;
}

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

bool is_plain_name(std::string_view name) {
    return !name.empty() && name.size() <= 256 &&
           std::none_of(name.begin(), name.end(), [](char c) {
               return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
           });
}

class Cpp {
  public:
    Cpp(const spec::Document& document, const Options& options)
        : document_(document), package_(package_name(document, options)),
          model_(document, warnings_, Names(type_names())) {}

    Generated run() {
        // Calls first: they declare types of their own.
        std::string methods = api_methods();
        Generated out;
        out.files.push_back({"types.hpp", type_file()});
        out.files.push_back({"api.hpp", api_header()});
        out.files.push_back({"api.cpp", header() + "#include \"api.hpp\"\n\nnamespace " + package_ +
                                            " {\n\n" + constructor() + methods + "} // namespace " +
                                            package_ + "\n"});
        out.files.push_back({"client.hpp", with_package(runtime::cpp_client)});
        out.files.push_back({"client.cpp", with_package(runtime::cpp_client_source)});
        out.files.push_back({"CMakeLists.txt", cmake_file()});
        out.warnings = warnings_.lines();
        out.files.push_back({"README.md", readme(out.warnings)});
        out.functions = functions_;
        out.types = model_.declarations().size();
        return out;
    }

  private:
    using Kind = Type::Kind;
    using Decl = Declaration::Kind;

    static std::string package_name(const spec::Document& document, const Options& options) {
        std::string out = snake_case(options.package.empty() ? document.title() : options.package);
        if (out.empty()) out = "api";
        if (out.front() >= '0' && out.front() <= '9') out.insert(0, "api_");
        return keywords.contains(out) ? out + "_api" : out;
    }
    [[nodiscard]] std::string with_package(std::string_view text) const {
        std::string out(text);
        for (std::size_t at = 0; (at = out.find("PACKAGE", at)) != out.npos; at += package_.size())
            out.replace(at, 7, package_);
        return out;
    }
    static std::string single_line(std::string_view text) {
        std::string out;
        for (const char c : text)
            out += static_cast<unsigned char>(c) < 0x20 || c == '\\' ? ' ' : c;
        return out;
    }
    [[nodiscard]] std::string header() const {
        return "// Made from \"" + single_line(document_.title()) + "\" " +
               single_line(document_.api_version()) +
               " by `armature client`. Changes here are lost when it is made again.\n";
    }

    // --- Types ----------------------------------------------------------------------------------

    std::string name_of(const Type& type) const {
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
    // Of something that may be absent.
    std::string optional_name_of(const Type& type) const {
        const std::string name = name_of(type);
        return name.starts_with("std::optional<") ? name : "std::optional<" + name + ">";
    }
    static std::string_view initial(const std::string& type) {
        if (type == "bool") return " = false";
        if (type == "float" || type == "double" || type == "std::int32_t" ||
            type == "std::int64_t" || type == "std::uint64_t")
            return " = 0";
        return "{}";
    }

    // Declarations that C++ can't have as such, and which stay JSON.
    void choose_json() {
        const std::vector<std::size_t> groups = model_.groups();
        const std::deque<Declaration>& all = model_.declarations();
        for (std::size_t i = 0; i != all.size(); ++i) {
            const Declaration& one = all[i];
            const spec::Node* const at = one.schema != nullptr ? one.schema->node : nullptr;
            if (one.kind == Decl::object && one.fields.size() > 63) {
                warnings_.add("an object of more than 63 members is AnyJson in C++: " + one.name,
                              at);
                as_json_.insert(i);
            }
            if (one.kind == Decl::object && one.fields.empty()) as_json_.insert(i);
            if (one.kind == Decl::enumeration &&
                (!std::all_of(one.values.begin(), one.values.end(), is_plain_name) ||
                 one.values.empty()))
                texts_.insert(i);
            if (one.kind == Decl::object && (one.is_open || one.others))
                warnings_.add("members of objects that are not described are not kept in C++", at);
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
        // To a fixed point: a choice of what isn't an object can't be a variant either.
        for (bool changes = true; changes;) {
            changes = false;
            for (std::size_t i = 0; i != all.size(); ++i) {
                const Declaration& one = all[i];
                if (as_json_.contains(i)) continue;
                const bool is_choice = one.kind == Decl::untagged || one.kind == Decl::tagged;
                if (is_choice && !is_variant(i)) {
                    warnings_.add(one.kind == Decl::untagged
                                      ? "a choice without a discriminator is AnyJson in C++"
                                      : "a choice of other things than objects is AnyJson in C++",
                                  one.schema != nullptr ? one.schema->node : nullptr);
                    as_json_.insert(i);
                    changes = true;
                }
            }
        }
    }
    // What an alternative is in the end, past aliases; nothing unless it is an object.
    std::optional<std::size_t> object_of(const Type& type) const {
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
    bool is_variant(std::size_t index) const {
        const Declaration& one = model_.declarations()[index];
        if (one.kind != Decl::tagged || one.alternatives.empty() ||
            !is_plain_name(one.discriminator))
            return false;
        return std::all_of(
            one.alternatives.begin(), one.alternatives.end(), [&](const Alternative& alternative) {
                const auto object = object_of(alternative.type);
                if (!object || !is_plain_name(alternative.tags.front())) return false;
                const auto& fields = model_.declarations()[*object].fields;
                return std::any_of(fields.begin(), fields.end(), [&](const Field& f) {
                    return f.json != one.discriminator && is_plain_name(f.json);
                });
            });
    }

    std::vector<std::string> notes_of(const spec::Schema& schema) const {
        std::vector<std::string> out = lines_of(schema.description);
        if (out.empty() && !schema.title.empty() && schema.title != schema.name)
            out = lines_of(schema.title);
        if (schema.is_deprecated) out.emplace_back("Deprecated.");
        return out;
    }

    struct Member {
        std::string name; ///< in C++
        std::string type;
        const Field* field;
    };
    std::vector<Member> members_of(std::size_t index) {
        const Declaration& declaration = model_.declarations()[index];
        Names names(keywords);
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
                warnings_.add(
                    "a required member that may be null is left out in C++ when it is null",
                    field.schema != nullptr ? field.schema->node : nullptr);
        }
        return out;
    }

    std::string enumeration(std::size_t index) {
        const Declaration& declaration = model_.declarations()[index];
        Names names(keywords);
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
    static spec::Node text_node(const std::string& text) {
        spec::Node node;
        node.kind = spec::Node::Kind::text;
        node.text = text;
        return node;
    }

    std::string structure(std::size_t index) {
        const Declaration& declaration = model_.declarations()[index];
        std::string out;
        if (declaration.schema != nullptr) out += comment(notes_of(*declaration.schema), "");
        out += "struct " + declaration.name + " {\n";
        for (const Member& member : members_of(index)) {
            if (member.field->schema != nullptr && member.field->schema->name.empty())
                out += comment(notes_of(*member.field->schema), "    ");
            out += "    " + member.type + " " + member.name + std::string(initial(member.type)) +
                   ";\n";
        }
        return out + "};\n\n";
    }
    std::string description(std::size_t index) {
        const Declaration& declaration = model_.declarations()[index];
        std::string list;
        for (const Member& member : members_of(index))
            list += (list.empty() ? "" : ",") + std::string("\n        armature::member(") +
                    literal(member.field->json) + ", &" + declaration.name + "::" + member.name +
                    ")";
        return "[[maybe_unused]] constexpr auto armature_describe(const " + declaration.name +
               "*) {\n    return armature::describe_struct<" + declaration.name + ">(" + list +
               ");\n}\n\n";
    }

    struct Wrapper {
        std::string name;
        std::size_t object;
        std::string tag;
    };
    // Each alternative is a struct without the discriminator: of its own where the object has it.
    std::vector<Wrapper> wrappers_of(std::size_t index) {
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
    std::string wrapper_structs(std::size_t index) {
        std::string out;
        for (const Wrapper& wrapper : wrappers_of(index)) {
            const std::string& base = model_.declarations()[wrapper.object].name;
            if (wrapper.name == base) continue;
            out += "/// " + base + " as " + single_line(spec::to_json(text_node(wrapper.tag))) +
                   " of " + model_.declarations()[index].name + ".\nstruct " + wrapper.name +
                   " : " + base + " {};\n\n";
        }
        return out;
    }
    std::string wrapper_descriptions(std::size_t index) {
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
    std::string variant_description(std::size_t index) {
        const Declaration& declaration = model_.declarations()[index];
        std::string list;
        for (const Wrapper& wrapper : wrappers_of(index))
            list += ",\n        armature::alternative<" + wrapper.name + ">(" +
                    literal(wrapper.tag) + ")";
        return "[[maybe_unused]] constexpr auto armature_describe(const " + declaration.name +
               "*) {\n    return armature::describe_variant<" + declaration.name + ">(\n        " +
               literal(declaration.name) + ", " + literal(declaration.discriminator) + list +
               ");\n}\n\n";
    }

    std::string type_file() {
        const std::deque<Declaration>& all = model_.declarations();
        std::string out = header() +
                          "// The types of the service's schemas.\n\n#pragma once\n\n"
                          "#include \"client.hpp\"\n\nnamespace " +
                          package_ + " {\n\n";
        std::string forward, aliases, structs, descriptions;
        for (std::size_t i = 0; i != all.size(); ++i)
            if (all[i].kind == Decl::enumeration && !texts_.contains(i)) out += enumeration(i);
        for (std::size_t i = 0; i != all.size(); ++i)
            if (all[i].kind == Decl::object && !as_json_.contains(i))
                forward += "struct " + all[i].name + ";\n";

        // Aliases after the aliases that they name.
        std::set<std::size_t> done;
        const std::function<void(std::size_t)> alias = [&](std::size_t i) {
            const Declaration& one = all[i];
            if (as_json_.contains(i) || !done.insert(i).second) return;
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
                    if (wrapper.name != all[wrapper.object].name)
                        forward += "struct " + wrapper.name + ";\n";
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

        // Structs after those that they contain; then their descriptions in the same order: what
        // describes a struct looks at what its members are, and into lists of them.
        std::set<std::size_t> written;
        const std::function<void(std::size_t)> structure_of = [&](std::size_t i) {
            if (as_json_.contains(i) || !written.insert(i).second) return;
            const std::function<void(const Type&)> before = [&](const Type& type) {
                if (type.kind != Kind::named) return;
                if (!cycles_.contains({i, type.named})) structure_of(type.named);
            };
            const Declaration& one = all[i];
            if (one.kind == Decl::alias) before(one.alias);
            for (const Field& field : one.fields)
                before(field.type);
            if (one.kind == Decl::tagged) {
                for (const Wrapper& wrapper : wrappers_of(i))
                    structure_of(wrapper.object);
                structs += wrapper_structs(i);
                descriptions += wrapper_descriptions(i) + variant_description(i);
            }
            if (one.kind == Decl::object) {
                structs += structure(i);
                descriptions += description(i);
            }
        };
        for (std::size_t i = 0; i != all.size(); ++i)
            structure_of(i);
        return out + forward + "\n" + aliases + structs + descriptions + "} // namespace " +
               package_ + "\n";
    }

    // --- Calls ----------------------------------------------------------------------------------

    struct Argument {
        std::string name;
        std::string type;
        std::vector<std::string> notes;
        bool is_required;
        bool is_move_only = false;
    };
    struct Method {
        std::string name;
        std::vector<Argument> arguments;
        std::string arguments_type;
        std::vector<std::string> notes;
        std::string result;
        std::string body;
    };

    std::string api_methods() {
        std::set<std::string> taken = keywords;
        taken.insert({"Api", "core", "core_", "args", "call", "head"});
        Names names(taken);
        // Everything that calls need is declared before it is decided how.
        struct Plan {
            const Call* call;
            std::string name;
            std::vector<std::pair<const Parameter*, Type>> parameters;
            std::optional<Type> body;
            std::optional<Type> result;
            std::optional<Type> item;
        };
        std::vector<Plan> plans;
        for (const Call& call : model_.calls()) {
            Plan plan{&call, names.take(snake_case(call.name)), {}, {}, {}, {}};
            for (const Parameter& parameter : call.operation->parameters) {
                const spec::Schema* const schema =
                    parameter.content ? parameter.content->schema : parameter.schema;
                plan.parameters.emplace_back(
                    &parameter, schema != nullptr ? model_.type_of(*schema, Use::input,
                                                                   call.name + " " + parameter.name)
                                                  : Type{});
            }
            if (call.body && call.body->media->schema != nullptr)
                plan.body =
                    model_.type_of(*call.body->media->schema, Use::input, call.name + " body");
            if (!call.success.json.empty())
                plan.result = model_.type_of(call.success.json, call.name + " result");
            for (const spec::Media* const media : {call.success.events, call.success.lines})
                if (media != nullptr)
                    for (const spec::Schema* const schema : {media->item_schema, media->schema})
                        if (schema != nullptr && !plan.item)
                            plan.item = model_.type_of(*schema, Use::output, call.name + " item");
            for (const Failure& failure : call.failures)
                if (failure.schema != nullptr)
                    (void)model_.type_of(*failure.schema, Use::output,
                                         call.name + " error " + failure.status);
            plans.push_back(std::move(plan));
        }
        choose_json();
        std::string out;
        for (const Plan& plan : plans) {
            const Call& call = *plan.call;
            std::vector<Argument> arguments;
            std::string set_up = call_code(call, plan.parameters, plan.body, arguments);
            std::string arguments_type;
            if (!arguments.empty()) {
                arguments_type = model_.take_name(pascal_case(plan.name) + "Args");
                arguments_ += arguments_struct(plan.name, arguments_type, arguments);
            }
            for (const auto& [suffix, result, give, accept, note] :
                 variants(plan.call->success, plan.result, plan.item)) {
                const std::string name =
                    suffix.empty() ? plan.name : names.take(plan.name + suffix);
                const bool needs = std::any_of(arguments.begin(), arguments.end(),
                                               [](const Argument& a) { return a.is_required; });
                std::string parameters;
                if (!arguments.empty()) parameters = arguments_type + " args";
                const std::string otherwise =
                    arguments.empty() || needs ? "" : " = " + arguments_type + "()";
                methods_ += comment(method_notes(call, note), "    ") + "    armature::Task<" +
                            result + "> " + name + "(" + parameters + otherwise +
                            (parameters.empty() ? "" : ", ") + "Head* head = nullptr);\n\n";
                out += "armature::Task<" + result + "> Api::" + name + "(" + parameters +
                       (parameters.empty() ? "" : ", ") + "Head* head) {\n" + set_up +
                       "    call.accept(" + literal(accept) + ");\n" + give + "}\n\n";
                ++functions_;
            }
        }
        return out;
    }

    struct Variant {
        std::string suffix, result, give, accept, note;
    };
    std::vector<Variant> variants(const Success& success, const std::optional<Type>& result,
                                  const std::optional<Type>& item) const {
        std::vector<Variant> out;
        const std::string send = "    armature::ClientResponse response = co_await "
                                 "core_.send(std::move(call), head);\n";
        const auto give = [&](const std::string& what) {
            return "    co_return co_await core_." + what + "(std::move(call), head);\n";
        };
        const auto events = [&](const std::string& suffix) {
            out.push_back({suffix, "Events", send + "    co_return Events(std::move(response));\n",
                           "text/event-stream", "Gives the events as they come."});
        };
        const auto lines = [&](const std::string& suffix) {
            const std::string type = "Records<" + (item ? name_of(*item) : "AnyJson") + ">";
            out.push_back({suffix, type,
                           send + "    co_return " + type + "(std::move(response));\n",
                           success.lines->type, "Gives the records as they come."});
        };
        const std::string all = success.accept.empty() ? "*/*" : success.accept;
        if (result) {
            const std::string type = name_of(*result);
            if (success.may_be_empty || success.is_unknown)
                out.push_back({"", "std::optional<" + type + ">",
                               give("json_or_nothing<" + type + ">"), "application/json", ""});
            else
                out.push_back({"", type, give("json<" + type + ">"), "application/json", ""});
            if (success.events != nullptr) events("_stream");
            if (success.lines != nullptr) lines("_stream");
        } else if (success.events != nullptr) {
            events("");
        } else if (success.lines != nullptr) {
            lines("");
        } else if (success.has_text || success.has_binary || success.is_unknown) {
            out.push_back({"", "std::string", give("text"), all, ""});
        } else {
            out.push_back(
                {"", "void", "    co_await core_.send(std::move(call), head);\n", "*/*", ""});
        }
        if (success.has_text || success.has_binary || success.is_unknown)
            out.push_back({"_response", "armature::ClientResponse",
                           "    co_return co_await core_.send(std::move(call), head);\n", all,
                           "Gives the response, whose content is read as it comes."});
        return out;
    }

    static std::string upper(std::string_view text) {
        std::string out(text);
        for (char& c : out)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        return out;
    }

    std::vector<std::string> method_notes(const Call& call, const std::string& note) {
        const spec::Operation& operation = *call.operation;
        std::vector<std::string> notes = lines_of(operation.summary);
        const auto paragraph = [&](const std::vector<std::string>& more) {
            if (more.empty()) return;
            if (!notes.empty()) notes.emplace_back();
            notes.insert(notes.end(), more.begin(), more.end());
        };
        if (operation.description != operation.summary) paragraph(lines_of(operation.description));
        if (!note.empty()) paragraph({note});
        paragraph({upper(operation.method) + " " + operation.path});
        std::string errors;
        for (const Failure& failure : call.failures) {
            errors += errors.empty() ? "Throws ApiError: " : ", ";
            errors += failure.status;
            if (failure.schema != nullptr) {
                const Type type = model_.type_of(*failure.schema, Use::output,
                                                 call.name + " error " + failure.status);
                errors += " " + name_of(type);
            }
        }
        if (!errors.empty()) paragraph({errors + "."});
        if (operation.is_deprecated) paragraph({"Deprecated."});
        return notes;
    }

    static std::string arguments_struct(const std::string& method, const std::string& name,
                                        const std::vector<Argument>& arguments) {
        std::string out =
            "/// What `" + method + "` takes.\nstruct " + name + " {\n    " + name + "(";
        std::string initialisers, members;
        bool is_first = true;
        for (const Argument& argument : arguments) {
            if (argument.is_required) {
                out += (is_first ? "" : ", ") + argument.type + " the_" + argument.name;
                initialisers += (is_first ? "\n        : " : ",\n          ") + argument.name +
                                "(std::move(the_" + argument.name + "))";
                is_first = false;
            }
            members += comment(argument.notes, "    ") + "    " + argument.type + " " +
                       argument.name + (argument.is_required ? "" : "{}") + ";\n";
        }
        return out + ")" + initialisers + " {}\n\n" + members + "};\n\n";
    }

    std::string method_name(const spec::Operation& operation, const Call& call) {
        const std::string& method = operation.method;
        if (method == "delete") return "armature::Method::delete_";
        for (const char* const one : {"get", "put", "post", "options", "head", "patch", "trace"})
            if (method == one) return "armature::Method::" + method;
        warnings_.add("the method " + upper(method) + " is sent as GET: the client has no other (" +
                          call.name + ")",
                      operation.node);
        return "armature::Method::get";
    }

    std::string call_code(const Call& call,
                          const std::vector<std::pair<const Parameter*, Type>>& parameters,
                          const std::optional<Type>& body, std::vector<Argument>& arguments) {
        const spec::Operation& operation = *call.operation;
        std::set<std::string> taken = keywords;
        taken.insert({"body", "content_type"});
        Names names(taken);
        std::map<std::string, std::string> path_values;
        std::string lines;
        for (const auto& [parameter, type] : parameters) {
            std::string lower_name = parameter->name;
            for (char& c : lower_name)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            const bool is_header = parameter->in == Parameter::In::header;
            if (is_header && (lower_name == "accept" || lower_name == "content-type" ||
                              lower_name == "authorization")) {
                warnings_.add("header parameters named " + parameter->name +
                                  " are left out, as OpenAPI says: the client sets that field",
                              parameter->node);
                continue;
            }
            if (parameter->in == Parameter::In::querystring) {
                warnings_.add("parameters that are the whole query string are left out",
                              parameter->node);
                continue;
            }
            const std::string name = names.take(snake_case(parameter->name));
            const bool is_required =
                (parameter->is_required || parameter->in == Parameter::In::path) &&
                !(is_header && parameter->name == call.idempotency);
            Type own = type;
            const Type* item = own.kind == Kind::list ? own.item.get() : &own;
            const auto is_structure = [&](const Type& one) {
                if (one.kind == Kind::map || one.kind == Kind::list) return true;
                if (one.kind != Kind::named || as_json_.contains(one.named)) return false;
                std::size_t at = one.named;
                for (unsigned i = 0; i != 100; ++i) {
                    const Declaration& declaration = model_.declarations()[at];
                    if (declaration.kind == Decl::object || declaration.kind == Decl::tagged)
                        return true;
                    if (declaration.kind != Decl::alias) return false;
                    if (declaration.alias.kind == Kind::list || declaration.alias.kind == Kind::map)
                        return true;
                    if (declaration.alias.kind != Kind::named) return false;
                    at = declaration.alias.named;
                }
                return true;
            };
            if (is_structure(*item) && !parameter->content)
                warnings_.add("a parameter that is an object is sent as JSON in C++: style " +
                                  parameter->style + " is not supported",
                              parameter->node);
            Argument argument{name, is_required ? name_of(own) : optional_name_of(own),
                              lines_of(parameter->description), is_required};
            if (is_header && parameter->name == call.idempotency)
                argument.notes.emplace_back("A new one is made if it is absent.");
            arguments.push_back(argument);
            const std::string value = "args." + name;
            const std::string quoted_name = literal(parameter->name);
            switch (parameter->in) {
            case Parameter::In::path:
                if (parameter->style != "simple")
                    warnings_.add("the style " + parameter->style +
                                      " of path parameters is not supported in C++",
                                  parameter->node);
                path_values[parameter->name] = "path_value(" + quoted_name + ", " + value + ")";
                break;
            case Parameter::In::header:
                lines += "    call.header(" + quoted_name + ", " + value + ");\n";
                break;
            case Parameter::In::cookie:
                lines += "    call.cookie(" + quoted_name + ", " + value + ");\n";
                break;
            default: {
                const std::string_view separator = parameter->style == "spaceDelimited"  ? "%20"
                                                   : parameter->style == "pipeDelimited" ? "%7C"
                                                                                         : ",";
                lines += "    call.query(" + quoted_name + ", " + value +
                         (parameter->explode || own.kind != Kind::list
                              ? ""
                              : ", false, \"" + std::string(separator) + "\"") +
                         ");\n";
            }
            }
        }
        std::string out = "    Call call(" + method_name(operation, call) + ", " +
                          path_expression(operation, path_values) + ");\n";
        if (const std::string base = own_base_of(document_, operation); !base.empty())
            out += "    call.server(" + literal(base) + ");\n";
        out += lines;
        if (call.body) out += body_code(call, body, arguments);
        out += auth_code(operation);
        if (!call.idempotency.empty())
            out += "    call.idempotency(" + literal(call.idempotency) + ");\n";
        return out;
    }

    std::string path_expression(const spec::Operation& operation,
                                const std::map<std::string, std::string>& values) {
        std::vector<std::string> parts;
        std::string text;
        std::string_view rest = operation.path;
        while (!rest.empty()) {
            const std::size_t open = std::min(rest.find('{'), rest.size());
            text += rest.substr(0, open);
            rest.remove_prefix(open);
            const std::size_t close = rest.find('}');
            if (close == rest.npos) {
                text += rest;
                break;
            }
            const auto found = values.find(std::string(rest.substr(1, close - 1)));
            if (found == values.end()) {
                warnings_.add("a variable of a path isn't described, and is sent as it is written",
                              operation.node);
                text += rest.substr(0, close + 1);
            } else {
                parts.push_back(literal(text));
                parts.push_back(found->second);
                text.clear();
            }
            rest.remove_prefix(close + 1);
        }
        if (!text.empty() || parts.empty()) parts.push_back(literal(text));
        std::string out;
        for (const std::string& part : parts)
            out += (out.empty() ? "" : " + ") + part;
        return out;
    }

    std::string body_code(const Call& call, const std::optional<Type>& type,
                          std::vector<Argument>& arguments) {
        const Body& body = *call.body;
        const std::vector<std::string> notes = lines_of(call.operation->body->description);
        const std::string media = literal(body.media->type);
        const std::optional<std::size_t> object = type ? object_of(*type) : std::nullopt;
        if (body.or_multipart)
            warnings_.add("an operation takes a form with files as well: the client sends JSON",
                          body.media->node);
        if (body.content == Content::json) {
            const Type own = type ? *type : Type{};
            const std::string name = body.is_required ? name_of(own) : optional_name_of(own);
            arguments.push_back({"body", name, notes, body.is_required});
            const std::string send = "call.body(" + media + ", armature::Body(armature::to_json(";
            if (body.is_required) return "    " + send + "args.body)));\n";
            return "    if (args.body) " + send + "*args.body)));\n";
        }
        if ((body.content == Content::multipart || body.content == Content::form) && object) {
            const bool is_form = body.content == Content::form;
            arguments.push_back({"body",
                                 body.is_required ? name_of(*type) : optional_name_of(*type), notes,
                                 body.is_required});
            const std::string access = body.is_required ? "args.body." : "args.body->";
            std::string out = is_form ? "Pairs form;\n" : "Form form;\n";
            for (const Member& member : members_of(*object)) {
                std::string more;
                for (const auto& [name, encoding] : body.media->encoding) {
                    if (name != member.field->json) continue;
                    if (!is_form && !encoding.content_type.empty() &&
                        encoding.content_type.find_first_of(",*") == std::string::npos)
                        more = ", " + literal(encoding.content_type);
                    if (is_form && encoding.explode && !*encoding.explode) more = ", false";
                }
                out += "form.add(" + literal(member.field->json) + ", " + access + member.name +
                       more + ");\n";
            }
            out += is_form ? "call.body(" + media + ", armature::Body(std::string(form.text())));\n"
                           : "call.body(form.content_type(), armature::Body(form.content()));\n";
            if (is_form) {
                for (const Field& field : model_.declarations()[*object].fields)
                    if (field.type.kind == Kind::named &&
                        (object_of(field.type) || as_json_.contains(field.type.named)))
                        warnings_.add("an object in a form is sent as JSON in C++",
                                      field.schema != nullptr ? field.schema->node : nullptr);
            }
            if (body.is_required) return with_margin(out, "    ");
            return "    if (args.body) {\n" + with_margin(out, "        ") + "    }\n";
        }
        if (body.content == Content::multipart) {
            arguments.push_back({"body", "Form", notes, true});
            return "    call.body(args.body.content_type(), "
                   "armature::Body(args.body.content()));\n";
        }
        if (body.content == Content::form) {
            arguments.push_back({"body", "Pairs", notes, true});
            return "    call.body(" + media + ", armature::Body(std::string(args.body.text())));\n";
        }
        arguments.push_back({"body", "armature::Body", notes, body.is_required, true});
        if (body.content == Content::any) {
            arguments.push_back(
                {"content_type", "std::string", {"The media type of the body."}, false});
            return "    call.body(args.content_type.empty() ? "
                   "std::string(\"application/octet-stream\") : args.content_type, "
                   "std::move(args.body));\n";
        }
        return "    call.body(" + media + ", std::move(args.body));\n";
    }

    // How a credential is shown; empty if the client can't.
    std::string scheme_of(const spec::SecurityScheme& scheme) {
        using SchemeType = spec::SecurityScheme::Type;
        const std::string name = literal(scheme.name);
        switch (scheme.type) {
        case SchemeType::api_key:
            return "{" + name + ", Scheme::Kind::" +
                   (scheme.in == Parameter::In::query    ? "query"
                    : scheme.in == Parameter::In::cookie ? "cookie"
                                                         : "header") +
                   ", " + literal(scheme.parameter) + "}";
        case SchemeType::http:
            if (scheme.scheme == "bearer" || scheme.scheme == "basic")
                return "{" + name + ", Scheme::Kind::" + scheme.scheme + ", \"\"}";
            warnings_.add("the HTTP authentication scheme \"" + scheme.scheme +
                              "\" is not supported",
                          scheme.node);
            return "";
        case SchemeType::oauth2:
        case SchemeType::open_id_connect:
            return "{" + name + ", Scheme::Kind::bearer, \"\"}";
        case SchemeType::mutual_tls:
            warnings_.add("client certificates are not supported in C++", scheme.node);
            return "";
        }
        return "";
    }
    auto can_show() {
        return [this](const spec::SecurityScheme& scheme) { return !scheme_of(scheme).empty(); };
    }
    std::string auth_code(const spec::Operation& operation) {
        std::string sets;
        for (const std::vector<std::string>& names : credentials_of(operation, can_show())) {
            std::string one;
            for (const std::string& name : names)
                one += (one.empty() ? "" : ", ") + literal(name);
            sets += (sets.empty() ? "{" : ", {") + one + "}";
        }
        return sets.empty() ? "" : "    call.auth({" + sets + "});\n";
    }

    std::string constructor() {
        std::string schemes;
        for (const spec::SecurityScheme& scheme : document_.security_schemes()) {
            const std::string one = scheme_of(scheme);
            if (!one.empty()) schemes += (schemes.empty() ? "Scheme" : ", Scheme") + one;
        }
        const std::string base = base_of(document_);
        return "Api::Api(armature::Client& client, Options options)\n    : core_(client, "
               "std::move(options), " +
               literal(base) + ", {" + schemes + "}) {}\n\n";
    }

    std::string api_header() const {
        std::string schemes;
        for (const spec::SecurityScheme& scheme : document_.security_schemes())
            schemes += (schemes.empty() ? " Credentials: " : ", ") + single_line(scheme.name);
        return header() + "\n#pragma once\n\n#include \"types.hpp\"\n\nnamespace " + package_ +
               " {\n\n" + arguments_ + "/// " + single_line(document_.title()) + " " +
               single_line(document_.api_version()) +
               ".\n///\n/// Each call throws ApiError for a "
               "status of 400 or more, DecodeError for what isn't as\n/// described, and what "
               "armature::Client::send throws. `head` gets the response's head.\nclass Api {\n  "
               "public:\n    /// `client` has to outlive it." +
               (schemes.empty() ? "" : schemes + ".") +
               "\n    explicit Api(armature::Client& client, Options options = Options());\n\n" +
               methods_ +
               "    /// What a page's `Head::next` leads to, of the same type as the page.\n"
               "    template <class Page>\n"
               "    armature::Task<Page> follow(std::string url, Head* head = nullptr) {\n"
               "        Call call(armature::Method::get, \"\");\n"
               "        call.accept(\"application/json\");\n" +
               follow_auth() +
               "        armature::ClientResponse response =\n"
               "            co_await core_.send_to(std::move(url), std::move(call), head);\n"
               "        const std::string text = co_await "
               "response.text(core_.options().content_limit);\n"
               "        co_return decode<Page>(text);\n"
               "    }\n\n  private:\n    Core core_;\n};\n\n} // namespace " +
               package_ + "\n";
    }
    std::string follow_auth() const {
        std::string sets;
        for (const spec::SecurityScheme& scheme : document_.security_schemes())
            if (scheme.type != spec::SecurityScheme::Type::mutual_tls)
                sets += (sets.empty() ? "{" : ", {") + literal(scheme.name) + "}";
        return sets.empty() ? "" : "        call.auth({" + sets + "});\n";
    }

    std::string cmake_file() const {
        return "# " + single_line(document_.title()) + ", by `armature client`.\n" +
               "if(NOT TARGET armature::client)\n  find_package(armature REQUIRED COMPONENTS "
               "client "
               "json)\nendif()\nadd_library(" +
               package_ + " api.cpp client.cpp)\ntarget_compile_features(" + package_ +
               " PUBLIC cxx_std_20)\ntarget_include_directories(" + package_ +
               " PUBLIC \"${CMAKE_CURRENT_SOURCE_DIR}\")\ntarget_link_libraries(" + package_ +
               " PUBLIC armature::client armature::json)\n";
    }

    std::string readme(const std::vector<std::string>& warnings) const {
        std::string out = "# " + package_ + "\n\nA C++20 client of " +
                          single_line(document_.title()) + " " +
                          single_line(document_.api_version()) +
                          ", made by `armature client`, on `armature::Client`.\n\n" +
                          with_package(runtime::cpp_readme);
        if (!warnings.empty()) {
            out += "\n## What this client doesn't do\n\n";
            for (const std::string& warning : warnings)
                out += "- " + single_line(warning) + "\n";
        }
        return out;
    }

    const spec::Document& document_;
    std::string package_;
    Warnings warnings_;
    Model model_;
    std::set<std::size_t> as_json_;                        ///< declarations that are AnyJson
    std::set<std::size_t> texts_;                          ///< enumerations that are std::string
    std::set<std::pair<std::size_t, std::size_t>> cycles_; ///< members that are AnyJson: of, what
    std::map<std::size_t, std::vector<Wrapper>> wrappers_;
    std::string methods_, arguments_;
    std::size_t functions_ = 0;
};

} // namespace

Generated cpp(const spec::Document& document, const Options& options) {
    return Cpp(document, options).run();
}

} // namespace armature::client_gen

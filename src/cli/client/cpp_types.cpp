#include "cli/client/cpp_types.hpp"

#include "cli/client/cpp_text.hpp"

#include <algorithm>

namespace armature::client_gen {

using namespace cpp_text;

bool CppTypes::is_plain_name(std::string_view name) {
    return !name.empty() && name.size() <= 256 &&
           std::none_of(name.begin(), name.end(), [](char c) {
               return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
           });
}

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

} // namespace armature::client_gen

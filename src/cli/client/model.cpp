#include "cli/client/model.hpp"

#include <algorithm>
#include <functional>

namespace armature::client_gen {

namespace {

using spec::Schema;
using T = spec::Types;

bool is_null_only(const Schema& schema) {
    return schema.types == [] {
        T null;
        null.add(T::null);
        return null;
    }() || (schema.enumeration.size() == 1 && schema.enumeration[0]->is_null());
}

bool hides(const Schema& member, Use use) {
    return use == Use::input ? member.read_only : member.write_only;
}

// The one text that a value is; empty if there are more.
std::string only_text(const Schema& schema) {
    const Schema whole = spec::merged(schema);
    return whole.enumeration.size() == 1 && whole.enumeration[0]->is_text()
               ? whole.enumeration[0]->text
               : "";
}

// Whether a part of an allOf only describes, or limits values of the type that another part says.
bool says_no_type(const Schema& part) {
    return part.types.is_any() && part.properties.empty() && part.required.empty() &&
           part.enumeration.empty() && part.items == nullptr && part.additional == nullptr &&
           part.all_of.empty() && part.any_of.empty() && part.one_of.empty() &&
           part.format.empty() && !part.is_never;
}

bool is_object(const Schema& whole) {
    return !whole.properties.empty() || whole.types.is_only(T::map);
}

} // namespace

Model::Model(const spec::Document& document, Warnings& warnings, Names names)
    : warnings_(warnings), names_(std::move(names)), calls_(plan(document, warnings)),
      types_(document, calls_) {
    // All names first: declarations refer to each other.
    for (const Schema* const schema : types_.named()) {
        const bool has_input = types_.is_split(*schema) && types_.is_used(*schema, Use::input);
        Declaration& plain = declarations_.emplace_back();
        plain.name = names_.take(pascal_case(schema->name));
        plain.schema = schema;
        const std::size_t index = declarations_.size() - 1;
        by_schema_[{schema, Use::output}] = index;
        by_schema_[{schema, Use::input}] = index;
        if (!has_input) continue;
        Declaration& input = declarations_.emplace_back();
        input.name = names_.take(plain.name + "Input");
        input.schema = schema;
        by_schema_[{schema, Use::input}] = declarations_.size() - 1;
    }
    named_count_ = declarations_.size();
    for (const Schema* const schema : types_.named()) {
        const std::size_t output = by_schema_[{schema, Use::output}];
        const std::size_t input = by_schema_[{schema, Use::input}];
        in_progress_.insert(output);
        in_progress_.insert(input);
    }
    for (const Schema* const schema : types_.named()) {
        const std::size_t output = by_schema_[{schema, Use::output}];
        const std::size_t input = by_schema_[{schema, Use::input}];
        declare(output, *schema,
                input == output && !types_.is_used(*schema, Use::output) ? Use::input
                                                                         : Use::output);
        if (input != output) declare(input, *schema, Use::input);
    }
}

void Model::declare(std::size_t index, const Schema& schema, Use use) {
    const Type type = lower(schema, use, declarations_[index].name, 0, index);
    in_progress_.erase(index);
    if (type.kind == Kind::named && type.named == index) return; // it became the declaration
    Declaration& declaration = declarations_[index];
    declaration.kind = Declaration::Kind::alias;
    declaration.alias = type;
    // An alias of itself, through other aliases, has no meaning.
    std::set<std::size_t> met{index};
    const std::function<bool(const Type&)> comes_back = [&](const Type& one) -> bool {
        if (one.item != nullptr) return comes_back(*one.item);
        if (one.kind != Kind::named) return false;
        if (!met.insert(one.named).second) return one.named == index;
        const Declaration& next = declarations_[one.named];
        return next.kind == Declaration::Kind::alias && !in_progress_.contains(one.named) &&
               comes_back(next.alias);
    };
    if (comes_back(type)) {
        warnings_.add("a schema that is a list of itself is any JSON", schema.node);
        declaration.alias = simple(Kind::any, type.is_nullable);
    }
}

Type Model::type_of(const Schema& schema, Use use, const std::string& context) {
    return lower(schema, use, context, 0, std::nullopt);
}

Type Model::type_of(const std::vector<const Schema*>& schemas, const std::string& context) {
    if (schemas.size() == 1) return type_of(*schemas.front(), Use::output, context);
    Schema choice;
    choice.node = schemas.front()->node;
    return lower_choice(choice, schemas, Use::output, context, 0, std::nullopt);
}

std::size_t Model::add(Declaration::Kind kind, const std::string& context,
                       std::optional<std::size_t> self) {
    if (self) {
        declarations_[*self].kind = kind;
        return *self;
    }
    Declaration& declaration = declarations_.emplace_back();
    declaration.kind = kind;
    declaration.name = names_.take(pascal_case(context));
    return declarations_.size() - 1;
}

Type Model::lower(const Schema& raw, Use use, const std::string& context, unsigned depth,
                  std::optional<std::size_t> self) {
    if (!self)
        if (const auto found = by_schema_.find({&raw, use}); found != by_schema_.end()) {
            Type type = simple(Kind::named, raw.is_nullable);
            type.named = found->second;
            return type;
        }
    // One type, unless it looks different when sent and received.
    const std::pair<const Schema*, Use> place{&raw, types_.is_split(raw) ? use : Use::output};
    if (!self)
        if (const auto found = in_place_.find(place); found != in_place_.end())
            return found->second;
    // A schema without a name that contains itself.
    if (!self && (depth > 32 || !open_.insert(place).second)) {
        warnings_.add("a schema without a name that contains itself is any JSON", raw.node);
        return simple(Kind::any);
    }
    const auto keep = [&](Type type) {
        if (!self) {
            open_.erase(place);
            in_place_[place] = type;
        }
        return type;
    };
    // An allOf that adds nothing to one schema is that one, by its name.
    std::vector<const Schema*> telling = raw.all_of;
    std::erase_if(telling, [](const Schema* part) { return says_no_type(*part); });
    const bool adds_type = !raw.properties.empty() || !raw.enumeration.empty() ||
                           !raw.required.empty() || !raw.one_of.empty() || !raw.any_of.empty();
    if (!self && telling.size() == 1 && !adds_type) {
        Type type = lower(*telling.front(), use, context, depth + 1, std::nullopt);
        type.is_nullable |= raw.is_nullable;
        return keep(std::move(type));
    }
    const Schema schema = spec::merged(raw);
    const bool null = schema.is_nullable;
    if (schema.not_ != nullptr)
        warnings_.add("\"not\" says nothing about types: what it excludes is allowed", raw.node);
    if (schema.is_never) return keep(simple(Kind::any, null));

    if (!schema.enumeration.empty()) {
        const auto all = [&](auto is) {
            return std::all_of(
                schema.enumeration.begin(), schema.enumeration.end(),
                [&](const spec::Node* value) { return value->is_null() || is(*value); });
        };
        if (all([](const spec::Node& value) { return value.is_text(); }) && !is_null_only(schema)) {
            const std::size_t index = add(Declaration::Kind::enumeration, context, self);
            Declaration& declaration = declarations_[index];
            declaration.schema = &raw;
            for (const spec::Node* const value : schema.enumeration)
                if (value->is_text() &&
                    std::find(declaration.values.begin(), declaration.values.end(), value->text) ==
                        declaration.values.end())
                    declaration.values.push_back(value->text);
            Type type = simple(Kind::named, null);
            type.named = index;
            return keep(type);
        }
        if (all([](const spec::Node& value) { return value.is_integer(); }))
            return keep(simple(Kind::int64, null));
        if (all([](const spec::Node& value) { return value.is_boolean(); }))
            return keep(simple(Kind::boolean, null));
        if (all([](const spec::Node& value) { return value.is_number(); }))
            return keep(simple(Kind::real64, null));
        return keep(simple(Kind::any, null));
    }
    if (!schema.properties.empty() && (!schema.one_of.empty() || !schema.any_of.empty())) {
        // Often the choice says only which members are required together.
        const auto& choices = schema.one_of.empty() ? schema.any_of : schema.one_of;
        const bool adds = std::any_of(choices.begin(), choices.end(), [](const Schema* one) {
            return !spec::merged(*one).properties.empty();
        });
        if (adds) {
            warnings_.add("an object with members and a choice besides is any JSON", raw.node);
            return keep(simple(Kind::any, null));
        }
        return keep(lower_object(schema, use, context, depth, self));
    }
    if (!schema.one_of.empty())
        return keep(lower_choice(schema, schema.one_of, use, context, depth, self));
    if (!schema.any_of.empty())
        return keep(lower_choice(schema, schema.any_of, use, context, depth, self));

    T kinds = schema.types;
    kinds.remove(T::null);
    const auto is_only = [&](T::Type type) { return kinds.is_only(type); };
    if (kinds.is_any()) {
        if (!schema.properties.empty() || schema.additional != nullptr)
            kinds.add(T::map);
        else if (schema.items != nullptr)
            kinds.add(T::list);
        else
            return keep(simple(Kind::any, null));
    }
    if (is_only(T::boolean)) return keep(simple(Kind::boolean, null));
    if (is_only(T::integer)) {
        const bool is_large =
            schema.format == "uint64" ||
            (schema.maximum && *schema.maximum >= 9.3e18 && schema.minimum && *schema.minimum >= 0);
        const bool is_small = schema.format == "int32" || schema.format == "uint16" ||
                              schema.format == "int16" || schema.format == "int8" ||
                              schema.format == "uint8";
        return keep(simple(is_large ? Kind::uint64 : is_small ? Kind::int32 : Kind::int64, null));
    }
    if (is_only(T::number))
        return keep(simple(schema.format == "float" ? Kind::real32 : Kind::real64, null));
    if (is_only(T::text)) {
        const Kind kind = schema.format == "date-time" ? Kind::date_time
                          : schema.format == "date"    ? Kind::date
                          : schema.format == "uuid"    ? Kind::uuid
                          : schema.format == "binary"  ? Kind::bytes
                                                       : Kind::text;
        return keep(simple(kind, null));
    }
    if (is_only(T::list)) {
        Type item = simple(Kind::any);
        if (schema.items != nullptr && schema.prefix_items.empty())
            item = lower(*schema.items, use, context + " item", depth + 1, std::nullopt);
        Type type = simple(Kind::list, null);
        type.item = std::make_shared<const Type>(std::move(item));
        return keep(type);
    }
    if (is_only(T::map)) return keep(lower_object(schema, use, context, depth, self));
    T both = kinds;
    both.remove(T::integer);
    if (both.is_only(T::number)) return keep(simple(Kind::real64, null));
    warnings_.add("a value of several types is any JSON", raw.node);
    return keep(simple(Kind::any, null));
}

std::string Model::implied_discriminator(const std::vector<const Schema*>& choices) {
    const Schema first = spec::merged(*choices.front());
    for (const spec::Property& property : first.properties) {
        std::set<std::string> tags;
        for (const Schema* const choice : choices) {
            const Schema whole = spec::merged(*choice);
            const spec::Property* const same = whole.find(property.name);
            if (same == nullptr || !same->is_required) break;
            const std::string tag = only_text(*same->schema);
            if (tag.empty() || !tags.insert(tag).second) break;
        }
        if (tags.size() == choices.size()) return property.name;
    }
    return "";
}

Type Model::lower_choice(const Schema& schema, const std::vector<const Schema*>& all, Use use,
                         const std::string& context, unsigned depth,
                         std::optional<std::size_t> self) {
    bool null = schema.is_nullable;
    std::vector<const Schema*> choices;
    for (const Schema* const one : all)
        if (is_null_only(*one))
            null = true;
        else
            choices.push_back(one);
    if (choices.empty()) return simple(Kind::any, true);
    if (choices.size() == 1) {
        Type type = lower(*choices.front(), use, context, depth + 1, std::nullopt);
        type.is_nullable |= null;
        return type;
    }
    std::vector<Schema> wholes;
    for (const Schema* const one : choices)
        wholes.push_back(spec::merged(*one));
    // Texts of which some are known: an open enumeration.
    if (std::all_of(wholes.begin(), wholes.end(),
                    [](const Schema& one) { return one.types.is_only(T::text); }))
        return simple(Kind::text, null);
    const bool are_objects = std::all_of(wholes.begin(), wholes.end(), is_object);
    std::string discriminator;
    if (are_objects && schema.discriminator)
        discriminator = schema.discriminator->property;
    else if (are_objects)
        discriminator = implied_discriminator(choices);
    const bool is_tagged = !discriminator.empty();

    const std::size_t index =
        add(is_tagged ? Declaration::Kind::tagged : Declaration::Kind::untagged, context, self);
    declarations_[index].discriminator = discriminator;
    std::vector<Alternative> alternatives;
    std::set<std::string> taken;
    for (std::size_t i = 0; i != choices.size(); ++i) {
        Alternative one;
        if (schema.discriminator && is_tagged) {
            one.tags = schema.discriminator->tags_of(*choices[i]);
        }
        if (is_tagged && (one.tags.empty() || !schema.discriminator)) {
            const spec::Property* const member = wholes[i].find(discriminator);
            if (member != nullptr)
                if (const std::string tag = only_text(*member->schema); !tag.empty())
                    one.tags = {tag};
        }
        std::erase_if(one.tags, [&](const std::string& tag) { return !taken.insert(tag).second; });
        if (is_tagged && one.tags.empty()) {
            warnings_.add("an alternative without a value of the discriminator is left out",
                          choices[i]->node);
            continue;
        }
        const std::string name = context + " " +
                                 (is_tagged                 ? one.tags.front()
                                  : wholes[i].title.empty() ? "option " + std::to_string(i + 1)
                                                            : wholes[i].title);
        one.type = lower(*choices[i], use, name, depth + 1, std::nullopt);
        alternatives.push_back(std::move(one));
    }
    declarations_[index].alternatives = std::move(alternatives);
    Type type = simple(Kind::named, null);
    type.named = index;
    return type;
}

Type Model::lower_object(const Schema& schema, Use use, const std::string& context, unsigned depth,
                         std::optional<std::size_t> self) {
    if (schema.properties.empty()) {
        Type type =
            simple(schema.additional != nullptr ? Kind::map : Kind::any, schema.is_nullable);
        if (schema.additional != nullptr)
            type.item = std::make_shared<const Type>(
                lower(*schema.additional, use, context + " value", depth + 1, std::nullopt));
        return type;
    }
    const std::size_t index = add(Declaration::Kind::object, context, self);
    const std::string name = declarations_[index].name;
    std::vector<Field> fields;
    for (const spec::Property& property : schema.properties) {
        if (hides(*property.schema, use)) continue;
        Field field;
        field.json = property.name;
        field.is_required = property.is_required;
        field.schema = property.schema;
        field.type =
            lower(*property.schema, use, name + " " + property.name, depth + 1, std::nullopt);
        fields.push_back(std::move(field));
    }
    std::optional<Type> others;
    if (schema.additional != nullptr)
        others = lower(*schema.additional, use, name + " value", depth + 1, std::nullopt);
    Declaration& declaration = declarations_[index];
    declaration.fields = std::move(fields);
    declaration.is_open = schema.says_additional && schema.allows_additional;
    declaration.others = std::move(others);
    Type type = simple(Kind::named, schema.is_nullable);
    type.named = index;
    return type;
}

void Model::add_named(const Type& type, bool in_lists, std::vector<std::size_t>& to) {
    if (type.kind == Kind::named) to.push_back(type.named);
    if (in_lists && type.item != nullptr) add_named(*type.item, in_lists, to);
}

std::vector<std::size_t> Model::contained(const Declaration& declaration, bool in_lists) const {
    std::vector<std::size_t> out;
    if (declaration.kind == Declaration::Kind::alias) add_named(declaration.alias, in_lists, out);
    for (const Field& field : declaration.fields)
        add_named(field.type, in_lists, out);
    for (const Alternative& one : declaration.alternatives)
        add_named(one.type, in_lists, out);
    return out;
}

// Tarjan's strongly connected components, with a stack of its own.
std::vector<std::size_t> Model::groups(bool in_lists) const {
    const std::size_t count = declarations_.size();
    constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::vector<std::size_t> group(count, none), order(count, none), low(count, 0);
    std::vector<std::size_t> open;
    std::vector<bool> is_open(count, false);
    std::size_t next = 0, groups = 0;
    struct Frame {
        std::size_t at;
        std::vector<std::size_t> edges;
        std::size_t edge;
    };
    for (std::size_t start = 0; start != count; ++start) {
        if (order[start] != none) continue;
        std::vector<Frame> frames;
        const auto enter = [&](std::size_t at) {
            order[at] = low[at] = next++;
            open.push_back(at);
            is_open[at] = true;
            frames.push_back({at, contained(declarations_[at], in_lists), 0});
        };
        enter(start);
        while (!frames.empty()) {
            Frame& frame = frames.back();
            if (frame.edge != frame.edges.size()) {
                const std::size_t to = frame.edges[frame.edge++];
                if (order[to] == none)
                    enter(to);
                else if (is_open[to])
                    low[frame.at] = std::min(low[frame.at], order[to]);
                continue;
            }
            const std::size_t at = frame.at;
            frames.pop_back();
            if (!frames.empty()) low[frames.back().at] = std::min(low[frames.back().at], low[at]);
            if (low[at] != order[at]) continue;
            while (true) {
                const std::size_t member = open.back();
                open.pop_back();
                is_open[member] = false;
                group[member] = groups;
                if (member == at) break;
            }
            ++groups;
        }
    }
    return group;
}

} // namespace armature::client_gen

#include "cli/mock/answer.hpp"

#include <armature/core/url.hpp>

#include <algorithm>
#include <charconv>

namespace armature::cli::mock {

using spec::Media;
using spec::Operation;
using spec::Schema;

// What clients made is there afterwards; see Store.

namespace {

// Members of `over` in place of those of `base`, as in a merge patch (RFC 7396).
void merge(json& base, const json& over) {
    if (!base.is_object() || !over.is_object()) {
        base = over;
        return;
    }
    for (const auto& [name, value] : over.items()) {
        if (value.is_null())
            base.erase(name);
        else
            merge(base[name], value);
    }
}

} // namespace

std::optional<Response> Answer::with_store(const Resources::Use& use, unsigned status,
                                           const spec::Response& described) {
    const Media* const media =
        described.content.empty() || !has_content_for(status) ? nullptr : choose_media(described);
    const bool has_content = media != nullptr && media->schema != nullptr;
    // Nothing to keep without JSON.
    if (media != nullptr && !is_json(media->type)) return std::nullopt;
    std::string path = match_->path;
    std::string id;
    using Action = Resources::Action;
    if (use.action != Action::list && use.action != Action::create) {
        const std::size_t slash = path.rfind('/');
        path.resize(slash);
        id = match_->params.back().second;
    }
    const Resources::Resource& resource = *use.resource;
    return engine_.store_.with(path, [&](Collection& kept) -> std::optional<Response> {
        fill(kept, resource, path);
        switch (use.action) {
        case Action::list:
            if (!has_content) return std::nullopt;
            return list(kept, status, described, *media);
        case Action::create:
            return create(kept, resource, path, status, described, media);
        case Action::read:
            if (kept.removed.contains(id)) return gone(id);
            if (!has_content) return std::nullopt;
            return with_content(status, described, *media,
                                shaped(*media->schema, current(kept, resource, id)));
        case Action::replace:
        case Action::change: {
            if (kept.removed.contains(id)) return gone(id);
            json item = current(kept, resource, id);
            if (use.action == Action::change) {
                merge(item, checked_.body);
            } else {
                json replaced = checked_.body.is_object() ? checked_.body : item;
                keep_read_only(resource, item, replaced);
                item = std::move(replaced);
            }
            set_id(resource, item, id);
            put(kept, id, item);
            if (!has_content) return with_headers(Response{static_cast<Status>(status)}, described);
            return with_content(status, described, *media, shaped(*media->schema, item));
        }
        case Action::remove:
            if (kept.removed.contains(id)) return gone(id);
            kept.items.erase(id);
            std::erase(kept.order, id);
            kept.removed.insert(id);
            return respond(status, described);
        }
        return std::nullopt;
    });
}

void Answer::fill(Collection& kept, const Resources::Resource& resource, const std::string& path) {
    if (std::exchange(kept.is_filled, true)) return;
    const Operation* list_operation = nullptr;
    for (const Operation& operation : engine_.document_.operations())
        if (operation.method == "get" && operation.path == resource.collection)
            list_operation = &operation;
    if (list_operation == nullptr) return;
    // The same list, whoever comes first and with whatever query.
    const Answer same{*list_operation, *this, path};
    const auto [status, described] = same.success();
    if (described == nullptr) return;
    for (const Media& media : described->content) {
        if (!is_json(media.type) || media.schema == nullptr) continue;
        json content = same.value_for(media);
        const json* const items = list_in(content);
        if (items == nullptr) return;
        for (const json& item : *items) {
            if (!item.is_object()) return;
            const std::string id = id_text(item, resource.id);
            if (id.empty() || kept.items.contains(id)) continue;
            // The list may show less of an item than is known.
            json whole = base(resource, id);
            for (const auto& [name, value] : item.items())
                whole[name] = value;
            put(kept, id, std::move(whole));
        }
        return;
    }
}

Answer::Answer(const Operation& operation, const Answer& other, const std::string& path)
    : engine_(other.engine_), request_(empty_request()), content_(other.content_),
      operation_(&operation), own_match_{{}, {}, path} {
    match_ = &own_match_;
}

const Request& Answer::empty_request() {
    static const Request request = Request::get("/");
    return request;
}

Response Answer::list(Collection& kept, unsigned status, const spec::Response& described,
                      const Media& media) {
    json content = value_for(media);
    json* const items = list_in(content);
    if (items == nullptr) return with_content(status, described, media, content);
    const Schema* item_schema = item_schema_of(*media.schema, content, items);
    json all = json::array();
    const QueryPairs query = QueryPairs::parse(request_.query_text());
    std::size_t most = kept.order.size();
    for (const char* name : {"limit", "per_page", "perPage", "page_size", "pageSize", "size"})
        if (const auto text = query.get(name)) {
            std::size_t limit = 0;
            if (std::from_chars(text->data(), text->data() + text->size(), limit).ec ==
                    std::errc{} &&
                operation_->parameter(name, spec::Parameter::In::query) != nullptr)
                most = std::min(most, limit);
        }
    for (const std::string& id : kept.order) {
        if (all.size() == most) break;
        const json& item = kept.items[id];
        all.push_back(item_schema != nullptr ? shaped(*item_schema, item) : item);
    }
    // A list that the document doesn't allow, as one that is too short, stays as it was.
    json before = std::exchange(*items, std::move(all));
    if (!fits(*media.schema, content, Direction::response)) *list_in(content) = before;
    return with_content(status, described, media, content);
}

const Schema* Answer::item_schema_of(const Schema& schema, const json& content,
                                     const json* items) const {
    const Schema& flat = engine_.generator_.flat(schema);
    if (&content == items) return flat.items;
    for (const auto& [name, value] : content.items())
        if (&value == items)
            if (const spec::Property* const property = flat.find(name))
                if (property->schema != nullptr)
                    return engine_.generator_.flat(*property->schema).items;
    return nullptr;
}

Response Answer::create(Collection& kept, const Resources::Resource& resource,
                        const std::string& path, unsigned status, const spec::Response& described,
                        const Media* media) {
    json item = checked_.body.is_object() ? checked_.body : json::object();
    std::string id = id_text(item, resource.id);
    if (id.empty() || kept.items.contains(id)) id = new_id(kept, resource);
    json whole = base(resource, id);
    for (const auto& [name, value] : item.items())
        whole[name] = value;
    set_id(resource, whole, id);
    kept.removed.erase(id);
    put(kept, id, whole);
    Response response = media != nullptr && media->schema != nullptr
                            ? with_content(status, described, *media, shaped(*media->schema, whole))
                            : with_headers(Response{static_cast<Status>(status)}, described);
    response.headers().set(Field::location,
                           path + '/' + percent_encode(id, EncodeSet::path_segment));
    return response;
}

std::string Answer::new_id(Collection& kept, const Resources::Resource& resource) const {
    for (;;) {
        ++kept.made;
        const Schema& flat = engine_.generator_.flat(*resource.item);
        const spec::Property* const property = flat.find(resource.id);
        const Schema* const schema = property == nullptr ? nullptr : property->schema;
        std::string id;
        if (schema == nullptr || schema->types.has(spec::Types::integer) ||
            schema->types.has(spec::Types::number)) {
            id = std::to_string(1000 + kept.made);
        } else {
            Generator::Options options;
            options.uses_examples = false;
            const json made = engine_.generator_.make(
                *schema, random("new " + std::to_string(kept.made)), options);
            id = made.is_string() ? made.get<std::string>() : made.dump();
            if (kept.made > 100) id += '-' + std::to_string(kept.made);
        }
        if (!kept.items.contains(id) && !kept.removed.contains(id)) return id;
    }
}

void Answer::put(Collection& kept, const std::string& id, json item) {
    if (kept.items.insert_or_assign(id, std::move(item)).second) kept.order.push_back(id);
}

json Answer::current(Collection& kept, const Resources::Resource& resource, const std::string& id) {
    const auto found = kept.items.find(id);
    return found != kept.items.end() ? found->second : base(resource, id);
}

json Answer::base(const Resources::Resource& resource, const std::string& id) const {
    json item = example_of(resource);
    if (!item.is_object()) {
        Generator::Options options;
        options.uses_examples = !is_dynamic();
        item = engine_.generator_.make(
            *resource.item, Random{engine_.options_.seed, resource.collection + '/' + id, 0},
            options);
    }
    if (!item.is_object()) item = json::object();
    set_id(resource, item, id);
    return item;
}

json Answer::example_of(const Resources::Resource& resource) const {
    if (is_dynamic()) return nullptr;
    for (const Operation& operation : engine_.document_.operations()) {
        if (operation.method != "get" || !operation.path.starts_with(resource.collection) ||
            operation.path != resource.collection + "/{" + resource.parameter + '}')
            continue;
        for (const spec::Response& response : operation.responses)
            if (response.status.starts_with('2'))
                for (const Media& media : response.content)
                    for (const spec::Example& example : media.examples)
                        if (is_json(media.type) && example.value != nullptr)
                            return json_of(*example.value);
    }
    return nullptr;
}

void Answer::set_id(const Resources::Resource& resource, json& item, const std::string& id) const {
    const Schema& flat = engine_.generator_.flat(*resource.item);
    const spec::Property* const property = flat.find(resource.id);
    if (property == nullptr || property->schema == nullptr) return;
    json value = value_of_text(*property->schema, id);
    if (fits(*property->schema, value, Direction::response)) item[resource.id] = value;
}

void Answer::keep_read_only(const Resources::Resource& resource, const json& before,
                            json& after) const {
    for (const spec::Property& property : engine_.generator_.flat(*resource.item).properties) {
        if (after.contains(property.name) || !before.contains(property.name)) continue;
        const bool is_read_only = property.schema != nullptr && property.schema->read_only;
        if (is_read_only || property.is_required) after[property.name] = before[property.name];
    }
}

json Answer::shaped(const Schema& schema, const json& item) const {
    if (fits(schema, item, Direction::response)) return item;
    const Schema& flat = engine_.generator_.flat(schema);
    json value = made(schema);
    if (!value.is_object()) return value;
    const json plain = value;
    for (const auto& [name, member] : item.items())
        if (flat.find(name) != nullptr) value[name] = member;
    return fits(schema, value, Direction::response) ? value : plain;
}

Response Answer::gone(const std::string& id) {
    if (const spec::Response* const described = operation_->response(404);
        described != nullptr && described->status != "default" && !described->content.empty())
        return respond(404, *described);
    return problem(404, "Not Found", "'" + id + "' was removed");
}

} // namespace armature::cli::mock

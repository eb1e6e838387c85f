#include "cli/client/plan.hpp"

#include <algorithm>

namespace armature::client_gen {

std::string base_of(const spec::Server& server) {
    std::string url = server.expanded();
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

std::string base_of(const spec::Document& document) {
    return document.servers().empty() ? "" : base_of(document.servers().front());
}

std::string own_base_of(const spec::Document& document, const spec::Operation& operation) {
    if (operation.servers.empty() || document.servers().empty() ||
        operation.servers.front().url == document.servers().front().url)
        return "";
    return base_of(operation.servers.front());
}

namespace {

using spec::Media;
using spec::Operation;
using spec::Response;
using spec::Schema;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string essence(std::string_view type) {
    std::string out = lower(type.substr(0, type.find(';')));
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

const Media* find(const std::vector<Media>& content, Content kind) {
    const auto found = std::find_if(content.begin(), content.end(),
                                    [&](const Media& media) { return content_of(media) == kind; });
    return found == content.end() ? nullptr : &*found;
}

std::optional<Body> choose_body(const Operation& operation, Warnings& warnings) {
    if (!operation.body || operation.body->content.empty()) return std::nullopt;
    const std::vector<Media>& content = operation.body->content;
    for (const Content kind : {Content::json, Content::multipart, Content::form, Content::lines,
                               Content::text, Content::binary, Content::any, Content::events}) {
        const Media* const media = find(content, kind);
        if (media == nullptr) continue;
        Body body{kind, media, operation.body->is_required, false};
        for (const Media& other : content) {
            if (&other == media) continue;
            if (kind == Content::json && content_of(other) == Content::multipart)
                body.or_multipart = true;
            else
                warnings.add("an operation takes " + other.type + " as well: the client sends " +
                                 media->type,
                             other.node);
        }
        return body;
    }
    return std::nullopt;
}

bool is_success(const Response& response) { return response.status.starts_with('2'); }

Success choose_success(const Operation& operation) {
    Success out;
    const bool has_2xx =
        std::any_of(operation.responses.begin(), operation.responses.end(), is_success);
    const auto accept = [&](const std::string& type) {
        if (!out.accept.empty()) out.accept += ", ";
        out.accept += essence(type);
    };
    for (const Response& response : operation.responses) {
        const bool counts = is_success(response) || (!has_2xx && response.status == "default");
        if (!counts) continue;
        if (response.status == "204" || response.status == "205") {
            out.may_be_empty = true;
            continue;
        }
        if (response.content.empty()) {
            out.is_unknown = true;
            continue;
        }
        for (const Media& media : response.content) {
            switch (content_of(media)) {
            case Content::json:
                if (media.schema != nullptr &&
                    std::find(out.json.begin(), out.json.end(), media.schema) == out.json.end())
                    out.json.push_back(media.schema);
                if (media.schema == nullptr) out.is_unknown = true;
                break;
            case Content::events:
                if (out.events == nullptr) out.events = &media;
                break;
            case Content::lines:
                if (out.lines == nullptr) out.lines = &media;
                break;
            case Content::text:
                out.has_text = true;
                break;
            case Content::any:
                out.is_unknown = true;
                break;
            default:
                out.has_binary = true;
            }
            if (media.type != "*/*") accept(media.type);
        }
    }
    // A redirect is followed, and what is there isn't described.
    if (!has_2xx && out.json.empty() && out.events == nullptr && out.lines == nullptr &&
        !out.has_text && !out.has_binary)
        out.is_unknown = true;
    return out;
}

} // namespace

Content content_of(const Media& media) {
    const std::string type = essence(media.type);
    if (type == "application/json" || type.ends_with("+json")) return Content::json;
    if (type == "multipart/form-data") return Content::multipart;
    if (type == "application/x-www-form-urlencoded") return Content::form;
    if (type == "text/event-stream") return Content::events;
    if (type == "application/jsonl" || type == "application/x-ndjson" ||
        type == "application/ndjson" || type == "application/json-seq" ||
        type == "application/x-jsonlines")
        return Content::lines;
    if (type.find('*') != type.npos) return Content::any;
    if (type.starts_with("text/") || type.ends_with("/xml") || type.ends_with("+xml") ||
        type.ends_with("/yaml") || type.ends_with("/x-yaml"))
        return Content::text;
    return Content::binary;
}

void Warnings::add(const std::string& sentence, const spec::Node* at) {
    const auto [place, is_new] = counts_.try_emplace(sentence);
    if (is_new) {
        order_.push_back(sentence);
        if (at != nullptr && at->file != nullptr) place->second.first = at->place();
    }
    ++place->second.count;
}

std::vector<std::string> Warnings::lines() const {
    std::vector<std::string> out;
    for (const std::string& sentence : order_) {
        const Count& count = counts_.at(sentence);
        std::string line = count.first.empty() ? sentence : count.first + ": " + sentence;
        if (count.count > 1) line += " (and " + std::to_string(count.count - 1) + " more like it)";
        out.push_back(std::move(line));
    }
    return out;
}

std::vector<Call> plan(const spec::Document& document, Warnings& warnings) {
    std::vector<Call> out;
    for (const Operation& operation : document.operations()) {
        Call call;
        call.operation = &operation;
        call.name = operation.id.empty() ? operation.method + " " + operation.path : operation.id;
        const bool upgrades =
            std::any_of(operation.responses.begin(), operation.responses.end(),
                        [](const Response& response) { return response.status == "101"; }) &&
            std::none_of(operation.responses.begin(), operation.responses.end(), is_success);
        if (upgrades) {
            warnings.add("an operation that upgrades to a WebSocket has no function",
                         operation.node);
            continue;
        }
        if (!operation.callbacks.empty())
            warnings.add("callbacks are not generated: they are for a server to serve",
                         operation.node);
        call.body = choose_body(operation, warnings);
        call.success = choose_success(operation);
        for (const Response& response : operation.responses) {
            if (response.status[0] != '4' && response.status[0] != '5' &&
                response.status != "default")
                continue;
            const Media* const media = find(response.content, Content::json);
            call.failures.push_back({response.status, media != nullptr ? media->schema : nullptr});
        }
        for (const spec::Parameter& parameter : operation.parameters)
            if (parameter.in == spec::Parameter::In::header &&
                lower(parameter.name).ends_with("idempotency-key"))
                call.idempotency = parameter.name;
        out.push_back(std::move(call));
    }
    if (!document.webhooks().empty())
        warnings.add("webhooks are not generated: they are for a server to serve",
                     document.webhooks().front().node);
    return out;
}

std::vector<const Schema*> parts_of(const Schema& schema) {
    std::vector<const Schema*> out;
    for (const spec::Property& property : schema.properties)
        out.push_back(property.schema);
    for (const auto* list : {&schema.all_of, &schema.any_of, &schema.one_of, &schema.prefix_items})
        out.insert(out.end(), list->begin(), list->end());
    for (const Schema* const one : {schema.items, schema.additional})
        if (one != nullptr) out.push_back(one);
    for (const auto& [pattern, one] : schema.pattern_properties)
        out.push_back(one);
    return out;
}

Types::Types(const spec::Document& document, const std::vector<Call>& calls) {
    for (const Schema* const schema : document.schemas())
        named_.push_back(schema);
    for (const Call& call : calls) {
        for (const spec::Parameter& parameter : call.operation->parameters) {
            if (parameter.schema != nullptr) visit(*parameter.schema, Use::input);
            if (parameter.content && parameter.content->schema != nullptr)
                visit(*parameter.content->schema, Use::input);
        }
        if (call.body && call.body->media->schema != nullptr)
            visit(*call.body->media->schema, Use::input);
        if (call.body && call.body->media->item_schema != nullptr)
            visit(*call.body->media->item_schema, Use::input);
        for (const Schema* const schema : call.success.json)
            visit(*schema, Use::output);
        for (const Media* const media : {call.success.events, call.success.lines})
            if (media != nullptr)
                for (const Schema* const schema : {media->schema, media->item_schema})
                    if (schema != nullptr) visit(*schema, Use::output);
        for (const Failure& failure : call.failures)
            if (failure.schema != nullptr) visit(*failure.schema, Use::output);
    }
    // What nothing uses is part of the document still.
    for (const Schema* const schema : document.schemas())
        if (!used_[1].contains(schema)) visit(*schema, Use::output);

    // From the members that differ to all that contain them.
    std::map<const Schema*, std::vector<const Schema*>> within;
    std::vector<const Schema*> next;
    for (const auto& used : used_)
        for (const Schema* const schema : used) {
            for (const Schema* const part : parts_of(*schema))
                within[part].push_back(schema);
            for (const spec::Property& property : schema->properties)
                if ((property.schema->read_only || property.schema->write_only) &&
                    split_.insert(schema).second)
                    next.push_back(schema);
        }
    while (!next.empty()) {
        const Schema* const schema = next.back();
        next.pop_back();
        for (const Schema* const outer : within[schema])
            if (split_.insert(outer).second) next.push_back(outer);
    }
}

void Types::visit(const Schema& first, Use use) {
    std::set<const Schema*>& used = used_[use == Use::input ? 1 : 0];
    std::vector<const Schema*> next{&first};
    while (!next.empty()) {
        const Schema* const schema = next.back();
        next.pop_back();
        if (!used.insert(schema).second) continue;
        if (!schema->name.empty() &&
            std::find(named_.begin(), named_.end(), schema) == named_.end())
            named_.push_back(schema);
        const std::vector<const Schema*> parts = parts_of(*schema);
        next.insert(next.end(), parts.rbegin(), parts.rend());
    }
}

} // namespace armature::client_gen

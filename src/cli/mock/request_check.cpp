#include "cli/mock/request_check.hpp"

#include "core/characters.hpp"

#include <armature/core/media_type.hpp>
#include <armature/core/url.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace armature::cli::mock {

using spec::Parameter;
using spec::Schema;
using spec::Types;

namespace {

using Texts = std::multimap<std::string, std::string, std::less<>>;

Texts cookies_of(const Request& request) {
    Texts all;
    request.headers().all(Field::cookie, [&](std::string_view rest) {
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(';'), rest.size());
            const std::string_view pair = trim(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            const std::size_t equals = pair.find('=');
            if (equals != pair.npos) all.emplace(pair.substr(0, equals), pair.substr(equals + 1));
        }
    });
    return all;
}

Texts form_of(std::string_view text) {
    Texts all;
    const QueryPairs pairs = QueryPairs::parse(text);
    for (const auto& pair : pairs)
        all.emplace(pair.name, pair.value);
    return all;
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> all;
    for (;;) {
        const std::size_t end = text.find(at);
        all.push_back(text.substr(0, end));
        if (end == text.npos) return all;
        text.remove_prefix(end + 1);
    }
}

// A schema's own type, or that of the parts it is made of.
bool may_be(const Schema& schema, Types::Type type) {
    if (schema.types.has(type)) return true;
    for (const auto* parts : {&schema.all_of, &schema.any_of, &schema.one_of})
        for (const Schema* part : *parts)
            if (part->types.has(type)) return true;
    return false;
}

json list_of(const Schema& schema, const std::vector<std::string_view>& texts) {
    static const Schema anything;
    json list = json::array();
    for (const std::string_view text : texts)
        list.push_back(value_of_text(schema.items != nullptr ? *schema.items : anything, text));
    return list;
}

json member_of(const Schema& schema, std::string_view name, std::string_view text) {
    const spec::Property* const property = schema.find(name);
    if (property != nullptr && property->schema != nullptr)
        return value_of_text(*property->schema, text);
    if (schema.additional != nullptr) return value_of_text(*schema.additional, text);
    return std::string{text};
}

char separator_of(const Parameter& parameter) {
    if (parameter.style == "spaceDelimited") return ' ';
    if (parameter.style == "pipeDelimited") return '|';
    return ',';
}

// "simple" texts, and what "label" and "matrix" put before them.
json value_of_simple(const Parameter& parameter, std::string_view text) {
    const Schema& schema = *parameter.schema;
    char separator = ',';
    if (parameter.style == "label" && text.starts_with('.')) {
        text.remove_prefix(1);
        if (parameter.explode) separator = '.';
    } else if (parameter.style == "matrix") {
        const std::string start = ';' + parameter.name + '=';
        if (text.starts_with(start)) text.remove_prefix(start.size());
    }
    if (may_be(schema, Types::list)) return list_of(schema, split(text, separator));
    if (!may_be(schema, Types::map)) return value_of_text(schema, text);
    json map = json::object();
    const auto parts = split(text, separator);
    if (parameter.explode) {
        for (const std::string_view part : parts)
            if (const std::size_t equals = part.find('='); equals != part.npos)
                map[std::string{part.substr(0, equals)}] =
                    member_of(schema, part.substr(0, equals), part.substr(equals + 1));
    } else {
        for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
            map[std::string{parts[i]}] = member_of(schema, parts[i], parts[i + 1]);
    }
    return map;
}

// Out of the pairs of a query, a form or cookies; nullopt if it isn't there.
std::optional<json> value_of_pairs(const Parameter& parameter, const Texts& pairs) {
    const Schema& schema = *parameter.schema;
    const auto [begin, end] = pairs.equal_range(parameter.name);
    if (may_be(schema, Types::map) && begin == end) {
        json map = json::object();
        if (parameter.style == "deepObject") {
            const std::string start = parameter.name + '[';
            for (const auto& [name, text] : pairs)
                if (name.starts_with(start) && name.ends_with(']')) {
                    const std::string inner =
                        name.substr(start.size(), name.size() - start.size() - 1);
                    map[inner] = member_of(schema, inner, text);
                }
        } else if (parameter.explode) {
            for (const spec::Property& property : schema.properties)
                if (const auto found = pairs.find(property.name); found != pairs.end())
                    map[property.name] = member_of(schema, property.name, found->second);
        }
        return map.empty() ? std::nullopt : std::optional{map};
    }
    if (begin == end) return std::nullopt;
    if (may_be(schema, Types::list)) {
        std::vector<std::string_view> texts;
        for (auto each = begin; each != end; ++each)
            texts.push_back(each->second);
        // One value with separators, unless each has a pair of its own.
        if (!parameter.explode && texts.size() == 1)
            texts = split(texts.front(), separator_of(parameter));
        return list_of(schema, texts);
    }
    if (may_be(schema, Types::map)) return value_of_simple(parameter, begin->second);
    return value_of_text(schema, begin->second);
}

class RequestCheck {
  public:
    RequestCheck(const spec::Operation& operation, const Routes::Match& match,
                 const Request& request, const std::string& content)
        : operation_(operation), match_(match), request_(request), content_(content),
          query_(form_of(request.query_text())), cookies_(cookies_of(request)) {}

    CheckedRequest run() {
        if (!is_authorised()) {
            found_.status = 401;
            return std::move(found_);
        }
        const spec::Media* media = nullptr;
        if (!find_content(media)) return std::move(found_);
        for (const Parameter& parameter : operation_.parameters)
            check(parameter);
        if (media != nullptr) check_content(*media);
        if (!found_.violations.empty() && found_.status == 0) found_.status = 422;
        return std::move(found_);
    }

  private:
    // --- security ---

    bool is_authorised() {
        if (operation_.security.empty()) return true;
        std::vector<std::string> wanted;
        for (const spec::SecurityRequirement& requirement : operation_.security) {
            const bool holds = std::all_of(requirement.schemes.begin(), requirement.schemes.end(),
                                           [&](const auto& one) {
                                               if (shows(*one.first)) return true;
                                               wanted.push_back(one.first->name);
                                               add_challenge(*one.first);
                                               return false;
                                           });
            if (holds) return true;
        }
        std::string names;
        for (const std::string& name : wanted)
            names.append(names.empty() ? "" : " or ").append(name);
        found_.violations.push_back(
            {{"security"}, "401", "Invalid security scheme used: shows nothing for " + names});
        return false;
    }

    [[nodiscard]] bool shows(const spec::SecurityScheme& scheme) const {
        using Type = spec::SecurityScheme::Type;
        const auto starts = [&](std::string_view word) {
            const std::string_view value = request_.header(Field::authorization).value_or("");
            return value.size() > word.size() + 1 && value[word.size()] == ' ' &&
                   Headers::equal_names(value.substr(0, word.size()), word);
        };
        switch (scheme.type) {
        case Type::http:
            return starts(scheme.scheme);
        case Type::oauth2:
        case Type::open_id_connect:
            return starts("bearer");
        case Type::mutual_tls:
            return true; // a mock has no clients' certificates to ask for
        case Type::api_key:
            if (scheme.in == Parameter::In::query) return query_.contains(scheme.parameter);
            if (scheme.in == Parameter::In::cookie) return cookies_.contains(scheme.parameter);
            return request_.headers().contains(scheme.parameter);
        }
        return false;
    }

    void add_challenge(const spec::SecurityScheme& scheme) {
        using Type = spec::SecurityScheme::Type;
        std::string challenge;
        if (scheme.type == Type::http)
            challenge = scheme.scheme == "basic" ? "Basic realm=\"*\"" : capital(scheme.scheme);
        else if (scheme.type == Type::oauth2 || scheme.type == Type::open_id_connect)
            challenge = "Bearer";
        if (challenge.empty() || found_.challenge.find(challenge) != std::string::npos) return;
        found_.challenge.append(found_.challenge.empty() ? "" : ", ").append(challenge);
    }
    static std::string capital(std::string text) {
        if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
            text[0] = static_cast<char>(text[0] - 'a' + 'A');
        return text;
    }

    // --- content ---

    // False when the type is one that isn't taken.
    bool find_content(const spec::Media*& media) {
        if (!operation_.body) return true;
        const auto type = request_.header(Field::content_type);
        const std::vector<spec::Media>& offers = operation_.body->content;
        if (offers.empty() || (content_.empty() && !type && !operation_.body->is_required))
            return true;
        // Without a type the first one is meant.
        media = type ? find_media(offers, *type) : &offers.front();
        if (media != nullptr) return true;
        std::string names;
        for (const spec::Media& offer : offers)
            names.append(names.empty() ? "" : ", ").append(offer.type);
        found_.violations.push_back(
            {{"header", "content-type"}, "415", "Supported content types: " + names});
        found_.status = 415;
        return false;
    }

    void check_content(const spec::Media& media) {
        const std::string type{request_.header(Field::content_type).value_or(media.type)};
        const auto parsed = MediaType::parse(type);
        if (content_.empty()) {
            if (operation_.body->is_required)
                found_.violations.push_back({{"body"}, "required", "Body parameter is required"});
            return;
        }
        if (!parsed || parsed->is_json()) {
            found_.body = json::parse(content_, nullptr, false);
            if (found_.body.is_discarded()) {
                found_.violations.push_back({{"body"}, "parse", "Content is no JSON"});
                found_.status = 400;
                return;
            }
        } else if (parsed->is("application/x-www-form-urlencoded")) {
            found_.body = form(media, form_of(content_));
        } else if (parsed->is("multipart/form-data")) {
            found_.body = form(media, parts(parsed->parameter("boundary").value_or("")));
        } else {
            return; // text, XML, images: any will do
        }
        found_.has_body = true;
        if (media.schema != nullptr)
            add_violations(*media.schema, found_.body, Direction::request, {"body"},
                           found_.violations);
    }

    static json form(const spec::Media& media, const Texts& pairs) {
        json map = json::object();
        if (media.schema == nullptr) {
            for (const auto& [name, text] : pairs)
                map[name] = text;
            return map;
        }
        const Schema schema = spec::merged(*media.schema);
        for (const auto& [name, text] : pairs) {
            if (map.contains(name)) continue;
            const spec::Property* const property = schema.find(name);
            if (property == nullptr || property->schema == nullptr) {
                map[name] = member_of(schema, name, text);
                continue;
            }
            Parameter parameter;
            parameter.name = name;
            parameter.style = "form";
            parameter.explode = true;
            parameter.schema = property->schema;
            if (may_be(*property->schema, Types::map)) {
                json inner = json::parse(text, nullptr, false);
                map[name] = inner.is_discarded() ? json(text) : std::move(inner);
            } else if (auto value = value_of_pairs(parameter, pairs)) {
                map[name] = *std::move(value);
            }
        }
        return map;
    }

    // The parts of multipart/form-data (RFC 7578): name and content, files as texts.
    [[nodiscard]] Texts parts(const std::string& boundary) const {
        Texts all;
        if (boundary.empty()) return all;
        const std::string mark = "--" + boundary;
        std::string_view rest = content_;
        rest.remove_prefix(std::min(rest.find(mark), rest.size()));
        while (rest.starts_with(mark)) {
            rest.remove_prefix(mark.size());
            if (rest.starts_with("--")) break;
            const std::size_t end = std::min(rest.find("\r\n" + mark), rest.size());
            const std::string_view part = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 2, rest.size()));
            const std::size_t head = part.find("\r\n\r\n");
            constexpr std::string_view name = "name=\"";
            const std::size_t at = part.substr(0, head).find(name);
            if (head == part.npos || at == part.npos) continue;
            const std::string_view from_name = part.substr(at + name.size());
            all.emplace(from_name.substr(0, from_name.find('"')), part.substr(head + 4));
        }
        return all;
    }

    // --- parameters ---

    void check(const Parameter& parameter) {
        // OpenAPI 3.1, "Parameter Object": these say nothing.
        if (parameter.in == Parameter::In::header)
            for (const std::string_view name : {"accept", "content-type", "authorization"})
                if (Headers::equal_names(parameter.name, name)) return;
        static constexpr const char* places[] = {"path", "query", "header", "cookie", "query"};
        const std::vector<std::string> place{places[static_cast<unsigned>(parameter.in)],
                                             parameter.name};
        std::optional<json> value;
        if (parameter.schema != nullptr)
            value = find(parameter);
        else if (parameter.content)
            value = find_in_content(parameter);
        if (!value) {
            if (parameter.is_required)
                found_.violations.push_back(
                    {place, "required", "must have required property '" + parameter.name + "'"});
            return;
        }
        const Schema* const schema = parameter.schema != nullptr ? parameter.schema
                                     : parameter.content         ? parameter.content->schema
                                                                 : nullptr;
        if (schema != nullptr)
            add_violations(*schema, *value, Direction::request, place, found_.violations);
    }

    [[nodiscard]] std::optional<std::string> raw(const Parameter& parameter) const {
        switch (parameter.in) {
        case Parameter::In::path:
            for (const auto& [name, text] : match_.params)
                if (name == parameter.name) return text;
            return std::nullopt;
        case Parameter::In::header:
            if (const auto value = request_.header(parameter.name)) return std::string{*value};
            return std::nullopt;
        case Parameter::In::querystring:
            return std::string{request_.query_text()};
        default: {
            const Texts& pairs = parameter.in == Parameter::In::cookie ? cookies_ : query_;
            const auto found = pairs.find(parameter.name);
            return found == pairs.end() ? std::nullopt : std::optional{found->second};
        }
        }
    }

    [[nodiscard]] std::optional<json> find(const Parameter& parameter) const {
        if (parameter.in == Parameter::In::query) return value_of_pairs(parameter, query_);
        if (parameter.in == Parameter::In::cookie) return value_of_pairs(parameter, cookies_);
        const auto text = raw(parameter);
        return text ? std::optional{value_of_simple(parameter, *text)} : std::nullopt;
    }

    [[nodiscard]] std::optional<json> find_in_content(const Parameter& parameter) const {
        const auto text = raw(parameter);
        if (!text) return std::nullopt;
        json value = json::parse(*text, nullptr, false);
        return value.is_discarded() ? json(*text) : std::move(value);
    }

    const spec::Operation& operation_;
    const Routes::Match& match_;
    const Request& request_;
    const std::string& content_;
    Texts query_;
    Texts cookies_;
    CheckedRequest found_;
};

} // namespace

CheckedRequest check_request(const spec::Operation& operation, const Routes::Match& match,
                             const Request& request, const std::string& content) {
    return RequestCheck{operation, match, request, content}.run();
}

const spec::Media* find_media(const std::vector<spec::Media>& media,
                              std::string_view content_type) {
    const auto given = MediaType::parse(content_type);
    if (!given) return nullptr;
    const spec::Media* best = nullptr;
    for (const spec::Media& one : media) {
        const auto range = MediaType::parse(one.type);
        if (!range) continue;
        if (given->matches(*range)) {
            if (range->subtype() != "*") return &one;
            if (best == nullptr || range->type() != "*") best = &one;
        } else if (best == nullptr && Headers::equal_names(given->type(), range->type()) &&
                   Headers::equal_names(given->subtype(), range->subtype())) {
            best = &one; // another charset or version
        }
    }
    return best;
}

void add_violations(const Schema& schema, const json& value, Direction direction,
                    const std::vector<std::string>& place, std::vector<Violation>& violations) {
    std::vector<Fault> faults;
    check(schema, value, direction, faults);
    for (const Fault& fault : faults) {
        Violation violation{place, fault.keyword, fault.message};
        std::string_view rest = fault.pointer;
        while (rest.starts_with('/')) {
            rest.remove_prefix(1);
            std::string part{rest.substr(0, rest.find('/'))};
            rest.remove_prefix(part.size());
            for (const auto& [escape, c] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}})
                for (std::size_t at = 0; (at = part.find(escape, at)) != part.npos; ++at)
                    part.replace(at, 2, c);
            violation.location.push_back(std::move(part));
        }
        violations.push_back(std::move(violation));
    }
}

json to_json_list(const std::vector<Violation>& violations) {
    json list = json::array();
    for (const Violation& violation : violations)
        list.push_back({{"location", violation.location},
                        {"severity", "Error"},
                        {"code", violation.code},
                        {"message", violation.message}});
    return list;
}

} // namespace armature::cli::mock

#include "cli/mock/engine.hpp"

#include "cli/mock/answer.hpp"
#include "core/characters.hpp"

#include <armature/core/media_type.hpp>
#include <armature/core/url.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace armature::cli::mock {

using spec::Media;
using spec::Operation;
using spec::Schema;

Preferences preferences_of(const Request& request) {
    Preferences found;
    const auto take = [&](std::string_view name, std::string_view value) {
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        unsigned code = 0;
        if (name == "code" &&
            std::from_chars(value.data(), value.data() + value.size(), code).ec == std::errc{})
            found.code = code;
        else if (name == "example")
            found.example = value;
        else if (name == "dynamic")
            found.dynamic = value == "true";
    };
    for (const auto& pair : QueryPairs::parse(request.query_text()))
        if (pair.name.starts_with("__")) take(std::string_view{pair.name}.substr(2), pair.value);
    request.headers().all("prefer", [&](std::string_view rest) {
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find_first_of(",;"), rest.size());
            const std::string_view one = trim(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            const std::size_t equals = one.find('=');
            if (equals != one.npos) take(trim(one.substr(0, equals)), trim(one.substr(equals + 1)));
        }
    });
    return found;
}

bool is_json(std::string_view type) {
    const auto parsed = MediaType::parse(type);
    return parsed && (parsed->is_json() || parsed->type() == "*" ||
                      (parsed->type() == "application" && parsed->subtype() == "*"));
}

bool has_content_for(unsigned status) noexcept {
    return status != 204 && status != 304 && status >= 200;
}

namespace {

void put_xml(std::string& out, const std::string& name, const json& value) {
    if (value.is_array()) {
        for (const json& item : value)
            put_xml(out, name, item);
        return;
    }
    out.append("<").append(name).append(">");
    if (value.is_object()) {
        for (const auto& [member, inner] : value.items())
            put_xml(out, member, inner);
    } else {
        for (const char c : value.is_string() ? value.get<std::string>() : value.dump())
            out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
    }
    out.append("</").append(name).append(">");
}

} // namespace

json problem_of(unsigned status, const std::string& title, const std::string& detail,
                const std::vector<Violation>& violations) {
    json document{
        {"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}};
    if (!violations.empty()) document["validation"] = to_json_list(violations);
    return document;
}

Response problem(unsigned status, const std::string& title, const std::string& detail,
                 const std::vector<Violation>& violations) {
    Response response{static_cast<Status>(status)};
    response.set_content(media_types::problem_json,
                         problem_of(status, title, detail, violations).dump());
    return response;
}

void put_violations(Response& response, const std::vector<Violation>& violations) {
    if (violations.empty()) return;
    constexpr std::size_t most = 4096;
    std::vector<Violation> some = violations;
    std::string text;
    do
        text = to_json_list(some).dump(-1, ' ', true); // in ASCII, as a field has to be
    while (text.size() > most && (some.pop_back(), true));
    response.headers().set("sl-violations", text);
}

Engine::Engine(spec::Document document, EngineOptions options, Store& store)
    : document_(std::move(document)), options_(options), store_(store), routes_(document_),
      generator_([this] {
          Generator generator;
          generator.prepare(document_);
          return generator;
      }()),
      resources_(document_, generator_) {}

Response Answer::make() {
    auto match = engine_.routes_.find(request_.path());
    if (!match)
        return problem(404, "Route not resolved, no path matched",
                       "The document has no path " + std::string{request_.path()});
    match_ = &*match;
    operation_ = match->operation(lower_method());
    if (operation_ == nullptr) {
        Response response = problem(405, "Route not resolved, no method matched",
                                    "The path is served for " + match->allow());
        response.header(Field::allow, match->allow());
        return response;
    }
    checked_ = check_request(*operation_, *match_, request_, content_);
    Response response = checked_.status != 0 ? refuse() : answer();
    put_violations(response, checked_.violations);
    if (operation_->is_deprecated) response.headers().set(Field::deprecation, "true");
    return response;
}

std::string Answer::lower_method() const {
    std::string text;
    for (const char c : request_.method_text())
        text += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return text;
}

Random Answer::random(std::string_view more) const {
    std::string key = operation_->method + ' ' + match_->path + '?';
    key.append(request_.query_text()).append(more);
    return Random{engine_.options_.seed, key, 0};
}

bool Answer::is_dynamic() const { return preferences_.dynamic.value_or(engine_.options_.dynamic); }

Response Answer::refuse() {
    // What the document has for it, as Prism looks for it; else a status that says it best.
    std::vector<unsigned> wanted{checked_.status};
    if (checked_.status == 422 || checked_.status == 400) wanted = {422, 400};
    const spec::Response* described = nullptr;
    unsigned status = checked_.status;
    for (const unsigned code : wanted)
        if (described == nullptr) {
            const spec::Response* const found = operation_->response(code);
            if (found == nullptr || found->status == "default") continue;
            described = found;
            status = code;
        }
    if (described == nullptr) described = operation_->response(status); // the default
    const std::string title = status == 401   ? "Invalid security scheme used"
                              : status == 415 ? "Invalid content type"
                                              : "Invalid request";
    const std::string detail =
        status == 401   ? "Your request does not fulfil the security requirements and no HTTP "
                          "unauthorized response was found in the spec"
        : status == 415 ? checked_.violations.front().message
                        : "The request is not what the document says; see 'validation'";
    const json problem_document = problem_of(status, title, detail, checked_.violations);
    Response response = [&] {
        if (described == nullptr || described->content.empty())
            return problem(status, title, detail, checked_.violations);
        const Media* const media = choose_media(*described);
        const bool takes_problem = media != nullptr && is_json(media->type) &&
                                   (media->schema == nullptr ||
                                    fits(*media->schema, problem_document, Direction::response));
        // Where the document's own form of an error can't hold what is wrong, that is in the
        // field sl-violations.
        if (!takes_problem) return respond(status, *described);
        Response own{static_cast<Status>(status)};
        own.headers().set(Field::content_type, media->type);
        own.body(problem_document.dump());
        return own;
    }();
    if (status == 401 && !checked_.challenge.empty())
        response.headers().set(Field::www_authenticate, checked_.challenge);
    return response;
}

Response Answer::answer() {
    if (preferences_.code) {
        const spec::Response* const described = operation_->response(*preferences_.code);
        if (described == nullptr)
            return problem(404, "The server cannot find the requested content",
                           "Requested status code " + std::to_string(*preferences_.code) +
                               " is not defined in the document.");
        return respond(*preferences_.code, *described);
    }
    const auto [status, described] = success();
    if (described == nullptr)
        return problem(404, "The server cannot find the requested content",
                       "No response is defined in the document.");
    if (engine_.options_.keeps && preferences_.example.empty() && !preferences_.dynamic)
        if (const auto use = engine_.resources_.use_of(*operation_))
            if (auto kept = with_store(*use, status, *described)) return *std::move(kept);
    return respond(status, *described);
}

std::pair<unsigned, const spec::Response*> Answer::success() const {
    std::pair<unsigned, const spec::Response*> best{0, nullptr};
    const auto offer = [&](unsigned code, const spec::Response& response) {
        if (best.second == nullptr || code < best.first) best = {code, &response};
    };
    for (const spec::Response& response : operation_->responses) {
        unsigned code = 0;
        const std::string& text = response.status;
        std::from_chars(text.data(), text.data() + text.size(), code);
        if (code >= 200 && code < 300) offer(code, response);
        if (text == "2XX" || text == "2xx") offer(200, response);
    }
    if (best.second != nullptr) return best;
    if (const spec::Response* const otherwise = operation_->response(200)) return {200, otherwise};
    for (const spec::Response& response : operation_->responses) {
        unsigned code = 0;
        std::from_chars(response.status.data(), response.status.data() + response.status.size(),
                        code);
        if (code != 0) offer(code, response);
    }
    return best;
}

const Media* Answer::choose_media(const spec::Response& described) const {
    std::vector<const Media*> offers;
    std::vector<std::string_view> types;
    for (const bool json_wanted : {true, false})
        for (const Media& media : described.content)
            if (is_json(media.type) == json_wanted) {
                offers.push_back(&media);
                types.push_back(media.type == "*/*" ? media_types::json
                                                    : std::string_view{media.type});
            }
    const auto chosen = negotiate_media_type(request_.headers(), types);
    return chosen ? offers[*chosen] : nullptr;
}

Response Answer::respond(unsigned status, const spec::Response& described) {
    if (described.content.empty() || !has_content_for(status))
        return with_headers(Response{static_cast<Status>(status)}, described);
    const Media* const media = choose_media(described);
    if (media == nullptr)
        return problem(406, "The server cannot produce a representation for your accept header",
                       "Unable to find content for " +
                           std::string{request_.header(Field::accept).value_or("")});
    if (!preferences_.example.empty()) {
        for (const spec::Example& example : media->examples)
            if (example.name == preferences_.example && example.value != nullptr)
                return with_content(status, described, *media, json_of(*example.value));
        return problem(404, "The server cannot find the requested content",
                       "Response for contentType: " + media->type +
                           " and exampleKey: " + preferences_.example + " does not exist.");
    }
    return with_content(status, described, *media, value_for(*media));
}

json Answer::value_for(const Media& media, std::string_view more) const {
    if (!is_dynamic())
        for (const spec::Example& example : media.examples)
            if (example.value != nullptr) return json_of(*example.value);
    if (media.schema == nullptr) return nullptr;
    return made(*media.schema, more);
}

json Answer::made(const Schema& schema, std::string_view more) const {
    Generator::Options options;
    options.uses_examples = !is_dynamic();
    return engine_.generator_.make(schema, random(more), options);
}

Response Answer::with_content(unsigned status, const spec::Response& described, const Media& media,
                              const json& value) const {
    Response response{static_cast<Status>(status)};
    const std::string type =
        media.type.find('*') == std::string::npos ? media.type : "application/json";
    response.headers().set(Field::content_type, type);
    if (is_json(type))
        response.body(value.dump(-1, ' ', false, json::error_handler_t::replace));
    else if (value.is_string())
        response.body(value.get<std::string>());
    else if (type.find("xml") != std::string::npos)
        response.body(xml(media, value));
    else
        response.body(value.is_null() ? std::string{} : value.dump());
    return with_headers(std::move(response), described);
}

std::string Answer::xml(const Media& media, const json& value) {
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    const std::string name =
        media.schema != nullptr && !media.schema->name.empty() ? media.schema->name : "root";
    if (value.is_array()) {
        text += "<root>";
        put_xml(text, name, value);
        return text + "</root>";
    }
    put_xml(text, name, value);
    return text;
}

Response Answer::with_headers(Response response, const spec::Response& described) const {
    for (const spec::Parameter& header : described.headers) {
        if (header.schema == nullptr || Headers::equal_names(header.name, "content-type")) continue;
        json value;
        const auto example =
            std::find_if(header.examples.begin(), header.examples.end(),
                         [](const spec::Example& one) { return one.value != nullptr; });
        value = !is_dynamic() && example != header.examples.end()
                    ? json_of(*example->value)
                    : made(*header.schema, header.name);
        if (value.is_structured() || value.is_null()) continue;
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        (void)response.headers().try_set(header.name, text);
    }
    return response;
}

Response Engine::answer(const Request& request, const std::string& content) const {
    return Answer{*this, request, content}.make();
}

} // namespace armature::cli::mock

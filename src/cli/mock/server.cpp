#include "cli/mock/server.hpp"

#include <armature/core/media_type.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/middleware/cors.hpp>

#include <utility>

namespace armature::cli::mock {

namespace {

constexpr std::uint64_t most_content = 64ULL * 1024 * 1024;
constexpr const char* reset_path = "/_armature/mock/reset";

ClientOptions client_options() {
    ClientOptions options;
    options.attempts = 1; // a client sees what happened
    options.redirects = 0;
    options.circuit_failures = 0;
    return options;
}

Cors everybody() {
    CorsOptions options;
    options.origins = {"*"};
    options.methods = {"*"};
    options.headers = {"*", "authorization"};
    options.exposed_headers = {"*"};
    return Cors{options};
}

bool belongs_to_a_connection(Field field) {
    switch (field) {
    case Field::connection:
    case Field::keep_alive:
    case Field::proxy_connection:
    case Field::transfer_encoding:
    case Field::content_length:
    case Field::content_encoding: // the client decodes it
    case Field::accept_encoding:
    case Field::upgrade:
    case Field::expect:
    case Field::host:
    case Field::te:
        return true;
    default:
        return false;
    }
}

std::string places(const std::vector<Violation>& violations) {
    std::string text;
    for (const Violation& violation : violations) {
        if (!text.empty()) text += "; ";
        for (const std::string& part : violation.location)
            text.append(part).append("/");
        if (!violation.location.empty()) text.back() = ' ';
        text += violation.message;
    }
    return text;
}

// What of a response the document doesn't say.
std::vector<Violation> check_response(const spec::Operation& operation, unsigned status,
                                      const Headers& headers, const std::string& content) {
    std::vector<Violation> found;
    const spec::Response* const described = operation.response(status);
    if (described == nullptr) {
        found.push_back({{"response"},
                         "status",
                         "status " + std::to_string(status) + " is not in the document"});
        return found;
    }
    for (const spec::Parameter& field : described->headers) {
        const auto value = headers.get(std::string_view{field.name});
        if (!value && field.is_required)
            found.push_back({{"response", "header", field.name},
                             "required",
                             "must have required property '" + field.name + "'"});
        if (value && field.schema != nullptr)
            add_violations(*field.schema, value_of_text(*field.schema, *value), Direction::response,
                           {"response", "header", field.name}, found);
    }
    if (content.empty() || described->content.empty()) return found;
    const std::string_view type = headers.get(Field::content_type).value_or("");
    const spec::Media* const media = find_media(described->content, type);
    if (media == nullptr) {
        found.push_back({{"response", "header", "content-type"},
                         "mediaType",
                         "content type '" + std::string{type} + "' is not in the document"});
        return found;
    }
    const auto parsed = MediaType::parse(type);
    if (media->schema == nullptr || !parsed || !parsed->is_json()) return found;
    const json value = json::parse(content, nullptr, false);
    if (value.is_discarded())
        found.push_back({{"response", "body"}, "parse", "content is no JSON"});
    else
        add_violations(*media->schema, value, Direction::response, {"response", "body"}, found);
    return found;
}

} // namespace

MockServer::MockServer(std::shared_ptr<const Engine> engine, Store& store, ServerChoices choices)
    : engine_(std::move(engine)), store_(store), choices_(std::move(choices)),
      client_(client_options()) {}

void MockServer::serve(std::shared_ptr<const Engine> engine) {
    const std::lock_guard lock{mutex_};
    engine_.swap(engine);
}

std::shared_ptr<const Engine> MockServer::engine() const {
    const std::lock_guard lock{mutex_};
    return engine_;
}

Task<Response> MockServer::answer(Request& request) {
    const std::uint64_t number = requests_.fetch_add(1) + 1;
    const Fate fate = fate_of(choices_.seed, number, choices_.delay, choices_.errors);
    if (fate.delay > 0) co_await sleep_for(Duration::milliseconds(fate.delay));
    if (fate.status != 0) {
        const std::string which =
            "request " + std::to_string(number) + " of seed " + std::to_string(choices_.seed);
        choices_.say("failure " + std::to_string(fate.status) + " for " + which);
        Response response =
            problem(fate.status, "Injected failure", "--error-rate made this failure: " + which);
        if (fate.status == 429 || fate.status == 503)
            response.headers().set(Field::retry_after, "1");
        co_return response;
    }
    // Nearly all content is here already.
    std::string content;
    if (request.body().in_memory())
        content = request.body().text();
    else
        content = co_await request.body().stream().read_all(most_content);
    if (choices_.replay)
        if (auto recorded = choices_.replay->answer(request, content))
            co_return *std::move(recorded);
    const std::shared_ptr<const Engine> current = engine();
    if (choices_.upstream.empty()) co_return current->answer(request, content);
    co_return co_await pass_on(request, std::move(content), current);
}

Task<Response> MockServer::pass_on(Request& request, std::string content,
                                   std::shared_ptr<const Engine> engine) {
    const auto match = engine->routes().find(request.path());
    std::string method{request.method_text()};
    for (char& c : method)
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    const spec::Operation* const operation = match ? match->operation(method) : nullptr;
    std::vector<Violation> violations;
    if (operation == nullptr)
        violations.push_back({{"request"}, "path", "path and method are not in the document"});
    else
        violations = check_request(*operation, *match, request, content).violations;
    const std::string what = std::string{request.method_text()} + ' ' + std::string{request.path()};
    if (!violations.empty() && choices_.refuses_faults)
        co_return problem(422, "Invalid request",
                          "The request is not what the document says; see 'validation'",
                          violations);

    ClientRequest onward{request.method(), choices_.upstream + std::string{request.target()}};
    for (const Headers::Entry& field : request.headers())
        if (!belongs_to_a_connection(field.field()) && field.field() != Field::content_type)
            onward.header(field.name(), field.value());
    if (!content.empty())
        onward.body(request.header(Field::content_type).value_or("application/octet-stream"),
                    Body{content});
    ClientResponse answered = co_await client_.send(std::move(onward));
    std::string text = co_await answered.text(most_content);

    Response response{answered.status()};
    for (const Headers::Entry& field : answered.headers())
        if (!belongs_to_a_connection(field.field()))
            response.headers().append(field.name(), field.value());
    if (operation != nullptr) {
        const std::vector<Violation> more = check_response(
            *operation, static_cast<unsigned>(answered.status()), answered.headers(), text);
        if (!more.empty() && choices_.refuses_faults)
            co_return problem(500, "Invalid response",
                              "The response is not what the document says; see 'validation'", more);
        violations.insert(violations.end(), more.begin(), more.end());
    }
    if (!violations.empty()) choices_.say(what + ": " + places(violations));
    if (choices_.recorder) choices_.recorder->write(request, content, response, text);
    put_violations(response, violations);
    response.body(std::move(text));
    co_return response;
}

Application MockServer::application(MockServer& server) {
    App app = App::create();
    app.body_limit(most_content);
    if (server.choices_.cors) app.wrap(everybody());
    app.route_at_runtime(reset_path, post([&server] {
                             server.store_.reset();
                             return Response::no_content();
                         }));
    app.default_service(
        [&server](Request& request) -> Task<Response> { return server.answer(request); });
    return app.build();
}

} // namespace armature::cli::mock

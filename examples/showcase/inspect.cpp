#include "routes.hpp"

#include <armature/core/cookie.hpp>
#include <armature/core/url.hpp>

#include <map>
#include <stdexcept>
#include <string>

using namespace armature;

namespace showcase {

namespace {

Response show_request(const Request& request) {
    JsonWriter json;
    json.begin_object()
        .member("method", request.method_text())
        .member("target", request.target())
        .member("path", request.path());
    json.key("query").begin_array();
    for (const auto& [name, value] : QueryPairs::parse(request.query_text()))
        json.begin_array().value(name).value(value).end_array();
    json.end_array().member("version", to_string(request.protocol()));
    json.key("headers").begin_array();
    for (const auto& field : request.headers())
        json.begin_array().value(field.name()).value(field.value()).end_array();
    json.end_array().member("remote", request.peer().to_string()).end_object();
    return Response::json(json.take());
}

Json<std::map<std::string, std::string>> show_method(const Request& request) {
    return Json{std::map<std::string, std::string>{{"method", std::string{request.method_text()}}}};
}

// Of two cookies with one name the first counts: it is the one of the longer path.
Json<std::map<std::string, std::string>> show_cookies(const Request& request) {
    std::map<std::string, std::string> cookies;
    request.headers().all(Field::cookie, [&](std::string_view field) {
        for (const auto& [name, value] : CookieView{field})
            cookies.try_emplace(std::string{name}, value);
    });
    return Json{std::move(cookies)};
}

Response set_cookie(Request& request) {
    const auto name = request.query("name");
    const auto value = request.query("value");
    if (!name || !value) throw Error::bad_request("Give the query parameters name and value");
    try {
        const auto cookie =
            SetCookie{*name, *value}.path("/").http_only().same_site(SameSite::lax).to_string();
        return Response::no_content().header(Field::set_cookie, cookie);
    } catch (const std::invalid_argument& error) {
        throw Error::bad_request(error.what());
    }
}

void document_request(OperationInfo& operation) { operation.response("application/json", nullptr); }

void document_cookie(OperationInfo& operation) {
    operation.parameter(ParameterIn::query, "name", nullptr);
    operation.parameter(ParameterIn::query, "value", nullptr);
    operation.response(Status::no_content).header("Set-Cookie");
    operation.error(Status::bad_request);
}

} // namespace

void add_inspection(App& app) {
    app.service(
        scope("")
            .tag("Inspection")
            .route("/headers",
                   get(show_request).summary("The request as JSON").document(document_request))
            .route("/any", any(show_method).summary("The request's method"))
            .route("/cookies", get(show_cookies).summary("All cookies"))
            .route("/cookies/set",
                   get(set_cookie).summary("Sets a cookie").document(document_cookie)));
}

} // namespace showcase

#include "openapi/document.hpp"
#include "openapi/page.hpp"
#include "openapi/yaml.hpp"

#include <armature/core/etag.hpp>
#include <armature/core/url.hpp>
#include <armature/openapi/openapi.hpp>

#include <cstdio>
#include <map>

namespace armature {

namespace {

using detail::Node;

// One file as it is served.
struct Asset {
    std::string_view media_type;
    std::string text;
    std::string etag;
};

// FNV-1a: it tells one version from another, and nobody gains by making two alike.
std::string etag_of(std::string_view text) {
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    char out[32];
    const int size =
        std::snprintf(out, sizeof out, "\"%016llx\"", static_cast<unsigned long long>(hash));
    return {out, static_cast<std::size_t>(size)};
}

// All that `openapi` serves. Filled when the application is built; nothing changes afterwards.
struct Files {
    OpenApi api;
    std::map<std::string, Asset, std::less<>> assets;
    std::string policy; ///< the page's Content-Security-Policy

    void add(const std::string& name, std::string_view media_type, std::string text) {
        std::string etag = etag_of(text);
        assets[name] = {media_type, std::move(text), std::move(etag)};
    }

    Response serve(std::string_view name, const Request& request) const {
        const auto found = assets.find(name);
        if (found == assets.end()) throw Error::not_found("There is nothing at this path");
        const Asset& asset = found->second;
        Response response;
        response.headers().append(Field::etag, asset.etag);
        response.headers().append(Field::cache_control, "no-cache"); // asks whether it changed
        response.headers().append("x-content-type-options", "nosniff");
        if (asset.media_type.starts_with("text/html")) {
            response.headers().append("content-security-policy", policy);
            response.headers().append("referrer-policy", "no-referrer");
        }
        Validators current;
        current.etag = asset.etag;
        if (evaluate_preconditions(request.method(), request.headers(), current) ==
            Precondition::not_modified)
            return std::move(response).status(Status::not_modified);
        response.set_content_view(asset.media_type, asset.text);
        return response;
    }
};

// From the page to another path of the same scope, so that a prefix in front of both doesn't
// matter.
std::string relative(std::string_view from, std::string_view to) {
    std::string path;
    for (std::size_t i = 1; i < from.size(); ++i)
        if (from[i] == '/') path += "../";
    return path.append(to.substr(1));
}

// Requests may go to the document's own servers, and nowhere else.
std::string policy_of(const OpenApi& api) {
    std::string policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "connect-src 'self'";
    for (const OpenApi::Server& server : api.servers) {
        const std::string_view url = server.url;
        const std::size_t scheme = url.find("://");
        if (scheme == std::string_view::npos) continue;
        const std::string_view origin = url.substr(0, url.find('/', scheme + 3));
        if (origin.find_first_of(" ;,'{}") == std::string_view::npos)
            policy.append(" ").append(origin);
    }
    return policy;
}

void replace(std::string& text, std::string_view what, std::string_view with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
        text.replace(at, what.size(), with);
}

std::string html_escaped(std::string_view text) {
    std::string escaped{text};
    replace(escaped, "&", "&amp;");
    replace(escaped, "<", "&lt;");
    replace(escaped, "\"", "&quot;");
    return escaped;
}

void fill(Files& files, const Application& application) {
    const OpenApi& api = files.api;
    const Node document = detail::make_document(application.operations(), api);
    files.add("json", "application/json", document.dump());
    files.add("yaml", "application/yaml", detail::to_yaml(document));
    files.policy = policy_of(api);
    std::string page{detail::page_files().front().text};
    const std::size_t last_slash = api.docs_path.rfind('/') + 1;
    replace(page, "@BASE@", html_escaped(api.docs_path.substr(last_slash)));
    replace(page, "@DOCUMENT@", html_escaped(relative(api.docs_path, api.json_path)));
    replace(page, "@TITLE@", html_escaped(api.title));
    files.add("index.html", "text/html; charset=utf-8", std::move(page));
    for (const detail::PageFile& file : detail::page_files().subspan(1))
        files.add(std::string{file.name},
                  file.name.ends_with(".js") ? "text/javascript; charset=utf-8"
                                             : "text/css; charset=utf-8",
                  std::string{file.text});
}

} // namespace

Scope openapi(OpenApi api) {
    const auto files = std::make_shared<Files>();
    files->api = std::move(api);
    const OpenApi& settings = files->api;
    Scope routes{""};
    const auto serve = [&](const std::string& path, std::string_view name) {
        if (path.empty()) return;
        const auto handler = [files, name](Request& request) {
            return files->serve(name, request);
        };
        routes.route_at_runtime(path, get(handler).hidden());
    };
    serve(settings.json_path, "json");
    serve(settings.yaml_path, "yaml");
    if (!settings.docs_path.empty() && !settings.json_path.empty()) {
        serve(settings.docs_path, "index.html");
        for (const detail::PageFile& file : detail::page_files().subspan(1))
            serve(settings.docs_path + '/' + std::string{file.name}, file.name);
    }
    routes.on_built([files](const Application& application) { fill(*files, application); });
    return routes;
}

std::string openapi_json(const Application& application, const OpenApi& api) {
    return detail::make_document(application.operations(), api).dump(2) + '\n';
}

std::string openapi_yaml(const Application& application, const OpenApi& api) {
    return detail::to_yaml(detail::make_document(application.operations(), api));
}

bool print_openapi(int argc, const char* const argv[], const Application& application,
                   const OpenApi& api) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        const bool yaml = argument == "--openapi=yaml";
        if (!yaml && argument != "--openapi" && argument != "--openapi=json") continue;
        const std::string text =
            yaml ? openapi_yaml(application, api) : openapi_json(application, api);
        std::fwrite(text.data(), 1, text.size(), stdout);
        return true;
    }
    return false;
}

} // namespace armature

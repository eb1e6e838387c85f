#pragma once

#include <armature/app/app.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// What an API's document says that its routes can't know. Texts called description are Markdown.
struct OpenApi {
    struct Contact {
        std::string name = {};
        std::string url = {};
        std::string email = {};
    };
    struct License {
        std::string name = {};
        std::string identifier = {}; ///< SPDX: "MIT"; or else a `url`
        std::string url = {};
    };
    struct Server {
        std::string url = {};
        std::string description = {};
    };
    struct Tag {
        std::string name = {};
        std::string description = {};
    };
    /// A request that the application sends to its clients. `operation` has its method (POST unless
    /// set), content and responses.
    struct Webhook {
        std::string name = {};
        OperationInfo operation = {};
    };

    std::string title = "API";
    std::string version = "1.0.0"; ///< of the API
    std::string summary = {};
    std::string description = {};
    std::string terms_of_service = {};
    Contact contact = {};
    License license = {};
    std::vector<Server> servers = {}; ///< none: wherever the document came from
    std::vector<Tag> tags = {};       ///< in this order; those of routes only follow
    std::vector<Webhook> webhooks = {};

    // Where it is served, each starting with a slash; empty: not at all.
    std::string json_path = "/openapi.json";
    std::string yaml_path = "/openapi.yaml";
    std::string docs_path = "/docs"; ///< the interactive page, and its files below
};

/// A webhook with JSON content of type T, answered with any success.
template <class T>
[[nodiscard]] OpenApi::Webhook webhook(std::string name, std::string summary = {}) {
    OpenApi::Webhook made;
    made.name = std::move(name);
    made.operation.summary = std::move(summary);
    made.operation.body.push_back({"application/json", detail::type_of<T>(), {}});
    made.operation.response(any_success);
    return made;
}

/// Serves the OpenAPI 3.1 document of the whole application as JSON and YAML, with ETag, and an
/// interactive page that needs nothing from elsewhere:
///
///     app.service(openapi({.title = "Notes", .version = "1.0.0"}));
///
/// The document is made once, when the application is built; BuildError if it can't be right: two
/// operations with one id. Put it into a scope with a guard to keep it from the public.
[[nodiscard]] Scope openapi(OpenApi api);

/// The document of an application, for tools. Throws BuildError.
[[nodiscard]] std::string openapi_json(const Application& application, const OpenApi& api);
[[nodiscard]] std::string openapi_yaml(const Application& application, const OpenApi& api);

/// For `main`: if the command line has `--openapi` or `--openapi=json`, or `--openapi=yaml`, writes
/// the document to standard output and returns true.
[[nodiscard]] bool print_openapi(int argc, const char* const argv[], const Application& application,
                                 const OpenApi& api);

} // namespace armature

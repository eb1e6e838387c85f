#pragma once

#include <armature/app/json.hpp>
#include <armature/core/result.hpp>
#include <armature/openapi/openapi.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature::testing {

enum class Colour { red, green, blue };
ARMATURE_DESCRIBE_ENUM(Colour, red, green, blue);

struct Author {
    std::string name;
    std::optional<std::string> email;
};
ARMATURE_DESCRIBE(Author, (name, min_length(1)), (email, format::email));

struct Note {
    std::uint64_t id = 0;
    std::string title;
    Colour colour = Colour::red;
    Author author;
    std::vector<Note> replies;
};
ARMATURE_DESCRIBE(Note, (id, read_only, defaulted),
                  (title, min_length(1), max_length(80), description("One line"),
                   example("Buy milk")),
                  (colour, defaulted), author, (replies, defaulted, max_items(10)));

struct Conflict {
    std::uint64_t with;
};
ARMATURE_DESCRIBE(Conflict, with);

/// Needs a token, and says so.
struct TokenGuard {
    void before(Request& request) const {
        if (request.header(Field::authorization) != "Bearer secret")
            throw Error::unauthorized().header("www-authenticate", "Bearer");
    }
    void document(OperationInfo& operation) const {
        operation.requires_security(SecurityScheme::bearer());
        operation.error(Status::unauthorized);
    }
};

inline OpenApi notes_api() {
    OpenApi api;
    api.title = "Notes";
    api.version = "2.1.0";
    api.description = "Notes that people share.";
    api.license.name = "MIT";
    api.license.identifier = "MIT";
    api.tags = {{"Notes", "What people wrote"}};
    api.webhooks = {webhook<Note>("noteAdded", "A note was added")};
    return api;
}

inline Note sample() { return {1, "Buy milk", Colour::green, {"Ada", std::nullopt}, {}}; }

inline App notes_app(OpenApi api = notes_api()) {
    App app = App::create();
    app.service(scope("/notes")
                    .tag("Notes")
                    .route("/", get([] { return std::vector<Note>{sample()}; })
                                    .summary("All notes")
                                    .post([](Json<Note> note) { return Created{std::move(note)}; })
                                    .summary("Adds a note"))
                    .route("/{id:uint}", get([](Path<std::uint64_t> id) -> std::optional<Note> {
                                             if (*id != 1) return std::nullopt;
                                             return sample();
                                         }).delete_([](Path<std::uint64_t>) {}))
                    .route("/{title}", get([](Path<std::string>) { return std::string{"text"}; })));
    app.service(scope("/private").wrap(TokenGuard{}).route("/me", get([] {
                                                                      return Author{"Ada",
                                                                                    std::nullopt};
                                                                  }).deprecated()));
    app.route("/files/*rest", get([](Request&) { return std::string{}; }));
    app.route("/echo", any([](Bytes bytes) { return std::string{bytes.view()}; }));
    app.route("/colours/{name:regex([a-z]+)}",
              get([](Path<std::string>) -> Result<std::string> { return Error::conflict(); })
                  .operation_id("colourOf")
                  .document([](OperationInfo& operation) {
                      operation.error(Status::conflict).description = "Not now";
                  }));
    app.route("/secret", get([] { return std::string{"x"}; }).hidden());
    app.service(openapi(std::move(api)));
    return app;
}

} // namespace armature::testing

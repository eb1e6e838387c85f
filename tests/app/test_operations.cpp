#include "support.hpp"

#include <algorithm>

namespace armature::test {

namespace {

struct Note {
    std::string text;
};
ARMATURE_DESCRIBE(Note, text);

struct TokenGuard {
    void before(Request&) const {}
    void document(OperationInfo& operation) const {
        operation.requires_security(SecurityScheme::bearer());
        operation.error(Status::unauthorized);
    }
};

std::vector<unsigned> statuses(const OperationInfo& operation) {
    std::vector<unsigned> codes;
    for (const ResponseInfo& response : operation.responses)
        codes.push_back(status_code(response.status));
    std::sort(codes.begin(), codes.end());
    return codes;
}

OperationInfo only(App app) {
    const Application built = app.build();
    const std::vector<OperationInfo> operations = built.operations();
    EXPECT_EQ(operations.size(), 1U);
    return operations.at(0);
}

TEST(Operations, NameTheMethodAndTheWholePattern) {
    const OperationInfo operation =
        only(App::create().service(scope("/api").route("/notes", get([] { return "x"; }))));
    EXPECT_EQ(operation.method, "GET");
    EXPECT_EQ(operation.pattern, "/api/notes");
}

TEST(Operations, TakePathParametersByTheNamesOfThePattern) {
    const OperationInfo operation = only(App::create().route(
        "/users/{user}/notes/{note}", get([](Path<std::string>, Path<unsigned>) { return "x"; })));
    ASSERT_EQ(operation.parameters.size(), 2U);
    EXPECT_EQ(operation.parameters[0].name, "user");
    EXPECT_EQ(operation.parameters[1].name, "note");
    EXPECT_EQ(operation.parameters[1].in, ParameterIn::path);
    EXPECT_TRUE(operation.parameters[1].required);
    EXPECT_EQ(statuses(operation), (std::vector<unsigned>{200, 400}));
}

TEST(Operations, TakePathParametersThatTheHandlerDoesNotLookAt) {
    const OperationInfo operation =
        only(App::create().route("/files/*rest", get([](Request&) { return "x"; })));
    ASSERT_EQ(operation.parameters.size(), 1U);
    EXPECT_EQ(operation.parameters[0].name, "rest");
}

TEST(Operations, KnowTheContentOfRequestsAndWhatCanBeWrongWithIt) {
    const OperationInfo operation = only(App::create().route(
        "/notes", post([](Json<Note> note) { return Created{std::move(note)}; })));
    ASSERT_EQ(operation.body.size(), 1U);
    EXPECT_EQ(operation.body[0].media_type, "application/json");
    EXPECT_EQ(statuses(operation), (std::vector<unsigned>{201, 400, 413, 415, 422}));
}

TEST(Operations, KnowWhatOptionalAndFailingResultsAnswer) {
    const Application app =
        App::create()
            .route("/", get([]() -> std::optional<Json<Note>> {
                            return std::nullopt;
                        }).post([]() -> Result<std::string> {
                              return Error::conflict();
                          }).put([] {}))
            .build();
    const std::vector<OperationInfo> operations = app.operations();
    EXPECT_EQ(statuses(operations.at(0)), (std::vector<unsigned>{200, 404}));
    EXPECT_EQ(statuses(operations.at(1)), (std::vector<unsigned>{status_code(any_other), 200}));
    EXPECT_EQ(statuses(operations.at(2)), (std::vector<unsigned>{204}));
}

TEST(Operations, HaveWhatTheirMiddlewareAdds) {
    const OperationInfo operation =
        only(App::create().wrap(TokenGuard{}).route("/", get([] { return "x"; })));
    ASSERT_EQ(operation.security.size(), 1U);
    EXPECT_EQ(operation.security[0].kind, SecurityScheme::Kind::bearer);
    EXPECT_EQ(statuses(operation), (std::vector<unsigned>{200, 401}));
}

TEST(Operations, HaveWhatTheirRouteSays) {
    const Application app = App::create()
                                .service(scope("/notes").tag("Notes").route(
                                    "/", get([] { return "x"; })
                                             .summary("All notes")
                                             .post([] { return "x"; })
                                             .summary("Adds a note")
                                             .tag("Writing")
                                             .deprecated()
                                             .document([](OperationInfo& operation) {
                                                 operation.error(Status::conflict).description =
                                                     "It is there already";
                                             })))
                                .build();
    const std::vector<OperationInfo> operations = app.operations();
    ASSERT_EQ(operations.size(), 2U);
    EXPECT_EQ(operations[0].summary, "All notes");
    EXPECT_EQ(operations[0].tags, (std::vector<std::string>{"Notes"}));
    EXPECT_FALSE(operations[0].deprecated);
    EXPECT_EQ(operations[1].summary, "Adds a note");
    EXPECT_EQ(operations[1].tags, (std::vector<std::string>{"Notes", "Writing"}));
    EXPECT_TRUE(operations[1].deprecated);
    EXPECT_EQ(statuses(operations[1]), (std::vector<unsigned>{200, 409}));
}

TEST(Results, WithAStatusOfTheirOwnHaveIt) {
    const Application app = App::create()
                                .route("/", post([] {
                                                return Created{std::string{"made"}};
                                            }).put([] { return Accepted{Json{Note{"n"}}}; }))
                                .build();
    EXPECT_EQ(app.handle(Request{Method::post, "/"}).status(), Status::created);
    EXPECT_EQ(app.handle(Request{Method::put, "/"}).status(), Status::accepted);
}

} // namespace

} // namespace armature::test

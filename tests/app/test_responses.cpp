#include "app/support.hpp"

#include <armature/app/conditional.hpp>
#include <armature/app/negotiate.hpp>
#include <armature/app/page.hpp>
#include <armature/app/query.hpp>

#include <numeric>
#include <stdexcept>

namespace armature {
namespace {

using test::answer;
using test::header;
using test::problem;
using test::serving;

// --- pages

Page<int> numbers_to_95(Query<PageRequest> page) {
    std::vector<int> items;
    for (std::uint64_t i = page->offset(); i < std::min(page->offset() + page->limit, 95UL); ++i)
        items.push_back(static_cast<int>(i));
    return Page{std::move(items), *page, 95};
}

std::string links(const Application& app, std::string_view target) {
    return header(app.handle(Request::get(target)), "link");
}

TEST(Page, IsAnArrayWithLinksToItsNeighbours) {
    const Application app = serving("/numbers", numbers_to_95);
    EXPECT_EQ(answer(app, "/numbers?page=3&limit=2"), "200 [4,5]");
    EXPECT_EQ(
        links(app, "/numbers?page=3&limit=10"),
        "</numbers?page=1&limit=10>; rel=\"first\", </numbers?page=2&limit=10>; rel=\"prev\", "
        "</numbers?page=4&limit=10>; rel=\"next\", </numbers?page=10&limit=10>; "
        "rel=\"last\"");
    EXPECT_EQ(links(app, "/numbers"),
              "</numbers?page=1&limit=20>; rel=\"first\", </numbers?page=2&limit=20>; "
              "rel=\"next\", </numbers?page=5&limit=20>; rel=\"last\"");
    EXPECT_EQ(
        links(app, "/numbers?page=10&limit=10"),
        "</numbers?page=1&limit=10>; rel=\"first\", </numbers?page=9&limit=10>; rel=\"prev\", "
        "</numbers?page=10&limit=10>; rel=\"last\"");
    EXPECT_EQ(links(app, "/numbers?page=999&limit=10"),
              "</numbers?page=1&limit=10>; rel=\"first\", </numbers?page=10&limit=10>; "
              "rel=\"prev\", </numbers?page=10&limit=10>; rel=\"last\"");
    for (const char* query : {"page=0", "limit=0", "limit=101", "page=x", "page=1000001"})
        EXPECT_EQ(app.handle(Request::get(std::string{"/numbers?"} + query)).status(),
                  Status::unprocessable_content)
            << query;
}

TEST(Page, KeepsTheOtherParametersAndThePath) {
    const Application app =
        App::create()
            .route("/{of}/list", get([](Path<std::string> of, Query<PageRequest> page) {
                       return Page{std::vector<std::string>{*of}, *page, 40};
                   }))
            .build();
    EXPECT_EQ(links(app, "/a%2Fb%22%3E/list?q=x%20%3E%22&page=2&q=2"),
              "</a%2Fb%22%3E/list?q=x%20%3E%22&q=2&page=1&limit=20>; rel=\"first\", "
              "</a%2Fb%22%3E/list?q=x%20%3E%22&q=2&page=1&limit=20>; rel=\"prev\", "
              "</a%2Fb%22%3E/list?q=x%20%3E%22&q=2&page=2&limit=20>; rel=\"last\"");
}

TEST(CursorPage, LinksToTheNextOneAndTheFirst) {
    const Application app = serving("/events", [](Query<CursorRequest> request) {
        if (!request->cursor) return CursorPage{std::vector<int>{1, 2}, "2+"};
        return CursorPage{std::vector<int>{3}, std::nullopt};
    });
    EXPECT_EQ(answer(app, "/events?limit=2"), "200 [1,2]");
    EXPECT_EQ(links(app, "/events?limit=2"),
              "</events?limit=2>; rel=\"first\", </events?limit=2&cursor=2%2B>; rel=\"next\"");
    EXPECT_EQ(answer(app, "/events?cursor=2%2B&limit=2"), "200 [3]");
    EXPECT_EQ(links(app, "/events?cursor=2%2B"), "</events>; rel=\"first\"");
}

TEST(LinkValue, RefusesWhatWouldEndIt) {
    EXPECT_EQ(link_value("https://example.com/a?b", "next"),
              "<https://example.com/a?b>; rel=\"next\"");
    for (const char* target : {"/a>", "/a b", "/\"", "/\r\n", "/\xc3\xa4"})
        EXPECT_THROW((void)link_value(target, "next"), std::invalid_argument) << target;
    EXPECT_THROW((void)link_value("/", "a b"), std::invalid_argument);
}

// --- negotiation

TEST(Negotiation, GivesWhatTheClientPrefers) {
    int made = 0;
    const Application app = serving("/", [&made](const Request& request) {
        return negotiate(request)
            .offer("application/json",
                   [&] {
                       ++made;
                       return std::string{"[1]"};
                   })
            .offer("text/csv; charset=utf-8",
                   [&] {
                       ++made;
                       return std::string{"1\r\n"};
                   })
            .respond();
    });
    const auto accepting = [&](std::string_view accept) {
        return app.handle(Request::get("/").set_header("accept", accept));
    };
    EXPECT_EQ(answer(app, "/"), "200 [1]");
    EXPECT_EQ(header(app.handle(Request::get("/")), "vary"), "Accept");
    EXPECT_EQ(answer(accepting("text/csv")), "200 1\r\n");
    EXPECT_EQ(header(accepting("text/*"), "content-type"), "text/csv; charset=utf-8");
    EXPECT_EQ(answer(accepting("text/csv;q=0.5, application/json;q=0.4")), "200 1\r\n");
    EXPECT_EQ(answer(accepting("text/html, */*;q=0.1")), "200 [1]");
    made = 0;
    const Response none = accepting("image/png");
    EXPECT_EQ(none.status(), Status::not_acceptable);
    EXPECT_EQ(problem(none)["detail"],
              "This can be had as application/json, text/csv; charset=utf-8");
    EXPECT_EQ(header(none, "vary"), "Accept");
    EXPECT_EQ(made, 0);
}

TEST(Vary, HasEachNameOnce) {
    Response response;
    add_vary(response, "Accept");
    add_vary(response, "Origin");
    add_vary(response, "accept");
    EXPECT_EQ(header(response, "vary"), "Accept, Origin");
    Response any = Response{}.header("vary", "*");
    add_vary(any, "Accept");
    EXPECT_EQ(header(any, "vary"), "*");
}

// --- entity tags

TEST(Tagged, SparesTheClientWhatItHas) {
    constexpr std::int64_t changed = 784111777; // Sun, 06 Nov 1994 08:49:37 GMT
    const Application app =
        App::create()
            .route("/", get([=] { return Tagged{Json{std::vector<int>{1}}, "\"v1\"", changed}; }))
            .build();
    const Response full = app.handle(Request::get("/"));
    EXPECT_EQ(answer(full), "200 [1]");
    EXPECT_EQ(header(full, "etag"), "\"v1\"");
    EXPECT_EQ(header(full, "last-modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
    const auto with = [&](std::string_view name, std::string_view value) {
        return app.handle(Request::get("/").set_header(name, value));
    };
    const Response unchanged = with("if-none-match", "\"v0\", W/\"v1\"");
    EXPECT_EQ(answer(unchanged), "304 ");
    EXPECT_EQ(header(unchanged, "etag"), "\"v1\"");
    EXPECT_EQ(header(unchanged, "content-type"), "(none)");
    EXPECT_EQ(answer(with("if-none-match", "\"v0\"")), "200 [1]");
    EXPECT_EQ(with("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT").status(),
              Status::not_modified);
    EXPECT_EQ(with("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT").status(), Status::ok);
    EXPECT_EQ(with("if-match", "\"v0\"").status(), Status::precondition_failed);
}

TEST(Preconditions, KeepClientsFromOverwritingWhatTheyHaveNotSeen) {
    const auto replace = [](IfMatch policy) {
        return [policy](const Request& request) {
            require_preconditions(request, {true, "\"v2\"", std::nullopt}, policy);
            return Status::no_content;
        };
    };
    const Application app = App::create()
                                .route("/free", put(replace(IfMatch::optional)))
                                .route("/strict", put(replace(IfMatch::required)))
                                .build();
    const auto with = [&](std::string_view path, std::string_view name, std::string_view value) {
        return app.handle(Request{Method::put, path}.set_header(name, value)).status();
    };
    EXPECT_EQ(with("/free", "x", "y"), Status::no_content);
    EXPECT_EQ(with("/strict", "x", "y"), Status::precondition_required);
    for (const char* path : {"/free", "/strict"}) {
        EXPECT_EQ(with(path, "if-match", "\"v2\""), Status::no_content);
        EXPECT_EQ(with(path, "if-match", "\"v1\""), Status::precondition_failed);
        EXPECT_EQ(with(path, "if-match", "W/\"v2\""), Status::precondition_failed);
        EXPECT_EQ(with(path, "if-none-match", "*"), Status::precondition_failed);
    }
}

TEST(AutoETag, TagsContentByWhatItIs) {
    const Application app =
        App::create()
            .wrap(AutoETag{})
            .route("/", get([] { return "text"; }).post([] { return "text"; }))
            .route("/own", get([] { return Response::text("text").header("etag", "\"own\""); }))
            .route("/created", get([] { return std::pair{Status::created, "text"}; }))
            .build();
    const std::string tag = header(app.handle(Request::get("/")), "etag");
    EXPECT_EQ(tag, etag_of("text"));
    EXPECT_EQ(tag.size(), 20u);
    EXPECT_NE(tag, etag_of("other"));
    EXPECT_EQ(answer(app.handle(Request::get("/").set_header("if-none-match", tag))), "304 ");
    EXPECT_EQ(answer(app.handle(Request::get("/").set_header("if-none-match", "\"x\""))),
              "200 text");
    EXPECT_EQ(header(app.handle(Request{Method::post, "/"}), "etag"), "(none)");
    EXPECT_EQ(header(app.handle(Request::get("/own")), "etag"), "\"own\"");
    EXPECT_EQ(header(app.handle(Request::get("/created")), "etag"), "(none)");
}

} // namespace
} // namespace armature

#include "support/sanitizers.hpp"

#include <armature/app/app.hpp>
#include <armature/app/header.hpp>
#include <armature/app/json.hpp>
#include <armature/app/query.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

namespace {
thread_local std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace armature {

struct Message {
    std::string text;
    int number = 0;
};
ARMATURE_DESCRIBE(Message, text, number);

struct Search {
    std::string_view q;
    int page = 1;
    std::optional<double> price;
};
ARMATURE_DESCRIBE(Search, (q, min_length(1)), (page, min(1)), price);

namespace {

// What a protocol adapter does for each request of a connection.
class ReusedExchange final : public Exchange {
  public:
    using Exchange::reset;

  private:
    void completed() override {}
};

// Allocations of one request, once the exchange has served others.
std::size_t per_request(const Application& app, std::string_view path, Status expected,
                        std::string_view content = {}, std::string_view query = {}) {
    ReusedExchange exchange;
    std::size_t counted = 0;
    for (int i = 0; i < 4; ++i) {
        const std::size_t before = allocations;
        RequestHead& head = exchange.request.head();
        head.method = content.empty() ? Method::get : Method::post;
        head.path = path;
        head.target = path;
        head.query = query;
        Headers& fields = exchange.request.mutable_headers();
        fields.append_view(Field::host, "localhost");
        fields.append_view(Field::authorization, "Bearer a-token-that-is-not-short");
        fields.append_view(Field::cookie, "theme=dark; session=a-session-that-is-not-short");
        fields.append_view(Field::other, "x-tenant", "a-tenant-that-is-not-short");
        if (!content.empty()) {
            fields.append_view(Field::content_type, "application/json");
            exchange.request.set_body(Body::view(content));
        }
        static_cast<void>(app.dispatcher().route(exchange));
        EXPECT_TRUE(app.dispatcher().dispatch(exchange));
        EXPECT_EQ(exchange.response.status(), expected) << exchange.response.body().text();
        EXPECT_FALSE(expected == Status::ok && exchange.response.body().empty());
        exchange.reset();
        counted = allocations - before;
    }
    return counted;
}

struct Pass {
    void before(Request&) const {}
    void after(Request&, Response&) const {}
};
struct Check {
    std::optional<Response> before(Request&) const { return std::nullopt; }
};

TEST(Allocations, NoneForASynchronousRoute) {
    const Application app =
        App::create()
            .route("/literal", get([] { return "Hello"; }))
            .route("/view", get([](Request& request) { return request.path(); }))
            .route("/status", get([] { return Status::accepted; }))
            .route("/short", get([] { return std::string{"short"}; }))
            .build();
    EXPECT_EQ(per_request(app, "/literal", Status::ok), 0u);
    EXPECT_EQ(per_request(app, "/view", Status::ok), 0u);
    EXPECT_EQ(per_request(app, "/status", Status::accepted), 0u);
    EXPECT_EQ(per_request(app, "/short", Status::ok), 0u);
}

TEST(Allocations, NoneForParameters) {
    const Application app =
        App::create()
            .data(7)
            .route("/users/{id}/{name}",
                   get([](Path<std::uint64_t> id, Path<std::string_view> name, State<int> state) {
                       return *id == 42 && *state == 7 ? *name : std::string_view{};
                   }))
            .build();
    EXPECT_EQ(per_request(app, "/users/42/a-name-that-is-not-short", Status::ok), 0u);
}

TEST(Allocations, NoneForWhatIsExtractedAsViewsAndNumbers) {
    const Application app =
        App::create()
            .route("/search/{tenant}",
                   get([](const Query<Search>& search, Path<std::string_view, "tenant"> tenant) {
                       return search->page == 2 && search->price == 1.5 && *tenant == "books"
                                  ? search->q
                                  : std::string_view{};
                   }))
            .route("/me", get([](Cookie<"session"> session, Header<"x-tenant"> tenant,
                                 const BearerToken& token, ClientAddress) {
                       return *session == "a-session-that-is-not-short" &&
                                      *tenant == "a-tenant-that-is-not-short"
                                  ? token.view()
                                  : std::string_view{};
                   }))
            .build();
    EXPECT_EQ(per_request(app, "/search/books", Status::ok, {}, "q=plain+text&page=2&price=1.5"),
              0u);
    EXPECT_EQ(per_request(app, "/me", Status::ok), 0u);
}

TEST(Allocations, NoneForSynchronousMiddleware) {
    const Application app =
        App::create()
            .wrap(Pass{})
            .wrap(Check{})
            .service(scope("/a").wrap(Pass{}).route("/b", get([] { return "x"; })))
            .build();
    EXPECT_EQ(per_request(app, "/a/b", Status::ok), 0u);
}

TEST(Allocations, NoneForACoroutineThatDoesNotSuspend) {
    const Application app =
        App::create().route("/", get([]() -> Task<std::string_view> { co_return "x"; })).build();
    if (armature::has_address_sanitizer)
        GTEST_SKIP() << "frames are not kept for reuse, so that the sanitizer sees a late use";
    EXPECT_EQ(per_request(app, "/", Status::ok), 0u) << "frames come from a free list";
}

TEST(Allocations, FewForJson) {
    const Application app =
        App::create()
            .route("/get", get([] { return Json{Message{"Hello, World!", 1}}; }))
            .route("/post", post([](const Json<Message>& message) {
                       return Json{Message{message->text, message->number + 1}};
                   }))
            .build();
    EXPECT_LE(per_request(app, "/get", Status::ok), 2u);
    EXPECT_LE(per_request(app, "/post", Status::ok, R"({"text":"Hello","number":1})"), 2u);
}

} // namespace
} // namespace armature

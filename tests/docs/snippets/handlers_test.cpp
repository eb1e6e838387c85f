// The C++ of docs/handlers.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/core/cookie.hpp>
#include <armature/core/url.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <vector>

// [extract]
struct TenantId {
    std::string value;
};

template <>
struct armature::Extract<TenantId> {
    static TenantId from(ExtractInput& input) {
        const auto tenant = input.request.header("x-tenant");
        if (!tenant) throw Error::bad_request("Say which tenant: X-Tenant is missing");
        return {std::string{*tenant}};
    }
};

std::string whose(TenantId tenant) { return tenant.value; }
// [/extract]

// [into_response]
struct Csv {
    std::string text;
};

template <>
struct armature::IntoResponse<Csv> {
    static void into(Csv&& csv, Request&, Response& response) {
        response.set_content("text/csv; charset=utf-8", Body{std::move(csv.text)});
    }
};

Csv report() { return {"id,name\r\n1,Ada\r\n"}; }
// [/into_response]

namespace handlers {

using namespace armature;

std::string_view text_of(const Response& response) { return response.body().text(); }

// [signature]
struct User {
    std::uint64_t id;
    std::string name;
};
ARMATURE_DESCRIBE(User, id, name);

struct Users {
    std::vector<User> all{{1, "Ada"}, {2, "Grace"}};
};

std::optional<User> find_user(Path<std::uint64_t> id, State<Users> users) {
    for (const User& user : users->all)
        if (user.id == *id) return user;
    return std::nullopt;
}
// [/signature]

// [results]
struct Rename {
    std::string name;
};
ARMATURE_DESCRIBE(Rename, (name, min_length(1)));

std::string as_text() { return "Hello"; }

std::vector<User> as_json() { return {{1, "Ada"}}; }

std::pair<Status, User> as_json_with_a_status(Json<Rename> given) {
    return {Status::created, User{3, given->name}};
}

Status as_a_status() { return Status::accepted; }

Result<User> as_a_result(Path<std::uint64_t> id) {
    if (*id > 2) return Error::not_found("There is no user " + std::to_string(*id));
    return User{*id, "Ada"};
}

Response as_a_response() {
    return Response::html("<h1>Hello</h1>").header("cache-control", "max-age=60");
}
// [/results]

TEST(HandlersPage, TakeArgumentsAndReturnValues) {
    const Application app = App::create()
                                .data(Users{})
                                .route("/users/{id}", get(find_user))
                                .route("/text", get(as_text))
                                .route("/json", get(as_json).post(as_json_with_a_status))
                                .route("/status", get(as_a_status))
                                .route("/result/{id}", get(as_a_result))
                                .route("/response", get(as_a_response))
                                .build();
    EXPECT_EQ(text_of(app.handle(Request::get("/users/2"))), R"({"id":2,"name":"Grace"})");
    EXPECT_EQ(app.handle(Request::get("/users/3")).status(), Status::not_found);
    EXPECT_EQ(app.handle(Request::get("/text")).headers().get(Field::content_type),
              "text/plain; charset=utf-8");
    EXPECT_EQ(text_of(app.handle(Request::get("/json"))), R"([{"id":1,"name":"Ada"}])");
    const Response created =
        app.handle(Request::post("/json", R"({"name":"Alan"})", "application/json"));
    EXPECT_EQ(created.status(), Status::created);
    EXPECT_EQ(text_of(created), R"({"id":3,"name":"Alan"})");
    EXPECT_EQ(app.handle(Request::get("/status")).status(), Status::accepted);
    EXPECT_EQ(text_of(app.handle(Request::get("/result/1"))), R"({"id":1,"name":"Ada"})");
    EXPECT_EQ(app.handle(Request::get("/result/3")).status(), Status::not_found);
    EXPECT_EQ(app.handle(Request::get("/response")).headers().get("Cache-Control"), "max-age=60");
}

// [request]
std::string search(Request& request) {
    const std::string_view what = request.query("q").value_or("everything");
    const std::string_view agent = request.header(Field::user_agent).value_or("somebody");
    return std::string{agent} + " looks for " + std::string{what};
}

std::string tags(Request& request) {
    std::string all;
    for (const auto& [name, value] : QueryPairs::parse(request.query_text()))
        if (name == "tag") all += value + ';';
    return all;
}

std::string session_of(Request& request) {
    std::string id = "none";
    request.headers().all(Field::cookie, [&](std::string_view field) {
        for (const auto& [name, value] : CookieView{field})
            if (name == "session") id = value;
    });
    return id;
}

Response sign_in() {
    Response response = Response::redirect("/", Status::see_other);
    SetCookie cookie{"session", "4711"};
    cookie.path("/").secure().http_only().same_site(SameSite::lax);
    response.headers().append(Field::set_cookie, cookie.to_string());
    return response;
}
// [/request]

TEST(HandlersPage, ReadTheRequest) {
    const Application app = App::create()
                                .route("/search", get(search))
                                .route("/tags", get(tags))
                                .route("/session", get(session_of).post(sign_in))
                                .build();
    EXPECT_EQ(
        text_of(app.handle(Request::get("/search?q=hot%20tea").set_header("user-agent", "curl"))),
        "curl looks for hot tea");
    EXPECT_EQ(text_of(app.handle(Request::get("/tags?tag=a&x=1&tag=b+c"))), "a;b c;");
    EXPECT_EQ(
        text_of(app.handle(Request::get("/session").set_header("cookie", "a=b; session=4711"))),
        "4711");
    EXPECT_EQ(app.handle(Request{Method::post, "/session"}).headers().get(Field::set_cookie),
              "session=4711; Path=/; Secure; HttpOnly; SameSite=Lax");
}

TEST(HandlersPage, TypesOfOnesOwnGoInAndOut) {
    const Application app =
        App::create().route("/tenant", get(whose)).route("/report", get(report)).build();
    EXPECT_EQ(text_of(app.handle(Request::get("/tenant").set_header("X-Tenant", "acme"))), "acme");
    EXPECT_EQ(app.handle(Request::get("/tenant")).status(), Status::bad_request);
    EXPECT_EQ(app.handle(Request::get("/report")).headers().get(Field::content_type),
              "text/csv; charset=utf-8");
}

// [coroutine]
Task<std::string> later(Request& request) {
    co_await sleep_for(std::chrono::milliseconds{5});
    co_return "waited for " + std::string{request.path()};
}
// [/coroutine]

// [blocking]
Task<std::string> sum(Path<unsigned> count) {
    auto work = [count = *count] {
        std::vector<unsigned long> numbers(count);
        std::iota(numbers.begin(), numbers.end(), 1UL);
        return std::accumulate(numbers.begin(), numbers.end(), 0UL);
    };
    co_return std::to_string(co_await blocking(work));
}
// [/blocking]

// [upload]
Task<std::string> upload(Request& request) {
    std::uint64_t bytes = 0;
    while (const auto piece = co_await request.body().stream().next())
        bytes += piece->size();
    co_return std::to_string(bytes) + " bytes";
}
// [/upload]

// [download]
Response numbers(Path<int> count) {
    return Response::stream([count = *count](BodyWriter& out) -> Task<> {
               for (int i = 1; i <= count; ++i) {
                   const std::string line = std::to_string(i) + '\n';
                   co_await out.write(line);
               }
           })
        .header("content-type", "text/plain; charset=utf-8");
}
// [/download]

// [file]
Response program() {
    const std::shared_ptr<const File> file = File::open("/proc/self/exe");
    return Response{Body{FileRegion{file, 0, file->size()}}}.header("content-type",
                                                                    "application/octet-stream");
}
// [/file]

// [upgrade]
Response echo() {
    return Response::upgrade("echo", [](ByteStream& stream) -> Task<> {
        while (const auto bytes = co_await stream.read()) {
            const std::string copy{*bytes};
            co_await stream.write(copy);
        }
    });
}
// [/upgrade]

TEST(HandlersPage, WaitAndStream) {
    const Application app = App::create()
                                .route("/later", get(later))
                                .route("/sum/{count}", get(sum))
                                .route("/upload", post(upload))
                                .route("/numbers/{count}", get(numbers))
                                .route("/echo", get(echo))
                                .route("/program", get(program))
                                .build();
    EXPECT_GT(app.handle(Request::get("/program")).body().size(), 1000U);
    EXPECT_EQ(text_of(app.handle(Request::get("/later"))), "waited for /later");
    EXPECT_EQ(text_of(app.handle(Request::get("/sum/100"))), "5050");
    EXPECT_EQ(text_of(app.handle(Request::post("/upload", "12345", "text/plain"))), "5 bytes");
    EXPECT_EQ(text_of(app.handle(Request::get("/numbers/3"))), "1\n2\n3\n");
    EXPECT_EQ(app.handle(Request::get("/echo")).status(), Status::switching_protocols);
}

struct Options {
    Options() = default;
    explicit Options(std::string given) : name(std::move(given)) {}
    std::string name;
};
Task<std::size_t> open(Options options) { co_return options.name.size(); }

template <class Function>
Task<std::size_t> run(Function function) {
    co_return function();
}

Task<std::size_t> safe_forms(std::string name) {
    std::size_t sum = 0;
    // [safe]
    auto work = [name] { return name.size(); };
    sum += co_await run(work); // a named lambda

    auto started = run([name] { return name.size(); });
    sum += co_await std::move(started); // a named task

    sum += co_await open(Options{name}); // a type that has a constructor
    // [/safe]
    co_return sum;
}

TEST(HandlersPage, SafeFormsOfCoAwait) {
    const std::string name(40, 'x'); // long enough to be on the heap
    LocalLoop loop;
    EXPECT_EQ(loop.run(safe_forms(name)), 120U);
}

} // namespace handlers

// The C++ of docs/extractors.md: compiled and run here, repeated there.
#include <armature/armature.hpp>

#include <gtest/gtest.h>

#include <algorithm>

using namespace armature;

// [text_form]
struct Isbn {
    std::string digits;
};

template <>
struct armature::TextForm<Isbn> {
    static constexpr std::string_view format = "isbn";
    static constexpr std::string_view pattern = "^[0-9]{13}$";
    static constexpr std::string_view wanted = "an ISBN of 13 digits";
    static constexpr std::size_t max_size = 13;
    static bool parse(std::string_view text, Isbn& out) noexcept {
        if (text.size() != 13 || text.find_first_not_of("0123456789") != text.npos) return false;
        out.digits = text;
        return true;
    }
    static char* write(char* to, const Isbn& isbn) noexcept {
        return std::copy(isbn.digits.begin(), isbn.digits.end(), to);
    }
};

std::string book(Path<Isbn> isbn) { return isbn->digits; }
// [/text_form]

namespace extractors {

// [query]
enum class Order { newest, oldest };
ARMATURE_DESCRIBE_ENUM(Order, newest, oldest);

struct Search {
    std::string q;
    Order order = Order::newest;
    std::vector<std::string> tag;
    std::optional<double> max_price;
};
ARMATURE_DESCRIBE(Search, (q, min_length(2)), (order, defaulted), (tag, max_items(5)),
                  (max_price, min(0)));

std::string search(Query<Search> search) {
    return search->q + " with " + std::to_string(search->tag.size()) + " tags";
}
// [/query]

// [form]
struct SignUp {
    std::string name;
    std::string email;
    std::optional<int> age;
};
ARMATURE_DESCRIBE(SignUp, (name, min_length(1)), (email, format::email), (age, min(0), max(150)));

std::string sign_up(Form<SignUp> form) { return "Welcome, " + form->name; }
// [/form]

// [path]
std::string of_a_kind(Path<Order, "order"> order, Path<int, "year"> year) {
    return std::string{enum_name(*order)} + ' ' + std::to_string(*year);
}
// [/path]

// [fields]
std::string fields(Header<"x-tenant"> tenant, Header<"max-forwards", int> hops,
                   Cookie<"theme", std::string> theme) {
    return std::string{*tenant} + ' ' + std::to_string(*hops) + ' ' + *theme;
}
// [/fields]

// [optional]
std::string greet(std::optional<Header<"accept-language">> language,
                  std::optional<Cookie<"visits", unsigned>> visits) {
    const std::string_view spoken = language ? **language : "en";
    return std::string{spoken} + ' ' + std::to_string(visits ? **visits + 1 : 1);
}
// [/optional]

// [token]
std::string who(BearerToken token) {
    if (token.view() != "secret") throw Error::unauthorized("The token is not known");
    return "somebody";
}
// [/token]

// [extension]
struct Identity {
    std::string name;
};

struct SignIn {
    void before(Request& request) const { request.set(Identity{"ada"}); }
};

std::string me(Extension<Identity> identity) { return identity->name; }
// [/extension]

// [stream]
Task<std::string> count(BodyStream& content) {
    std::uint64_t bytes = 0;
    while (const auto piece = co_await content.next())
        bytes += piece->size();
    co_return std::to_string(bytes);
}
// [/stream]

// [multipart]
Task<std::string> upload(Multipart form) {
    MultipartLimits limits;
    limits.parts = 10;
    limits.file_bytes = 50 * 1024 * 1024;
    form.limits(limits);

    std::string report;
    while (MultipartPart* part = co_await form.next()) {
        report += part->name();
        if (part->filename()) { // a file: piece by piece
            std::uint64_t bytes = 0;
            while (const auto piece = co_await part->next())
                bytes += piece->size();
            report += " has " + std::to_string(bytes) + " bytes\n";
        } else { // a field: at most limits.field_bytes
            report += " is " + co_await part->read_all(1000) + '\n';
        }
    }
    co_return report;
}
// [/multipart]

std::string answer(const Response& response) {
    return std::to_string(status_code(response.status())) + ' ' +
           std::string{response.body().text()};
}
template <class F>
Application get_app(std::string pattern, F handler) {
    return App::create().wrap(SignIn{}).route_at_runtime(pattern, get(handler)).build();
}
template <class F>
std::string posted(F handler, std::string content, std::string_view type) {
    return answer(App::create()
                      .route("/", post(handler))
                      .build()
                      .handle(Request::post("/", std::move(content), type)));
}

TEST(ExtractorsPage, ReadsQueriesFormsAndPaths) {
    const Application app = get_app("/", &search);
    EXPECT_EQ(answer(app.handle(Request::get("/?q=ada&tag=a&tag=b"))), "200 ada with 2 tags");
    EXPECT_EQ(app.handle(Request::get("/?q=a&order=x")).status(), Status::unprocessable_content);
    EXPECT_EQ(posted(&sign_up,
                     "name=Ada&email=ada%40example.com&age=", "application/x-www-form-urlencoded"),
              "200 Welcome, Ada");
    EXPECT_EQ(answer(get_app("/{year}/{order}", &of_a_kind).handle(Request::get("/1999/oldest"))),
              "200 oldest 1999");
    EXPECT_EQ(answer(get_app("/{isbn}", &book).handle(Request::get("/9780141439518"))),
              "200 9780141439518");
    EXPECT_EQ(get_app("/{isbn}", &book).handle(Request::get("/1")).status(), Status::bad_request);
}

TEST(ExtractorsPage, ReadsFieldsCookiesAndTokens) {
    Request request = Request::get("/");
    request.set_header("x-tenant", "acme")
        .set_header("max-forwards", "3")
        .set_header("cookie", "theme=dark; visits=4");
    EXPECT_EQ(answer(get_app("/", &fields).handle(std::move(request))), "200 acme 3 dark");
    EXPECT_EQ(answer(get_app("/", &greet).handle(Request::get("/"))), "200 en 1");
    EXPECT_EQ(get_app("/", &who).handle(Request::get("/")).status(), Status::unauthorized);
    EXPECT_EQ(answer(get_app("/", &who).handle(
                  Request::get("/").set_header("authorization", "Bearer secret"))),
              "200 somebody");
    EXPECT_EQ(answer(get_app("/", &me).handle(Request::get("/"))), "200 ada");
}

TEST(ExtractorsPage, ReadsContentAsItArrives) {
    EXPECT_EQ(posted(&count, "12345", "x/y"), "200 5");
    EXPECT_EQ(posted(&upload,
                     "--B\r\nContent-Disposition: form-data; name=title\r\n\r\nSun\r\n"
                     "--B\r\nContent-Disposition: form-data; name=photo; filename=p.png\r\n\r\n"
                     "12345\r\n--B--\r\n",
                     "multipart/form-data; boundary=B"),
              "200 title is Sun\nphoto has 5 bytes\n");
}

} // namespace extractors

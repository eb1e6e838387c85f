#include "app/multipart_parser.hpp"
#include "app/support.hpp"

#include <armature/app/form.hpp>
#include <armature/app/multipart.hpp>

#include <optional>

namespace armature {

struct Card {
    std::string name;
    std::optional<int> age;
    std::vector<std::string> tag;
};
ARMATURE_DESCRIBE(Card, (name, min_length(1)), age, tag);

namespace {

using detail::MultipartParser;
using test::answer;
using test::problem;

using Event = MultipartParser::Event;

/// "name[filename](value)" of each part, read in pieces of `step` bytes.
std::string parts_of(std::string_view content, std::size_t step, MultipartLimits limits = {}) {
    MultipartParser parser{"B"};
    parser.limits(limits);
    std::string text;
    while (!content.empty()) {
        std::string_view piece = content.substr(0, step);
        content.remove_prefix(piece.size());
        for (Event event; (event = parser.next(piece)) != Event::starved;) {
            if (event == Event::part) {
                text += parser.name();
                if (parser.filename()) text += '[' + *parser.filename() + ']';
                text += '(';
            } else if (event == Event::data) {
                EXPECT_FALSE(parser.data().empty());
                text += parser.data();
            } else {
                text += ')';
            }
        }
        EXPECT_TRUE(piece.empty());
    }
    parser.finish();
    return text;
}

/// The same however it is cut.
std::string parts_of(std::string_view content) {
    const std::string whole = parts_of(content, content.size() + 1);
    for (const std::size_t step : {1, 2, 3, 5, 7})
        EXPECT_EQ(parts_of(content, step), whole) << step;
    return whole;
}

/// The status that malformed content is answered with, however it is cut; 0 if it is taken.
int refusal_of(std::string_view content, MultipartLimits limits = {}) {
    std::optional<int> status;
    for (const std::size_t step : {1, 2, 3, 1000}) {
        int found = 0;
        try {
            parts_of(content, step, limits);
        } catch (const Error& error) {
            found = status_code(error.status());
        }
        EXPECT_EQ(status.value_or(found), found) << step;
        status = found;
    }
    return *status;
}

std::string part(std::string_view disposition, std::string_view value) {
    return std::string{"--B\r\nContent-Disposition: "}
        .append(disposition)
        .append("\r\n\r\n")
        .append(value)
        .append("\r\n");
}
std::string one(std::string_view disposition) { return part(disposition, "v") + "--B--"; }

TEST(MultipartParser, ReadsPartAfterPart) {
    EXPECT_EQ(parts_of("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n"
                       "--B\r\ncontent-type: text/x\r\n"
                       "CONTENT-DISPOSITION:form-data;name=b;filename=\"f.txt\"\r\n\r\n"
                       "two\r\nlines\r\n--B--\r\n"),
              "a(one)b[f.txt](two\r\nlines)");
    EXPECT_EQ(parts_of("--B--"), "");
}

TEST(MultipartParser, KeepsWhatOnlyLooksLikeABoundary) {
    EXPECT_EQ(
        parts_of(part("form-data; name=a", "\r\n-\r\n--\r\n--C\r\r\n\r\n--b\n--B\r--B") + "--B--"),
        "a(\r\n-\r\n--\r\n--C\r\r\n\r\n--b\n--B\r--B)");
    EXPECT_EQ(parts_of(part("form-data; name=a", "--") + "--B--"), "a(--)");
    EXPECT_EQ(parts_of(part("form-data; name=a", "\r") + "--B--"), "a(\r)");
    EXPECT_EQ(parts_of(part("form-data; name=a", "\r\n") + "--B--"), "a(\r\n)");
}

TEST(MultipartParser, KnowsPartsWithoutAValue) {
    EXPECT_EQ(parts_of(part("form-data; name=a", "") + part("form-data; name=b", "x") + "--B--"),
              "a()b(x)");
    // RFC 2046: the empty line after the head may be missing with the value.
    EXPECT_EQ(parts_of("--B\r\nContent-Disposition: form-data; name=a\r\n\r\n--B\r\n"
                       "Content-Disposition: form-data; name=b\r\n\r\nx\r\n--B--"),
              "a()b(x)");
}

TEST(MultipartParser, IgnoresWhatIsAroundTheParts) {
    EXPECT_EQ(parts_of("preamble\r\n--C\r\n" + part("form-data; name=a", "x") +
                       "--B-- \r\nepilogue\r\n--B\r\nmore"),
              "a(x)");
    EXPECT_EQ(parts_of("\r\n" + part("form-data; name=a", "x") + "--B--"), "a(x)");
    EXPECT_EQ(parts_of("--B \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B--"),
              "a(x)");
}

TEST(MultipartParser, ReadsNamesAsClientsWriteThem) {
    EXPECT_EQ(parts_of(one(R"(form-data; name="a b"; filename="C:\dir\x.txt")")),
              R"(a b[C:\dir\x.txt](v))");
    EXPECT_EQ(parts_of(one(R"(form-data; name="q\"q\\"; filename="%22%0D%0A%20.txt")")),
              "q\"q\\[\"\r\n%20.txt](v)");
    EXPECT_EQ(parts_of(one("form-data; filename=\"\"; name=\"\xc3\xa4\"")), "\xc3\xa4[](v)");
    EXPECT_EQ(parts_of(one("form-data; name=a; filename*=UTF-8''evil.exe; x=\"y;z\"")), "a(v)");
    EXPECT_EQ(parts_of(one("FORM-DATA ; Name=a ")), "a(v)");
}

TEST(MultipartParser, RefusesWhatIsMalformed) {
    const std::string head = "--B\r\nContent-Disposition: form-data; name=a\r\n";
    for (const std::string& content : {
             std::string{"x"},
             std::string{"--B"},
             std::string{"--B\r\n"},
             std::string{"--B\n" + head.substr(5)},
             std::string{"--B\r\n\r\nx\r\n--B--"},
             std::string{"--Bx\r\n"},
             std::string{"--B-\r\n"},
             std::string{"--B\rx"},
             head,
             head + "\r\nx",
             head + "\r\nx\r\n--B",
             head + "\r\nx\r\n--B-",
             head + "\r\nx\r\n--Bx--",
             head + "no colon\r\n\r\nx\r\n--B--",
             head + "space before : colon\r\n\r\nx\r\n--B--",
             head + ": no name\r\n\r\nx\r\n--B--",
             head + "folded: x\r\n  y\r\n\r\nx\r\n--B--",
             head + std::string{"nul: \0\r\n\r\nx\r\n--B--", 18},
             head + "bare: line feed\n\r\nx\r\n--B--",
             head + "Content-Disposition: form-data; name=b\r\n\r\nx\r\n--B--",
             head + "content-transfer-encoding: base64\r\n\r\nx\r\n--B--",
             one("attachment; name=a"),
             one("form-data"),
             one("form-data; filename=a"),
             one("form-data; name=a; name=b"),
             one("form-data; name=a; filename=b; filename=c"),
             one("form-data, name=a"),
             one("form-data; name"),
             one("form-data; name="),
             one("form-data; name=\"a"),
             one("form-data; name=\"a\"b"),
             one("form-data; =a"),
             one("form-data; name=\"\xff\""),
             one("form-datax; name=a"),
         })
        EXPECT_EQ(refusal_of(content), 400) << content;
    EXPECT_EQ(refusal_of(head + "Content-Transfer-Encoding: binary\r\n\r\nx\r\n--B--"), 0);
}

TEST(MultipartParser, HasLimits) {
    MultipartLimits limits;
    limits.parts = 2;
    limits.head_bytes = 60;
    limits.field_bytes = 3;
    limits.file_bytes = 5;
    const std::string field = part("form-data; name=a", "123");
    const std::string file = part("form-data; name=a; filename=f", "12345");
    EXPECT_EQ(refusal_of(field + file + "--B--", limits), 0);
    EXPECT_EQ(refusal_of(field + file + field + "--B--", limits), 413);
    EXPECT_EQ(refusal_of(part("form-data; name=a", "1234") + "--B--", limits), 413);
    EXPECT_EQ(refusal_of(part("form-data; name=a; filename=f", "123456") + "--B--", limits), 413);
    EXPECT_EQ(refusal_of("--B\r\nx: " + std::string(100, 'y'), limits), 413);
}

TEST(MultipartParser, KnowsABoundary) {
    for (const char* good : {"B", "----WebKitFormBoundary7MA4YWxkTrZu0gW", "'()+_,-./:=?", "a b"})
        EXPECT_TRUE(MultipartParser::is_boundary(good)) << good;
    EXPECT_TRUE(MultipartParser::is_boundary(std::string(70, 'b')));
    for (const std::string& bad : {std::string{}, std::string{"a "}, std::string{"a\r"},
                                   std::string{"a\"b"}, std::string(71, 'b')})
        EXPECT_FALSE(MultipartParser::is_boundary(bad)) << bad;
}

// --- as handlers' parameters

Response post(const Application& app, std::string content,
              std::string_view type = "multipart/form-data; boundary=B") {
    return app.handle(Request::post("/", std::move(content), type));
}

// Content that comes in pieces of three bytes.
class InPieces final : public BodyStream {
  public:
    explicit InPieces(std::string content) : content_(std::move(content)) {}
    Task<std::optional<std::string_view>> next() override {
        co_await yield();
        const std::string_view piece = std::string_view{content_}.substr(done_, 3);
        done_ += piece.size();
        if (piece.empty()) co_return std::nullopt;
        co_return piece;
    }

  private:
    std::string content_;
    std::size_t done_ = 0;
};

Task<std::string> list_parts(Multipart form) {
    std::string text;
    while (MultipartPart* part = co_await form.next()) {
        text += std::string{part->name()} + ' ' + std::string{part->content_type()} + ' ';
        std::size_t bytes = 0;
        while (const auto piece = co_await part->next())
            bytes += piece->size();
        EXPECT_FALSE((co_await part->next()).has_value());
        text += std::to_string(bytes) + '\n';
    }
    EXPECT_EQ(co_await form.next(), nullptr);
    co_return text;
}

TEST(Multipart, GivesPartsAsTheyArrive) {
    const Application app = App::create().route("/", armature::post(list_parts)).build();
    const std::string content =
        part("form-data; name=a", "12345") +
        "--B\r\nContent-Disposition: form-data; name=f; filename=x\r\nContent-Type: image/png\r\n"
        "\r\n" +
        std::string(10'000, 'x') + "\r\n--B--\r\n";
    EXPECT_EQ(answer(post(app, content)), "200 a text/plain 5\nf image/png 10000\n");
    Request request = Request::post("/", "", "multipart/form-data; boundary=\"B\"");
    request.set_body(Body{std::make_unique<InPieces>(content)});
    EXPECT_EQ(answer(app.handle(std::move(request))), "200 a text/plain 5\nf image/png 10000\n");
}

TEST(Multipart, SkipsWhatTheHandlerDoesNotRead) {
    const Application app = App::create()
                                .route("/", armature::post([](Multipart form) -> Task<std::string> {
                                           std::string text;
                                           while (MultipartPart* part = co_await form.next()) {
                                               text += part->name();
                                               if (part->name() == "b")
                                                   text += co_await part->read_all(100);
                                           }
                                           co_return text;
                                       }))
                                .build();
    const std::string content = part("form-data; name=a", std::string(1000, 'x')) +
                                part("form-data; name=b", "value") + part("form-data; name=c", "");
    EXPECT_EQ(answer(post(app, content + "--B--")), "200 abvaluec");
    EXPECT_EQ(post(app, content).status(), Status::bad_request) << "the end is missing";
}

TEST(Multipart, MustBeDeclaredWithItsBoundary) {
    const Application app = App::create().route("/", armature::post(list_parts)).build();
    EXPECT_EQ(post(app, "--B--").status(), Status::ok);
    EXPECT_EQ(post(app, "--B--", "multipart/form-data").status(), Status::bad_request);
    EXPECT_EQ(post(app, "--B--", "multipart/form-data; boundary=\"\"").status(),
              Status::bad_request);
    for (const char* type : {"", "multipart/mixed; boundary=B", "text/plain"})
        EXPECT_EQ(post(app, "--B--", type).status(), Status::unsupported_media_type) << type;
}

TEST(Multipart, HasTheLimitsOfTheHandlerAndTheRoute) {
    const auto small = [](Multipart form) -> Task<std::string> {
        MultipartLimits limits;
        limits.parts = 1;
        form.limits(limits);
        co_return co_await list_parts(form);
    };
    const Application app = App::create()
                                .route("/", armature::post(small))
                                .route("/tiny", armature::post(list_parts).body_limit(100))
                                .build();
    const std::string field = part("form-data; name=a", "1");
    EXPECT_EQ(post(app, field + "--B--").status(), Status::ok);
    EXPECT_EQ(post(app, field + field + "--B--").status(), Status::content_too_large);
    EXPECT_EQ(app.handle(Request::post("/tiny", field + field + field + "--B--",
                                       "multipart/form-data; boundary=B"))
                  .status(),
              Status::content_too_large);
}

TEST(Form, IsReadFromMultipartContentToo) {
    const Application app =
        App::create()
            .route("/", armature::post([](Form<Card> card) {
                       std::string text = card->name + ' ' + std::to_string(card->age.value_or(-1));
                       for (const std::string& tag : card->tag)
                           text += ' ' + tag;
                       return text;
                   }))
            .build();
    EXPECT_EQ(answer(post(
                  app, part("form-data; name=tag", "x") + part("form-data; name=name", "Ada\r\nL") +
                           part("form-data; name=tag", "") + part("form-data; name=age", "") +
                           part("form-data; name=more; filename=f", "0") + "--B--")),
              "200 Ada\r\nL -1 x ");
    const Response response = post(app, part("form-data; name=name; filename=x", "Ada") +
                                            part("form-data; name=age", "x") + "--B--");
    EXPECT_EQ(response.status(), Status::unprocessable_content);
    const nlohmann::json document = problem(response);
    ASSERT_EQ(document["errors"].size(), 2u);
    EXPECT_EQ(document["errors"][0]["pointer"], "/name");
    EXPECT_EQ(document["errors"][0]["detail"], "must be text, not a file");
    EXPECT_EQ(document["errors"][1]["pointer"], "/age");
    EXPECT_EQ(post(app, part("form-data; name=name", "Ada")).status(), Status::bad_request);
}

} // namespace
} // namespace armature

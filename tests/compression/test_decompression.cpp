#include "compression/codec.hpp"

#include <armature/app/app.hpp>
#include <armature/compression/decompression.hpp>
#include <armature/testing/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Requests whose content is compressed.
namespace armature {
namespace {

using namespace compression;
using ::testing::HasSubstr;

// "/whole" wants it in memory, "/pieces" as it comes; both say how much it was.
App sizes(DecompressionOptions options = {}, std::uint64_t limit = 1024 * 1024) {
    return App::create()
        .wrap(Decompression{options})
        .body_limit(limit)
        .route("/whole", post([](Bytes content) { return std::string{content.view()}; }))
        .route("/pieces", post([](Request& request) -> Task<std::string> {
                   std::size_t size = 0;
                   while (const auto piece = co_await request.body().stream().next())
                       size += piece->size();
                   co_return std::to_string(size);
               }))
        .route("/fields", post([](Request& request) {
                   return std::string{request.header("content-encoding").value_or("none")} + ' ' +
                          std::string{request.header("content-length").value_or("none")};
               }));
}

TestResponse send(TestClient& client, std::string_view target, std::string_view coding,
                  std::string content) {
    return client.post(target)
        .header("content-encoding", coding)
        .body("text/plain", std::move(content))
        .send();
}

TEST(Decompression, GivesHandlersWhatWasMeant) {
    TestClient client{sizes()};
    for (const Coding coding : all_codings)
        for (const std::size_t size : {10u, 5000u, 900'000u}) {
            const std::string text = some_text(size);
            EXPECT_EQ(send(client, "/whole", name_of(coding), encoded(coding, text)).text(), text)
                << name_of(coding) << ' ' << size;
            EXPECT_EQ(send(client, "/pieces", name_of(coding), encoded(coding, text)).text(),
                      std::to_string(size))
                << name_of(coding);
        }
    EXPECT_EQ(send(client, "/whole", "X-GZIP", encoded(Coding::gzip, "old name")).text(),
              "old name");
    EXPECT_EQ(send(client, "/whole", "identity", "plain").text(), "plain");
    EXPECT_EQ(send(client, "/whole", "gzip", "").text(), "");
    EXPECT_EQ(client.post("/whole").body("text/plain", "plain").send().text(), "plain");
}

TEST(Decompression, TakesTheFieldsAwayThatAreNoLongerTrue) {
    TestClient client{sizes()};
    EXPECT_EQ(send(client, "/fields", "gzip", encoded(Coding::gzip, "text")).text(), "none none");
}

TEST(Decompression, RefusesCodingsThatItDoesNotKnow) {
    TestClient client{sizes()};
    for (const std::string_view coding :
         {"compress", "lzma", "exi", "gzip2", "gzip, lzma", "*", "gzip;q=1", "aes128gcm"}) {
        const TestResponse response = send(client, "/whole", coding, encoded(Coding::gzip, "x"));
        EXPECT_EQ(response.status(), Status::unsupported_media_type) << coding;
        EXPECT_EQ(response.header("accept-encoding"), "zstd, br, gzip, deflate");
        EXPECT_EQ(response.header("content-type"), "application/problem+json");
    }
}

TEST(Decompression, UndoesSeveralCodingsIfTheyAreAllowed) {
    const std::string text = some_text(3000);
    const std::string twice = encoded(Coding::brotli, encoded(Coding::gzip, text));
    TestClient strict{sizes()};
    EXPECT_EQ(send(strict, "/whole", "gzip, br", twice).status(), Status::unsupported_media_type);
    TestClient client{sizes({.max_codings = 2})};
    EXPECT_EQ(send(client, "/whole", "gzip, br", twice).text(), text);
    EXPECT_EQ(send(client, "/whole", "br, gzip", twice).status(), Status::bad_request);
    EXPECT_EQ(send(client, "/whole", "gzip, identity, br", twice).text(), text);
    EXPECT_EQ(send(client, "/whole", "gzip, br, zstd", encoded(Coding::zstd, twice)).status(),
              Status::unsupported_media_type);
    // In several lines.
    EXPECT_EQ(client.post("/whole")
                  .header("content-encoding", "gzip")
                  .header("content-encoding", "br")
                  .body("text/plain", twice)
                  .send()
                  .text(),
              text);
}

TEST(Decompression, RefusesDamagedAndIncompleteContent) {
    TestClient client{sizes()};
    for (const Coding coding : all_codings) {
        const std::string whole = encoded(coding, some_text(5000));
        for (const std::string& content :
             {whole.substr(0, whole.size() / 2), whole.substr(0, whole.size() - 1), whole + "more",
              std::string{"plain text"}, std::string(100, '\0'), std::string(100, '\xff')})
            for (const char* target : {"/whole", "/pieces"}) {
                const TestResponse response = send(client, target, name_of(coding), content);
                EXPECT_EQ(response.status(), Status::bad_request)
                    << name_of(coding) << ' ' << content.size();
                EXPECT_THAT(response.text(), HasSubstr(name_of(coding)));
            }
    }
}

// The route's limit holds for what is received and for what it grows to.
TEST(Decompression, HoldsTheRoutesLimit) {
    TestClient client{sizes({.max_ratio = 1'000'000}, 10'000)};
    for (const Coding coding : all_codings)
        for (const char* target : {"/whole", "/pieces"}) {
            const auto status = [&](std::size_t size) {
                return send(client, target, name_of(coding),
                            encoded(coding, std::string(size, 'a')))
                    .status();
            };
            EXPECT_EQ(status(10'000), Status::ok) << name_of(coding) << target;
            EXPECT_EQ(status(10'001), Status::content_too_large) << name_of(coding) << target;
            EXPECT_EQ(status(5'000'000), Status::content_too_large) << name_of(coding) << target;
        }
}

TEST(Decompression, RefusesContentThatGrowsTooMuch) {
    TestClient client{sizes({}, 1u << 30)};
    for (const Coding coding : all_codings) {
        const std::string bomb = encoded(coding, std::string(50'000'000, '\0'));
        ASSERT_LT(bomb.size(), 100'000u);
        for (const char* target : {"/whole", "/pieces"}) {
            const TestResponse response = send(client, target, name_of(coding), bomb);
            EXPECT_EQ(response.status(), Status::content_too_large) << name_of(coding);
            EXPECT_THAT(response.text(), HasSubstr("more than 200 times"));
        }
        // Small content may: it is all zeros, and a form may be that.
        EXPECT_EQ(
            send(client, "/pieces", name_of(coding), encoded(coding, std::string(60'000, ' ')))
                .text(),
            "60000");
    }
}

TEST(Decompression, RefusesOptionsThatCannotBeRight) {
    EXPECT_THROW(Decompression{{.max_ratio = 0}}, std::invalid_argument);
    EXPECT_THROW(Decompression{{.max_codings = 0}}, std::invalid_argument);
    EXPECT_THROW(Decompression{{.max_codings = 5}}, std::invalid_argument);
}

} // namespace
} // namespace armature

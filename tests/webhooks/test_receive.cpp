// What is answered to webhooks, over sockets: HTTP/1.1, and HTTP/2 over TLS.
#include <armature/testing/client.hpp>
#include <armature/testing/request.hpp>
#include <armature/testing/response.hpp>
#include <armature/webhooks/receive.hpp>

#include <gmock/gmock.h>

#include <ctime>
#include <string>

namespace armature {
namespace {

constexpr std::string_view secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view old_secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

struct Invoice {
    int amount = 0;
};
ARMATURE_DESCRIBE(Invoice, amount);

App app(WebhookVerifierOptions options = {}) {
    return App::create()
        .data(WebhookVerifier{{secret, old_secret}, options})
        .route("/hook", post([](IncomingWebhook hook) {
                   return std::string{hook.id()} + ": " +
                          std::to_string(hook.json<Invoice>().amount);
               }));
}

struct Message {
    std::string id = "msg_1";
    std::string time = std::to_string(std::time(nullptr));
    std::string body = R"({"amount":7})";
    std::string signature{};

    /// What the sender signs.
    Message& sign(std::string_view key = secret) {
        signature = WebhookKey{key}.sign(id, std::stoll(time), body);
        return *this;
    }
    TestResponse send(TestClient& client) const {
        return client.post("/hook")
            .header("webhook-id", id)
            .header("webhook-timestamp", time)
            .header("webhook-signature", signature)
            .body("application/json", body)
            .send();
    }
};

class Receiving : public ::testing::TestWithParam<TestClient (*)(TestedApp, TestClientOptions)> {
  protected:
    TestClient client = GetParam()(app(), {});
    std::string now(std::int64_t later = 0) { return std::to_string(std::time(nullptr) + later); }
};
INSTANTIATE_TEST_SUITE_P(Http, Receiving,
                         ::testing::Values(&TestClient::over_http, &TestClient::over_https));

TEST_P(Receiving, TakesWhatOneOfItsKeysSigned) {
    const TestResponse response = Message{}.sign().send(client);
    EXPECT_EQ(response.status(), Status::ok);
    EXPECT_EQ(response.text(), "msg_1: 7");
    Message other;
    other.id = "msg_2";
    EXPECT_EQ(other.sign(old_secret).send(client).status(), Status::ok);
    Message both;
    both.id = "msg_3";
    both.signature = "v1,AAAA " + both.sign().signature;
    EXPECT_EQ(both.send(client).status(), Status::ok);
}

TEST_P(Receiving, RefusesWhatIsNotAsItWasSigned) {
    const auto refused = [&](const char* what, auto change) {
        Message message;
        message.sign();
        change(message);
        const TestResponse response = message.send(client);
        EXPECT_EQ(response.status(), Status::unauthorized) << what;
        EXPECT_EQ(response.header("content-type"), "application/problem+json") << what;
    };
    refused("content", [](Message& m) { m.body = R"({"amount":8})"; });
    refused("blank", [](Message& m) { m.body += ' '; });
    refused("no content", [](Message& m) { m.body = ""; });
    refused("id", [](Message& m) { m.id = "msg_9"; });
    refused("no id", [](Message& m) { m.id = ""; });
    refused("timestamp", [&](Message& m) { m.time = now(1); });
    refused("no timestamp", [](Message& m) { m.time = ""; });
    refused("no signature", [](Message& m) { m.signature = ""; });
    refused("another key", [](Message& m) { m.sign("whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"); });
    refused("version", [](Message& m) { m.signature.replace(0, 2, "v9"); });
    refused("algorithm", [](Message& m) { m.signature.replace(0, 2, "v1a"); });
    // "a.1" at time 2 and "a" at time "1.2" would be signed the same.
    refused("a dot in the id", [](Message& m) { m.id = "msg.1", m.sign(); });
    refused("a long id", [](Message& m) { m.id.assign(300, 'a'), m.sign(); });
    for (const char* wrong : {"+5", "-5", "0x5", "1e9", "5.0", "99999999999999999999", "five"})
        refused(wrong, [&](Message& m) { m.time = wrong; });
    refused("a zero in front", [](Message& m) { m.time.insert(0, "0"); });
}

TEST_P(Receiving, RefusesMessagesOfAnotherTime) {
    for (const std::int64_t later : {-3600, -310, 310, 3600}) {
        Message message;
        message.time = now(later);
        EXPECT_EQ(message.sign().send(client).status(), Status::unauthorized) << later;
    }
    for (const std::int64_t later : {-240, 240}) {
        Message message;
        message.time = now(later);
        EXPECT_EQ(message.sign().send(client).status(), Status::ok) << later;
    }
}

TEST_P(Receiving, RefusesCopiesButNotNewAttempts) {
    Message message;
    message.sign();
    EXPECT_EQ(message.send(client).status(), Status::ok);
    EXPECT_EQ(message.send(client).status(), Status::unauthorized);
    message.signature = "v1,AAAA " + message.signature;
    EXPECT_EQ(message.send(client).status(), Status::unauthorized) << "another list of signatures";
    message.time = now(5);
    EXPECT_EQ(message.sign().send(client).status(), Status::ok);
}

TEST_P(Receiving, RemembersNothingOfWhatIsNotSigned) {
    Message forged;
    forged.signature = "v1,AAAA";
    EXPECT_EQ(forged.send(client).status(), Status::unauthorized);
    EXPECT_EQ(Message{}.sign().send(client).status(), Status::ok);
}

TEST_P(Receiving, NeedsItsFields) {
    EXPECT_EQ(client.post("/hook").body("application/json", "{}").send().status(),
              Status::unauthorized);
}

TEST(WebhookVerifier, CanLetCopiesPass) {
    WebhookVerifierOptions options;
    options.refuse_copies = false;
    TestClient client{app(options)};
    Message message;
    message.sign();
    EXPECT_EQ(message.send(client).status(), Status::ok);
    EXPECT_EQ(message.send(client).status(), Status::ok);
}

TEST(WebhookVerifier, RefusesOptionsThatCanNotBeRight) {
    EXPECT_THROW(WebhookVerifier({}), std::invalid_argument);
    EXPECT_THROW(WebhookVerifier({"secret"}), std::invalid_argument);
    WebhookVerifierOptions options;
    options.tolerance = Duration::seconds(7200);
    EXPECT_THROW(WebhookVerifier({secret}, options), std::invalid_argument);
}

TEST(WebhookVerifier, HasToBeThere) {
    EXPECT_THROW(
        (void)App::create()
            .route("/hook", post([](IncomingWebhook hook) { return std::string{hook.id()}; }))
            .build(),
        BuildError);
}

} // namespace
} // namespace armature

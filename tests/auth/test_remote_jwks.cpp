#include "auth/tokens.hpp"
#include "support/process.hpp"
#include "support/test_server.hpp"

#include <armature/app/app.hpp>
#include <armature/auth/remote_jwks.hpp>
#include <armature/core/scheduler.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace armature::testing {
namespace {

using ::testing::HasSubstr;

// A server that publishes keys, as somebody else would.
class Issuer {
  public:
    explicit Issuer(const Jwk& first) { publish(JwkSet{first}); }

    void publish(const JwkSet& keys) {
        const std::lock_guard lock{mutex_};
        text_ = keys.public_json();
    }
    void answer(std::string text) {
        const std::lock_guard lock{mutex_};
        text_ = std::move(text);
    }
    [[nodiscard]] std::string url() const { return server_.url("/jwks"); }

    std::atomic<int> requests{0};
    std::atomic<bool> held{false};
    std::atomic<int> status{200};

  private:
    Task<Response> serve() {
        ++requests;
        while (held)
            co_await sleep_for(Duration::milliseconds(1));
        const std::lock_guard lock{mutex_};
        co_return Response::json(text_).status(static_cast<Status>(status.load()));
    }

    std::mutex mutex_;
    std::string text_;
    TestServer server_{App::create().route("/jwks", get([this] { return serve(); })).build()};
};

// A loop whose clock a test moves forward.
class MovedLoop final : public LocalLoop {
  public:
    std::int64_t read_clock() const noexcept override { return steady_now() + moved_; }
    void move(Duration by) { moved_ += by.count(); }

  private:
    std::int64_t moved_ = 0;
};

JwtRules remote_rules() {
    JwtRules made = rules();
    made.algorithms = {JwsAlgorithm::es256};
    return made;
}
std::string token(const Jwk& key) {
    return JwtSigner{key}.sign(
        jwt_claims("https://login.example", "user-7", "api", Duration::seconds(600)));
}

struct RemoteKeys : ::testing::Test {
    Jwk key = Jwk::generate(JwsAlgorithm::es256);
    Jwk next = Jwk::generate(JwsAlgorithm::es256);
    Issuer issuer{key};
    MovedLoop loop;
    LocalLoop::Enter entered{loop}; // tokens are signed by its clock as well
    Client client{[] {
        ClientOptions options;
        options.attempts = 1;
        return options;
    }()};
    RemoteJwks keys{client, issuer.url()};

    std::string verify(const std::string& text) {
        try {
            return loop.run(keys.verify(text, remote_rules_)).subject;
        } catch (const JwtError& error) {
            return error.what();
        } catch (const Error& error) {
            return std::to_string(status_code(error.status()));
        }
    }
    JwtRules remote_rules_ = remote_rules();
};

TEST_F(RemoteKeys, AreAskedForOnce) {
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(verify(token(key)), "user-7");
    EXPECT_EQ(issuer.requests, 1);
}

TEST_F(RemoteKeys, AreAskedForAgainWhenTheyAreOld) {
    EXPECT_EQ(verify(token(key)), "user-7");
    loop.move(Duration::seconds(599));
    EXPECT_EQ(verify(token(key)), "user-7");
    EXPECT_EQ(issuer.requests, 1);
    issuer.publish(JwkSet{next}); // and the old one is gone
    loop.move(Duration::seconds(2));
    EXPECT_EQ(verify(token(key)), "The token's key is unknown");
    EXPECT_EQ(verify(token(next)), "user-7");
    EXPECT_EQ(issuer.requests, 2);
}

TEST_F(RemoteKeys, AreAskedForAtOnceForANewKey) {
    EXPECT_EQ(verify(token(key)), "user-7");
    issuer.publish(JwkSet{{key, next}});
    loop.move(Duration::seconds(31));
    EXPECT_EQ(verify(token(next)), "user-7");
    EXPECT_EQ(verify(token(key)), "user-7");
    EXPECT_EQ(issuer.requests, 2);
}

TEST_F(RemoteKeys, AreNotAskedForByEveryMadeUpKey) {
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(verify(token(Jwk::secret(secret_text, JwsAlgorithm::hs256))),
                  "The token's algorithm is not accepted");
    EXPECT_EQ(issuer.requests, 0) << "what no key could make right costs nobody anything";
    std::string made_up;
    for (int i = 0; i < 100; ++i) {
        made_up = forge(R"({"alg":"ES256","typ":"at+jwt","kid":")" + std::to_string(i) + "\"}",
                        payload(), next, JwsAlgorithm::es256);
        EXPECT_EQ(verify(made_up), "The token's key is unknown");
    }
    EXPECT_EQ(issuer.requests, 1);
    loop.move(Duration::seconds(31));
    EXPECT_EQ(verify(made_up), "The token's key is unknown");
    EXPECT_EQ(verify(made_up), "The token's key is unknown");
    EXPECT_EQ(issuer.requests, 2);
}

TEST_F(RemoteKeys, AreUsedOnWhileTheIssuerIsAway) {
    EXPECT_EQ(verify(token(key)), "user-7");
    issuer.status = 500;
    loop.move(Duration::seconds(3'600));
    EXPECT_EQ(verify(token(key)), "user-7");
    EXPECT_EQ(verify(token(key)), "user-7");
    EXPECT_EQ(issuer.requests, 2);
    issuer.status = 200;
    for (const std::string wrong : {"", "{}", "[]", R"({"keys":[1]})"}) {
        issuer.answer(wrong);
        loop.move(Duration::seconds(31));
        EXPECT_EQ(verify(token(key)), "user-7") << wrong;
    }
    issuer.answer(R"({"keys":[],"x":")" + std::string(300'000, 'x') + "\"}");
    loop.move(Duration::seconds(31));
    EXPECT_EQ(verify(token(key)), "user-7") << "too large";
    EXPECT_EQ(issuer.requests, 7);

    loop.move(Duration::seconds(24 * 3'600));
    EXPECT_EQ(verify(token(key)), "503") << "too old";
}

TEST_F(RemoteKeys, ThatNeverCameMakeNobodyWait) {
    issuer.status = 500;
    EXPECT_EQ(verify(token(key)), "503");
    EXPECT_EQ(verify(token(key)), "503");
    EXPECT_EQ(issuer.requests, 1);
    issuer.status = 200;
    loop.move(Duration::seconds(31));
    EXPECT_EQ(verify(token(key)), "user-7");
}

// Tasks that run at the same time on one loop.
class Crowd {
  public:
    void add(Task<JwtClaims> task, Cancellation* cancellation = nullptr) {
        tasks_.push_back(std::make_unique<Task<JwtClaims>>(std::move(task)));
        ++left_;
        if (tasks_.back()->start(&Crowd::one_done, this, cancellation)) one_done(this);
    }
    void finish(LocalLoop& loop) {
        if (left_ > 0) loop.run_until(done_);
    }
    std::vector<std::unique_ptr<Task<JwtClaims>>>& tasks() { return tasks_; }

  private:
    static void one_done(void* self) {
        Crowd& crowd = *static_cast<Crowd*>(self);
        crowd.done_ = --crowd.left_ == 0;
    }
    std::vector<std::unique_ptr<Task<JwtClaims>>> tasks_;
    int left_ = 0;
    bool done_ = false;
};

TEST_F(RemoteKeys, ComeByOneRequestForAllLoops) {
    issuer.held = true;
    const std::string good = token(key);
    std::atomic<int> accepted{0};
    std::atomic<int> waiting{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            LocalLoop own;
            const LocalLoop::Enter enter{own};
            Crowd crowd;
            for (int j = 0; j < 25; ++j)
                crowd.add(keys.verify(good, remote_rules_));
            if (++waiting == 4) issuer.held = false; // the tasks of all loops wait
            crowd.finish(own);
            for (const auto& task : crowd.tasks())
                if (task->take_result().subject == "user-7") ++accepted;
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(accepted, 100);
    EXPECT_EQ(issuer.requests, 1);
}

TEST_F(RemoteKeys, StillComeWhenWhoAskedFirstLeaves) {
    issuer.held = true;
    const LocalLoop::Enter enter{loop};
    const std::string good = token(key);
    Cancellation leaves;
    Crowd crowd;
    crowd.add(keys.verify(good, remote_rules_), &leaves);
    crowd.add(keys.verify(good, remote_rules_));
    bool asked = false;
    Task<> until_asked = [](std::atomic<int>& requests, bool& seen) -> Task<> {
        while (requests == 0)
            co_await sleep_for(Duration::milliseconds(1));
        seen = true;
    }(issuer.requests, asked);
    if (!until_asked.start([](void*) {}, nullptr, nullptr)) loop.run_until(asked);

    loop.move(Duration::seconds(2)); // the pause after a fetch that was given up
    leaves.request(CancelReason::client_gone);
    loop.move(Duration::seconds(2));
    issuer.held = false;
    crowd.finish(loop);
    EXPECT_THROW((void)crowd.tasks()[0]->take_result(), Cancelled);
    EXPECT_EQ(crowd.tasks()[1]->take_result().subject, "user-7");
    EXPECT_EQ(issuer.requests, 2);
}

TEST_F(RemoteKeys, GuardRoutesOverSockets) {
    Client for_api;
    const auto shared = std::make_shared<RemoteJwks>(for_api, issuer.url());
    const TestServer api{App::create()
                             .guard(RemoteJwtGuard{shared, remote_rules_})
                             .route("/me", get([](Authenticated user) { return user->subject; }))
                             .build()};
    const auto curl = [&](const std::string& text) {
        return shell("curl -sS -i --max-time 60 -H 'Authorization: Bearer " + text + "' " +
                     api.url("/me"))
            .output;
    };
    EXPECT_THAT(curl(token(key)), HasSubstr("\r\n\r\nuser-7"));
    const std::string unknown = curl(token(next));
    EXPECT_THAT(unknown, HasSubstr(" 401 "));
    EXPECT_THAT(unknown, HasSubstr("error=\"invalid_token\""));
    EXPECT_THAT(curl("made.up.token"), HasSubstr(" 401 "));
    EXPECT_EQ(issuer.requests, 1);
}

TEST(RemoteJwks, RefusesSettingsThatCanNotBeRight) {
    Client client;
    for (const std::string_view url :
         {"", "login.example/jwks", "http://login.example/jwks", "ftp://login.example/",
          "https://user:pass@login.example/", "https:///jwks", "http://127.0.0.1.evil.example/"})
        EXPECT_THROW(RemoteJwks(client, url), std::invalid_argument) << url;
    RemoteJwksOptions hasty;
    hasty.cool_down = Duration{};
    EXPECT_THROW(RemoteJwks(client, "https://login.example/", hasty), std::invalid_argument);

    const auto keys = std::make_shared<RemoteJwks>(client, "https://login.example/jwks");
    EXPECT_THROW(RemoteJwtGuard(nullptr, remote_rules()), std::invalid_argument);
    EXPECT_THROW(RemoteJwtGuard(keys, rules()), std::invalid_argument) << "no algorithms";
    JwtRules hmac = rules();
    hmac.algorithms = {JwsAlgorithm::hs256};
    EXPECT_THROW(RemoteJwtGuard(keys, hmac), std::invalid_argument);
}

} // namespace
} // namespace armature::testing

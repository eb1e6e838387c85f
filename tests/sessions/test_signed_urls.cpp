#include "sessions/sessions_app.hpp"

#include <armature/sessions/signed_urls.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace armature::testing {
namespace {

using ::testing::MatchesRegex;

App files(const SecretKeys& with) {
    return App::create().service(
        scope("/files").guard(SignedUrls{with}).route("/{name}", get([](Path<std::string> name) {
                                                          return *name;
                                                      })));
}

TEST(SignedUrls, HoldForAWhile) {
    TestClient client{files(keys())};
    const SignedUrls urls{keys()};
    const std::string url = urls.sign("/files/7", Duration::seconds(600));
    EXPECT_THAT(url, MatchesRegex("/files/7\\?expires=[0-9]+&signature=[A-Za-z0-9_-]+"));
    EXPECT_EQ(client.get(url).send().text(), "7");
    EXPECT_EQ(client.head(url).send().status(), Status::ok);
    const std::string more = urls.sign("/files/a%20b?inline=1", Duration::seconds(600));
    EXPECT_EQ(client.get(more).send().text(), "a b");
    client.clock().advance(Duration::seconds(590));
    EXPECT_EQ(client.get(url).send().status(), Status::ok);
    client.clock().advance(Duration::seconds(11));
    EXPECT_EQ(client.get(url).send().status(), Status::forbidden);
}

TEST(SignedUrls, CantBeChanged) {
    TestClient client{files(keys())};
    const std::string url = SignedUrls{keys()}.sign("/files/7?a=1&b=2", Duration::seconds(600));
    ASSERT_EQ(client.get(url).send().status(), Status::ok);
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string changed = url;
        return changed.replace(changed.find(from), from.size(), to);
    };
    const std::size_t signature = url.find("&signature=");
    for (const std::string& target : {
             std::string{"/files/7"},
             std::string{"/files/7?expires=9999999999"},
             std::string{"/files/7?signature="},
             std::string{"/files/7?expires=9999999999&signature="},
             url.substr(0, signature),
             url + "A",
             url + "=",
             url + "&a=2",
             url.substr(0, url.size() - 1),
             with("/files/7", "/files/8"),
             with("/files/7", "/files/%37"),
             with("/files/7", "/files/./7"),
             with("/files/7", "//files/7"),
             with("a=1", "a=2"),
             with("a=1&b=2", "b=2&a=1"),
             with("a=1&", ""),
             with("a=1", "a=%31"),
             with("?a=1", "?x=1&a=1"),
             with("expires=", "expires=9"),
             with("expires=", "expires=-"),
             with("expires=", "Expires="),
             with("&signature=", "&Signature="),
             with("&signature=", "&signature=x&signature="),
             url.substr(0, signature) + "&expires=9999999999" + url.substr(signature),
         })
        EXPECT_NE(client.get(target).send().status(), Status::ok) << target;
    for (std::size_t i = signature + 11; i < url.size(); ++i) {
        std::string turned = url;
        turned[i] = turned[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(client.get(turned).send().status(), Status::forbidden) << i;
    }
}

TEST(SignedUrls, OutliveAnOlderKey) {
    const std::string url =
        SignedUrls{SecretKeys{secret('a')}}.sign("/files/7", Duration::seconds(60));
    TestClient during{files(SecretKeys{secret('b')}.older(secret('a')))};
    EXPECT_EQ(during.get(url).send().status(), Status::ok);
    TestClient after{files(SecretKeys{secret('b')})};
    EXPECT_EQ(after.get(url).send().status(), Status::forbidden);
}

TEST(SignedUrls, RefuseToSignWhatTheyCouldNotCheck) {
    const SignedUrls urls{keys()};
    for (const std::string target : {"", "files", "https://host/files", "/a b", "/files?expires=1",
                                     "/files?signature=x", "/files?a=1&signature=x", "*"})
        EXPECT_THROW((void)urls.sign(target, Duration::seconds(60)), std::invalid_argument)
            << target;
}

} // namespace
} // namespace armature::testing

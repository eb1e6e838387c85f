#include "http3/credentials.hpp"

#include <gtest/gtest.h>

namespace armature::http3 {
namespace {

const Secrets secrets = Secrets::derive({});

TEST(Http3Credentials, RefuseWhatIsNoCertificate) {
    tls::ServerTlsOptions options;
    EXPECT_THROW((Credentials{options, secrets, false}), tls::TlsError);
    options.identities = {tls::Identity::pem("no certificate", "no key")};
    EXPECT_THROW((Credentials{options, secrets, false}), tls::TlsError);
}

TEST(Http3Credentials, RefuseAKeyOfAnotherCertificate) {
    tls::ServerTlsOptions options;
    options.identities = {
        tls::Identity::pem(tls::self_signed().load().chain, tls::self_signed().load().private_key)};
    EXPECT_THROW((Credentials{options, secrets, false}), tls::TlsError);
}

TEST(Http3Credentials, MakeSessionsAlsoWithEarlyData) {
    tls::ServerTlsOptions options;
    options.identities = {tls::self_signed()};
    for (const bool early_data : {false, true}) {
        const Credentials credentials{options, secrets, early_data};
        const gnutls_session_t session = credentials.make_session();
        ASSERT_NE(session, nullptr);
        gnutls_deinit(session);
    }
}

TEST(Http3Secrets, AreTheSameForTheSameSecret) {
    const Secrets a = Secrets::derive("0123456789abcdef0123456789abcdef");
    const Secrets b = Secrets::derive("0123456789abcdef0123456789abcdef");
    const Secrets other = Secrets::derive("0123456789abcdef0123456789abcdeF");
    EXPECT_EQ(a.token, b.token);
    EXPECT_EQ(a.reset, b.reset);
    EXPECT_EQ(a.ticket_key, b.ticket_key);
    EXPECT_NE(a.token, other.token);
    EXPECT_NE(a.token, a.reset) << "each purpose has its own key";
}

TEST(Http3Secrets, AreRandomWithoutOne) {
    EXPECT_NE(Secrets::derive({}).token, Secrets::derive({}).token);
}

TEST(Http3Secrets, RefuseAShortOne) {
    EXPECT_THROW(static_cast<void>(Secrets::derive("short")), std::invalid_argument);
}

TEST(Http3ReplayStore, TakesAKeyOnceUntilItExpires) {
    ReplayStore store;
    EXPECT_TRUE(store.add("a", 100, 1));
    EXPECT_FALSE(store.add("a", 100, 2));
    EXPECT_TRUE(store.add("b", 110, 2));
    EXPECT_TRUE(store.add("a", 200, 100)) << "a copy that is as late as this is too old anyway";
    EXPECT_FALSE(store.add("b", 200, 100));
}

TEST(Http3ReplayStore, RefusesWhenItIsFull) {
    ReplayStore store;
    for (std::size_t i = 0; i < ReplayStore::capacity; ++i)
        ASSERT_TRUE(store.add(std::to_string(i), 100, 1));
    EXPECT_FALSE(store.add("one more", 100, 1));
    EXPECT_TRUE(store.add("one more", 200, 100));
}

} // namespace
} // namespace armature::http3

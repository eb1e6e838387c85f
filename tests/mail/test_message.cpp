// What no message can have: the texts that strangers put into forms.
#include <armature/mail/mailer.hpp>
#include <armature/mail/message.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace armature {
namespace {

TEST(MailAddress, IsOneAddress) {
    for (const char* text :
         {"ada@example.com", "a@b", "ada.l+x=1@mail.example.com", "o'brien@example.com", "_@1.2"})
        EXPECT_EQ(MailAddress{text}.address(), text);
    for (const std::string& text : {std::string{},
                                    std::string{"ada"},
                                    std::string{"@example.com"},
                                    std::string{"ada@"},
                                    std::string{"ada@example.com\r\nBcc: all@example.com"},
                                    std::string{"ada@example.com\n"},
                                    std::string{"\rada@example.com"},
                                    std::string("ada@exam\0ple.com", 16),
                                    std::string{"ada@example.com, bob@example.com"},
                                    std::string{"ada@example.com;bob@b"},
                                    std::string{"ada@a@b"},
                                    std::string{"a da@example.com"},
                                    std::string{" ada@example.com"},
                                    std::string{"<ada@example.com>"},
                                    std::string{"ada@example.com> SIZE=1"},
                                    std::string{"Ada <ada@example.com>"},
                                    std::string{"\"a b\"@example.com"},
                                    std::string{"ada(x)@example.com"},
                                    std::string{"ada@[127.0.0.1]"},
                                    std::string{"ada..b@example.com"},
                                    std::string{".ada@example.com"},
                                    std::string{"ada.@example.com"},
                                    std::string{"ada@example..com"},
                                    std::string{"ada@.example.com"},
                                    std::string{"ada@-example.com"},
                                    std::string{"ädä@example.com"},
                                    std::string{"ada@exämple.com"},
                                    std::string(65, 'a') + "@example.com",
                                    "ada@" + std::string(251, 'e')})
        EXPECT_THROW(MailAddress{text}, std::invalid_argument) << text;
}

TEST(MailMessage, TakesNoLineBreaksIntoFields) {
    const auto refused = [](const char* what, auto&& make) {
        EXPECT_THROW((void)make(), std::invalid_argument) << what;
    };
    for (const std::string& evil :
         {std::string{"a\r\nBcc: all@example.com"}, std::string{"a\nb"}, std::string{"a\rb"},
          std::string("a\0b", 3), std::string{"a\x1b"}, std::string{"a\x7f"},
          std::string{"a\tb"}}) {
        refused("subject", [&] { return MailMessage{}.subject(evil); });
        refused("name", [&] { return MailAddress{evil, "ada@example.com"}; });
        refused("file", [&] { return MailMessage{}.attach(evil, "a/b", ""); });
        refused("type", [&] { return MailMessage{}.attach("a", evil, ""); });
        refused("type", [&] { return MailMessage{}.attach("a", "a/" + evil, ""); });
        refused("id", [&] { return MailMessage{}.embed(evil, "a/b", ""); });
        refused("field", [&] { return MailMessage{}.header("X-A", evil); });
        refused("field's name", [&] { return MailMessage{}.header(evil, "a"); });
    }
    for (const char* own :
         {"From", "TO", "bcc", "Subject", "Message-ID", "Content-Type", "Date", "MIME-Version",
          "Sender", "Reply-To", "Cc", "Content-Transfer-Encoding"})
        refused(own, [&] { return MailMessage{}.header(own, "a"); });
    for (const char* name : {"", "X A", "X:A", "X-Ä", "X-A:"})
        refused(name, [&] { return MailMessage{}.header(name, "a"); });
    for (const char* name : {"", "../../etc/passwd", "a\"b", "a\\b"})
        refused(name, [&] { return MailMessage{}.attach(name, "a/b", ""); });
    for (const char* type :
         {"", "text", "text/", "/plain", "text/plain/x", "text/plain; a=b", "a b/c"})
        refused(type, [&] { return MailMessage{}.attach("a", type, ""); });
    refused("long subject", [] { return MailMessage{}.subject(std::string(901, 'a')); });
    for (const std::string& bad :
         {std::string{"\xff"}, std::string{"\xc3"}, std::string{"\xed\xa0\x80"},
          std::string{"\xc0\x80"}, std::string{"\xf5\x80\x80\x80"}}) {
        refused("subject", [&] { return MailMessage{}.subject(bad); });
        refused("text", [&] { return MailMessage{}.text(bad); });
        refused("html", [&] { return MailMessage{}.html(bad); });
        refused("name", [&] { return MailAddress{bad, "ada@example.com"}; });
    }
}

TEST(Mailer, RefusesOptionsThatCanNotBeRight) {
    const auto refused = [](auto change) {
        MailOptions options;
        options.host = "mail.example.com";
        change(options);
        EXPECT_THROW(Mailer{options}, std::invalid_argument);
    };
    refused([](auto& options) { options.host = ""; });
    refused([](auto& options) { options.host = "mail.example.com/x"; });
    refused([](auto& options) { options.host = "user@mail"; });
    refused([](auto& options) { options.hello = "a\r\nb"; });
    refused([](auto& options) { options.user = "ada"; });
    refused([](auto& options) { options.password = SecretString{std::string{"secret"}}; });
    refused([](auto& options) {
        options.user = "ada";
        options.password = SecretString{std::string{"secret"}};
        options.security = MailSecurity::none;
    });
    refused([](auto& options) {
        options.user = "ada";
        options.password = SecretString{std::string{"secret"}};
        options.token = SecretString{std::string{"token"}};
    });
    refused([](auto& options) { options.timeout = Duration::milliseconds(10); });
}

TEST(Mailer, RefusesMessagesThatLackSomething) {
    MailOptions options;
    options.host = "mail.example.com";
    options.max_bytes = 1000;
    const Mailer without_sender{options};
    options.from = MailAddress{"shop@example.com"};
    const Mailer mailer{options};
    const auto refused = [](const Mailer& by, MailMessage message) {
        EXPECT_THROW((void)by.make(message), std::invalid_argument);
    };
    EXPECT_NO_THROW((void)mailer.make(MailMessage{}.to("ada@example.com").text("a")));
    refused(without_sender, MailMessage{}.to("ada@example.com").text("a"));
    refused(mailer, MailMessage{}.text("a"));
    refused(mailer, MailMessage{}.to("ada@example.com"));
    refused(mailer, MailMessage{}.to("ada@example.com").text("a").embed("x", "image/png", "b"));
    refused(mailer, MailMessage{}.to("ada@example.com").text(std::string(1001, 'a')));
    refused(
        mailer,
        MailMessage{}.to("ada@example.com").text("a").attach("b", "a/b", std::string(1000, 'a')));
}

} // namespace
} // namespace armature

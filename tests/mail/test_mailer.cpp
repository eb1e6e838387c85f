// Mail to aiosmtpd, read by Python's own parser.
#include "jobs/support.hpp"
#include "support/process.hpp"

#include <armature/core/base64.hpp>
#include <armature/mail/mailer.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace job_tests {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;
using armature::testing::Process;

/// A Python that has aiosmtpd; empty: none.
std::string python() {
    for (const char* one : {"python3", "/usr/bin/python3"})
        if (armature::testing::shell(std::string{one} + " -c 'import aiosmtpd' 2>/dev/null")
                .status == 0)
            return one;
    return "";
}

class Sink {
  public:
    Sink(const std::string& interpreter, const std::string& mode) {
        const auto made = armature::testing::run(
            {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-subj", "/CN=sink", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
             "-keyout", folder_.file("key.pem"), "-out", folder_.file("cert.pem")});
        if (made.status != 0) throw std::runtime_error(made.output);
        std::ifstream file{folder_.file("cert.pem")};
        certificate_.assign(std::istreambuf_iterator<char>{file}, {});
        process_ = std::make_unique<Process>(std::vector<std::string>{
            interpreter, MAIL_SINK, mode, folder_.file("").substr(0, folder_.file("").size() - 1)});
        const std::string& output = process_->await("\n");
        if (!output.starts_with("port ")) throw std::runtime_error(output);
        port_ = static_cast<std::uint16_t>(std::stoi(output.substr(5)));
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] const std::string& certificate() const { return certificate_; }
    /// The next message.
    Json next() {
        const std::string end = "\nend " + std::to_string(++count_) + '\n';
        const std::string& output = process_->await(end);
        const std::size_t at = output.find(end);
        const std::size_t start = output.rfind('\n', at - 1) + 1; // it may have complained before
        const std::string line = output.substr(start, at - start);
        return Json::parse(line);
    }

  private:
    Folder folder_;
    std::string certificate_;
    std::unique_ptr<Process> process_;
    std::uint16_t port_ = 0;
    int count_ = 0;
};

class Mailing : public ::testing::Test {
  protected:
    void SetUp() override {
        interpreter = python();
        if (interpreter.empty()) GTEST_SKIP() << "needs aiosmtpd: apt-get install python3-aiosmtpd";
    }
    MailOptions start(const std::string& mode, MailSecurity security) {
        sink.emplace(interpreter, mode);
        MailOptions options;
        options.host = "localhost";
        options.port = sink->port();
        options.security = security;
        options.authorities = sink->certificate();
        options.from = MailAddress{"Shop", "shop@example.com"};
        return options;
    }
    MailOptions start() { return start("starttls", MailSecurity::starttls); }
    static MailMessage hello() {
        return MailMessage{}.to("ada@example.com").subject("Hello").text("Hello Ada");
    }
    static void log_in(MailOptions& options, std::string password = "secret") {
        options.user = "ada";
        options.password = SecretString{std::move(password)};
    }
    static Json addresses(const std::vector<std::vector<std::string>>& names) { return names; }
    static std::string field(const Json& message, const std::string& name) {
        std::string found;
        for (const Json& one : message["fields"])
            if (one[0] == name) found += (found.empty() ? "" : "\n") + one[1].get<std::string>();
        return found;
    }
    /// The reply's code, or -1 if it was sent.
    static int code_of_failure(const Mailer& mailer, const MailMessage& message) {
        try {
            await(mailer.send(message));
            return -1;
        } catch (const MailError& error) {
            return error.code();
        }
    }

    std::string interpreter;
    std::optional<Sink> sink;
};

TEST_F(Mailing, SendsTextThroughStartTls) {
    const Mailer mailer{start()};
    await(mailer.send(hello()));
    const Json message = sink->next();
    EXPECT_EQ(message["encrypted"], true);
    EXPECT_EQ(message["envelope"]["from"], "shop@example.com");
    EXPECT_EQ(message["envelope"]["to"], Json({"ada@example.com"}));
    EXPECT_EQ(message["addresses"]["from"], addresses({{"Shop", "shop@example.com"}}));
    EXPECT_EQ(message["addresses"]["to"], addresses({{"", "ada@example.com"}}));
    EXPECT_EQ(field(message, "Subject"), "Hello");
    EXPECT_EQ(field(message, "MIME-Version") + field(message, "Mime-Version"), "1.0");
    EXPECT_THAT(field(message, "Message-ID"), ::testing::MatchesRegex("<[-0-9a-f]+@example.com>"));
    EXPECT_THAT(field(message, "Date"), HasSubstr("+0000"));
    ASSERT_EQ(message["parts"].size(), 1U);
    EXPECT_EQ(message["parts"][0]["type"], "text/plain");
    EXPECT_EQ(message["parts"][0]["charset"], "utf-8");
    EXPECT_EQ(message["parts"][0]["text"], "Hello Ada");
    EXPECT_EQ(message["defects"], Json::array());
}

TEST_F(Mailing, SendsThroughTlsFromTheFirstByte) {
    const Mailer mailer{start("tls", MailSecurity::tls)};
    await(mailer.send(hello()));
    EXPECT_EQ(sink->next()["encrypted"], true);
}

TEST_F(Mailing, SendsWithoutTlsIfToldTo) {
    MailOptions options = start("none", MailSecurity::none);
    options.hello = "shop.example.com";
    const Mailer mailer{options};
    await(mailer.send(hello()));
    const Json message = sink->next();
    EXPECT_EQ(message["encrypted"], false);
    EXPECT_EQ(message["hello"], "shop.example.com");
}

TEST_F(Mailing, SendsNothingWhereTlsIsNotOffered) {
    MailOptions options = start("plain", MailSecurity::starttls);
    log_in(options);
    EXPECT_NE(code_of_failure(Mailer{options}, hello()), -1);
}

TEST_F(Mailing, SendsNothingToWhoCanNotProveItsName) {
    MailOptions options = start();
    log_in(options);
    MailOptions other_name = options;
    other_name.host = "127.0.0.1";
    EXPECT_NE(code_of_failure(Mailer{other_name}, hello()), -1);
    MailOptions other_authority = options;
    other_authority.authorities.clear();
    EXPECT_NE(code_of_failure(Mailer{other_authority}, hello()), -1);
    EXPECT_EQ(code_of_failure(Mailer{options}, hello()), -1);
}

TEST_F(Mailing, LogsIn) {
    MailOptions options = start();
    log_in(options);
    await(Mailer{options}.send(hello()));
    EXPECT_THAT(sink->next()["login"], ::testing::AnyOf("PLAIN", "LOGIN"));
    MailOptions wrong = options;
    log_in(wrong, "guess");
    EXPECT_NE(code_of_failure(Mailer{wrong}, hello()), -1);
    MailOptions by_token = options;
    by_token.password = SecretString{};
    by_token.token = SecretString{std::string{"token"}};
    await(Mailer{by_token}.send(hello()));
    EXPECT_EQ(sink->next()["login"], "XOAUTH2");
}

TEST_F(Mailing, WritesWhatPythonReadsBack) {
    const Mailer mailer{start()};
    std::string bytes;
    for (int i = 0; i < 4096; ++i)
        bytes += static_cast<char>(i * 7);
    const std::string text =
        "Grüße,\n.\n..\r\n.end\nFrom here =3D\n" + std::string(2000, 'x') + "\n \ntrailing  \n🎉";
    const std::string subject = "Größe „M“ — " + std::string(100, 'x') + " 🎉 żółć ...";
    await(mailer.send(MailMessage{}
                          .from({"Bücher & \"Co\"", "books@example.com"})
                          .reply_to("reply@example.com")
                          .to({"Ada, Countess of \"Lovelace\" \\", "ada@example.com"})
                          .to({"Żółć Gęślą Jaźń 🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉", "z@example.com"})
                          .cc("grace@example.com")
                          .bcc("secret@example.com")
                          .subject(subject)
                          .text(text)
                          .html("<p>Grüße <img src=\"cid:logo\"></p>")
                          .embed("logo", "image/png", bytes)
                          .attach("plain.bin", "application/octet-stream", bytes)
                          .attach("größe 🎉 (1).pdf", "application/pdf", "%PDF-")
                          .header("List-Unsubscribe", "<https://example.com/u?id=1>")));
    const Json message = sink->next();
    EXPECT_EQ(message["envelope"]["to"], Json({"ada@example.com", "z@example.com",
                                               "grace@example.com", "secret@example.com"}));
    EXPECT_EQ(message["addresses"]["from"], addresses({{"Bücher & \"Co\"", "books@example.com"}}));
    EXPECT_EQ(message["addresses"]["reply-to"], addresses({{"", "reply@example.com"}}));
    EXPECT_EQ(message["addresses"]["to"],
              addresses({{"Ada, Countess of \"Lovelace\" \\", "ada@example.com"},
                         {"Żółć Gęślą Jaźń 🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉", "z@example.com"}}));
    EXPECT_EQ(message["addresses"]["cc"], addresses({{"", "grace@example.com"}}));
    EXPECT_FALSE(message["addresses"].contains("bcc"));
    EXPECT_EQ(message.dump().find("secret@example.com"), message.dump().rfind("secret@example.com"))
        << "in the envelope only";
    EXPECT_EQ(field(message, "Subject"), subject);
    EXPECT_EQ(field(message, "List-Unsubscribe"), "<https://example.com/u?id=1>");
    EXPECT_EQ(message["structure"],
              Json({"multipart/mixed", "multipart/alternative", "text/plain", "multipart/related",
                    "text/html", "image/png", "application/octet-stream", "application/pdf"}));
    const Json& parts = message["parts"];
    std::string lines = text;
    lines.replace(lines.find("\r\n"), 2, "\n");
    EXPECT_EQ(parts[0]["text"], lines);
    EXPECT_EQ(parts[1]["text"], "<p>Grüße <img src=\"cid:logo\"></p>");
    EXPECT_EQ(parts[2]["id"], "<logo>");
    EXPECT_EQ(parts[2]["disposition"], "inline");
    EXPECT_EQ(parts[2]["base64"], to_base64(bytes));
    EXPECT_EQ(parts[3]["name"], "plain.bin");
    EXPECT_EQ(parts[3]["disposition"], "attachment");
    EXPECT_EQ(parts[3]["base64"], to_base64(bytes));
    EXPECT_EQ(parts[4]["name"], "größe 🎉 (1).pdf");
    for (const Json& part : parts)
        EXPECT_EQ(part["defects"], Json::array());
    EXPECT_EQ(message["defects"], Json::array());
    EXPECT_LE(message["longest"].get<int>(), 98) << "998 are allowed, 78 are wanted";
    EXPECT_EQ(message["bare"], 0) << "no line ends without CR";
    EXPECT_EQ(message["ascii"], true);
}

TEST_F(Mailing, KeepsItsConnection) {
    const Mailer mailer{start()};
    await(mailer.send(hello()));
    await(mailer.send(hello()));
    const Json first = sink->next();
    const Json second = sink->next();
    EXPECT_EQ(first["peer"], second["peer"]);
    EXPECT_NE(field(first, "Message-ID"), field(second, "Message-ID"));
}

TEST_F(Mailing, SaysWhatTheServerSaid) {
    const Mailer mailer{start()};
    const auto failure = [&](const char* to) {
        try {
            await(mailer.send(MailMessage{}.to(to).text("a")));
            ADD_FAILURE();
        } catch (const MailError& error) {
            return std::pair{error.code(), error.is_permanent()};
        }
        return std::pair{0, false};
    };
    EXPECT_EQ(failure("refused@example.com"), (std::pair{550, true}));
    EXPECT_EQ(failure("later@example.com"), (std::pair{451, false}));
    await(mailer.send(hello()));
    EXPECT_EQ(sink->next()["envelope"]["to"], Json({"ada@example.com"}));
}

TEST_F(Mailing, GoesThroughTheQueue) {
    const MailOptions options = start();
    const Mailer mailer{options};
    Folder folder;
    Jobs jobs{sqlite_jobs(folder.file("jobs.db"))};
    JobWorker worker{jobs, quick()};
    mailer.serve(worker);
    std::string bytes("\x00\xff\r\n", 4);
    MailMessage message = MailMessage{}
                              .to({"Ada", "ada@example.com"})
                              .bcc("secret@example.com")
                              .subject("Größe")
                              .text("text")
                              .html("<p>html</p>")
                              .attach("a.bin", "application/octet-stream", bytes)
                              .header("X-Shop", "7");
    const Enqueued job = await(mailer.enqueue(jobs, message));
    worker.start();
    const Json sent = sink->next();
    EXPECT_EQ(sent["envelope"]["to"], Json({"ada@example.com", "secret@example.com"}));
    EXPECT_EQ(field(sent, "Subject"), "Größe");
    EXPECT_EQ(field(sent, "X-Shop"), "7");
    EXPECT_EQ(field(sent, "Message-ID"), '<' + job.id.to_string() + "@example.com>");
    EXPECT_EQ(sent["parts"][2]["base64"], to_base64(bytes));
}

TEST_F(Mailing, IsTriedAgainOrDeadAsTheServerSays) {
    const Mailer mailer{start()};
    Folder folder;
    Jobs jobs{sqlite_jobs(folder.file("jobs.db"))};
    JobWorkerOptions options = quick();
    options.backoff.first = options.backoff.longest = Duration::seconds(3600);
    JobWorker worker{jobs, options};
    mailer.serve(worker);
    await(mailer.enqueue(jobs, MailMessage{}.to("refused@example.com").text("a")));
    await(mailer.enqueue(jobs, MailMessage{}.to("later@example.com").text("a")));
    worker.start();
    EXPECT_TRUE(eventually([&] {
        const JobCounts counts = await(jobs.counts());
        return counts.dead == 1 && counts.waiting == 1 && counts.running == 0;
    }));
    EXPECT_THAT(await(jobs.dead())[0].error, HasSubstr("550"));
    EXPECT_THAT(await(jobs.dead())[0].payload, HasSubstr("refused@example.com"));
}

TEST_F(Mailing, SaysThatNobodyListens) {
    MailOptions options = start();
    sink.reset();
    EXPECT_EQ(code_of_failure(Mailer{options}, hello()), 0);
}

} // namespace
} // namespace job_tests

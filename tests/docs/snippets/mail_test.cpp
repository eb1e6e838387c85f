// The C++ of docs/mail.md: compiled and run here, repeated there.
#include <armature/armature.hpp>
#include <armature/jobs/sqlite.hpp>
#include <armature/jobs/worker.hpp>
#include <armature/mail/mailer.hpp>

#include <gtest/gtest.h>

namespace mail_page {

using namespace armature;

// [mailer]
Mailer make_mailer(SecretString password) {
    MailOptions options;
    options.host = "mail.example.com"; // port 587, STARTTLS
    options.user = "shop";
    options.password = std::move(password);
    options.from = MailAddress{"The Shop", "shop@example.com"};
    return Mailer{options};
}
// [/mailer]

// [send]
Task<Status> welcome(Path<std::string> email, State<Mailer> mailer, State<Jobs> jobs) {
    const MailMessage message = MailMessage{}
                                    .to(email.value())
                                    .subject("Welcome to the shop")
                                    .text("Hello,\n\nit is good to have you.\n");
    co_await mailer->enqueue(*jobs, message);
    co_return Status::accepted;
}
// [/send]

// [rich]
MailMessage invoice(std::string pdf, std::string logo) {
    return MailMessage{}
        .to({"Ada Lovelace", "ada@example.com"})
        .bcc("books@example.com")
        .reply_to("help@example.com")
        .subject("Your invoice, größer than ever")
        .text("See the attachment.")
        .html("<p><img src=\"cid:logo\"> See the attachment.</p>")
        .embed("logo", "image/png", std::move(logo))
        .attach("invoice.pdf", "application/pdf", std::move(pdf))
        .header("List-Unsubscribe", "<https://shop.example.com/u/7>");
}
// [/rich]

// [worker]
void serve_mail(JobWorker& worker, const Mailer& mailer) { mailer.serve(worker); }
// [/worker]

TEST(MailPage, QueuesMail) {
    const Jobs jobs{sqlite_jobs(":memory:")};
    const Mailer mailer = make_mailer(SecretString{std::string{"secret"}});
    JobWorker worker{jobs};
    serve_mail(worker, mailer);
    const Application app =
        App::create().data(jobs).data(mailer).route("/welcome/{email}", post(welcome)).build();
    EXPECT_EQ(app.handle(Request{Method::post, "/welcome/ada@example.com"}).status(),
              Status::accepted);
    EXPECT_EQ(app.handle(Request{Method::post, "/welcome/a%0D%0ABcc:b@example.com"}).status(),
              Status::internal_server_error);
    LocalLoop loop;
    EXPECT_EQ(loop.run(jobs.counts()).waiting, 1U);
    EXPECT_EQ(mailer.make(invoice("%PDF", "\x89PNG")).kind, "armature.mail");
}

} // namespace mail_page

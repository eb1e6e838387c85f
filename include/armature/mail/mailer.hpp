#pragma once

#include <armature/config/secret.hpp>
#include <armature/jobs/jobs.hpp>
#include <armature/mail/message.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace armature {

class JobWorker;

/// How the connection to the mail server is secured. Its certificate must be signed by an authority
/// and name the host; there is no switch that turns that off.
enum class MailSecurity : std::uint8_t {
    starttls, ///< plain at first, then TLS, or nothing is sent (RFC 3207); usually port 587
    tls,      ///< from the first byte (RFC 8314); usually port 465
    none,     ///< never: for a server on this machine, and without a password
};

struct MailOptions {
    /// Of the server that takes outgoing mail, a name or an address.
    std::string host{};
    /// 0: 587, 465 or 25, as `security` has it.
    std::uint16_t port = 0;
    MailSecurity security = MailSecurity::starttls;
    /// Empty: doesn't log in.
    std::string user{};
    SecretString password{};
    /// An OAuth 2 access token instead of a password (XOAUTH2).
    SecretString token{};
    /// Who messages come from that don't say it.
    std::optional<MailAddress> from{};
    /// PEM certificates of the only authorities to trust; empty: the system's.
    std::string authorities{};
    /// What this machine calls itself; empty: its name.
    std::string hello{};
    /// Of one message, from connecting to the server's word that it has it.
    Duration timeout = Duration::seconds(60);
    /// Largest message, in bytes of its contents.
    std::size_t max_bytes = 25 * 1024 * 1024;
};

/// The mail wasn't taken.
class MailError : public std::runtime_error {
  public:
    MailError(const std::string& why, int code) : std::runtime_error(why), code_(code) {}
    /// The server's last reply, for example 550; 0: there was none.
    [[nodiscard]] int code() const noexcept { return code_; }
    /// The server refused this message or a recipient for good: trying again is of no use.
    [[nodiscard]] bool is_permanent() const noexcept { return is_permanent_; }

  private:
    friend class Mailer;
    int code_;
    bool is_permanent_ = false;
};

/// Sends mail by SMTP (RFC 5321), with MIME, through libcurl.
///
///     Mailer mailer{options};
///     mailer.serve(worker);                                              // sends in the
///     background MailMessage message =
///     MailMessage{}.to("ada@example.com").subject("Hi").text("…"); co_await mailer.enqueue(jobs,
///     message);
///
/// In the queue a message is tried again until the server took it; one that it refuses for good
/// (5yz) is dead at once. Attempts have the same Message-ID, so that one that arrives twice can be
/// told. Connections are kept.
///
/// Threads: any. A handle: copies are the same.
class Mailer {
  public:
    /// Throws std::invalid_argument for options that can't be right, such as a password without
    /// TLS.
    explicit Mailer(MailOptions options);

    /// Sends at once: when the await is over the server has it. On a thread of `blocking`. Throws
    /// `MailError`, and std::invalid_argument for a message without sender, recipient or content.
    [[nodiscard]] Task<> send(const MailMessage& message) const;

    /// Has a worker send what is in the queue.
    void serve(JobWorker& worker) const;
    /// Sends in the background. Throws std::invalid_argument as `send` does.
    [[nodiscard]] Task<Enqueued> enqueue(const Jobs& jobs, const MailMessage& message,
                                         JobOptions options = {}) const;
    /// The same as a job for a transaction of your own: `enqueue_in(db, mailer.make(…))`.
    [[nodiscard]] NewJob make(const MailMessage& message, JobOptions options = {}) const;

    class Impl; // inside of the library only

  private:
    std::shared_ptr<Impl> impl_;
};

} // namespace armature

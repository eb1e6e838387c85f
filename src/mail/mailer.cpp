#include "mail/fields.hpp"

#include <armature/core/base64.hpp>
#include <armature/jobs/worker.hpp>
#include <armature/mail/mailer.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <mutex>
#include <new>
#include <vector>

namespace armature {

namespace mail {

namespace {

struct Free {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
    void operator()(curl_mime* mime) const noexcept { curl_mime_free(mime); }
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, Free>;
using Mime = std::unique_ptr<curl_mime, Free>;

class List {
  public:
    void add(const std::string& line) {
        curl_slist* longer = curl_slist_append(list_.get(), line.c_str());
        if (longer == nullptr) throw std::bad_alloc{};
        (void)list_.release();
        list_.reset(longer);
    }
    [[nodiscard]] curl_slist* get() const noexcept { return list_.get(); }
    [[nodiscard]] curl_slist* release() noexcept { return list_.release(); }

  private:
    std::unique_ptr<curl_slist, Free> list_;
};

void check(CURLcode code) {
    if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc{};
    if (code != CURLE_OK) throw MailError(curl_easy_strerror(code), 0);
}

Mime new_mime(CURL* handle) {
    Mime mime{curl_mime_init(handle)};
    if (!mime) throw std::bad_alloc{};
    return mime;
}
curl_mimepart* add_part(const Mime& mime) {
    curl_mimepart* part = curl_mime_addpart(mime.get());
    if (part == nullptr) throw std::bad_alloc{};
    return part;
}
void add_text(const Mime& mime, const char* type, const std::string& content) {
    curl_mimepart* part = add_part(mime);
    const std::string lines = with_line_ends(content);
    check(curl_mime_data(part, lines.data(), lines.size()));
    check(curl_mime_type(part, type));
    check(curl_mime_encoder(part, "quoted-printable"));
}
void add_bytes(const Mime& mime, const MailMessage::Part& bytes,
               std::initializer_list<std::string> lines) {
    curl_mimepart* part = add_part(mime);
    check(curl_mime_data(part, bytes.content.data(), bytes.content.size()));
    check(curl_mime_type(part, bytes.type.c_str()));
    check(curl_mime_encoder(part, "base64"));
    List fields;
    for (const std::string& line : lines)
        fields.add(line);
    check(curl_mime_headers(part, fields.get(), 1));
    (void)fields.release();
}
void add_multipart(const Mime& to, Mime inner, const char* type) {
    curl_mimepart* part = add_part(to);
    check(curl_mime_subparts(part, inner.get()));
    (void)inner.release();
    check(curl_mime_type(part, type));
}

// mixed(alternative(text, related(html, embedded…)), attachments…), without what has one part only.
Mime content_of(CURL* handle, const MailMessage::Parts& parts) {
    constexpr const char* plain = "text/plain; charset=utf-8";
    constexpr const char* html = "text/html; charset=utf-8";
    const auto add_html = [&](const Mime& to) {
        if (parts.embedded.empty()) return add_text(to, html, parts.html);
        Mime related = new_mime(handle);
        add_text(related, html, parts.html);
        for (const MailMessage::Part& part : parts.embedded)
            add_bytes(related, part,
                      {"Content-ID: <" + part.name + '>', "Content-Disposition: inline"});
        add_multipart(to, std::move(related), "multipart/related");
    };
    Mime mixed = new_mime(handle);
    if (parts.html.empty()) {
        add_text(mixed, plain, parts.text);
    } else if (parts.text.empty()) {
        add_html(mixed);
    } else {
        Mime alternative = new_mime(handle);
        add_text(alternative, plain, parts.text);
        add_html(alternative);
        add_multipart(mixed, std::move(alternative), "multipart/alternative");
    }
    for (const MailMessage::Part& part : parts.attachments)
        add_bytes(mixed, part, {"Content-Disposition: " + disposition(part.name)});
    return mixed;
}

// --- in the queue -----------------------------------------------------------------------------

struct JobAddress {
    std::string name;
    std::string address;
};
ARMATURE_DESCRIBE(JobAddress, name, address);

struct JobPart {
    std::string name;
    std::string type;
    std::string base64;
};
ARMATURE_DESCRIBE(JobPart, name, type, base64);

struct JobHeader {
    std::string name;
    std::string value;
};
ARMATURE_DESCRIBE(JobHeader, name, value);

struct MailJob {
    static constexpr std::string_view kind = "armature.mail";
    std::vector<JobAddress> from, reply_to, to, cc, bcc;
    std::string subject, text, html;
    std::vector<JobPart> attachments, embedded;
    std::vector<JobHeader> headers;
};
ARMATURE_DESCRIBE(MailJob, from, reply_to, to, cc, bcc, subject, text, html, attachments, embedded,
                  headers);

MailJob to_job(const MailMessage::Parts& parts) {
    const auto addresses = [](const std::vector<MailAddress>& list) {
        std::vector<JobAddress> result;
        for (const MailAddress& one : list)
            result.push_back({one.name(), one.address()});
        return result;
    };
    const auto contents = [](const std::vector<MailMessage::Part>& list) {
        std::vector<JobPart> result;
        for (const MailMessage::Part& one : list)
            result.push_back({one.name, one.type, to_base64(one.content)});
        return result;
    };
    MailJob job;
    job.from = addresses(parts.from);
    job.reply_to = addresses(parts.reply_to);
    job.to = addresses(parts.to);
    job.cc = addresses(parts.cc);
    job.bcc = addresses(parts.bcc);
    job.subject = parts.subject;
    job.text = parts.text;
    job.html = parts.html;
    job.attachments = contents(parts.attachments);
    job.embedded = contents(parts.embedded);
    for (const MailMessage::Header& header : parts.headers)
        job.headers.push_back({header.name, header.value});
    return job;
}

// Through the same checks again: the store isn't this program.
MailMessage from_job(const MailJob& job) {
    const auto address = [](const JobAddress& one) { return MailAddress{one.name, one.address}; };
    const auto bytes = [](const JobPart& part) {
        auto content = from_base64(part.base64);
        if (!content) throw std::invalid_argument("armature: an attachment in the queue is broken");
        return *std::move(content);
    };
    MailMessage message;
    for (const JobAddress& one : job.from)
        std::move(message).from(address(one));
    for (const JobAddress& one : job.reply_to)
        std::move(message).reply_to(address(one));
    for (const JobAddress& one : job.to)
        std::move(message).to(address(one));
    for (const JobAddress& one : job.cc)
        std::move(message).cc(address(one));
    for (const JobAddress& one : job.bcc)
        std::move(message).bcc(address(one));
    std::move(message).subject(job.subject).text(job.text).html(job.html);
    for (const JobPart& part : job.attachments)
        std::move(message).attach(part.name, part.type, bytes(part));
    for (const JobPart& part : job.embedded)
        std::move(message).embed(part.name, part.type, bytes(part));
    for (const JobHeader& header : job.headers)
        std::move(message).header(header.name, header.value);
    return message;
}

} // namespace

} // namespace mail

class Mailer::Impl {
  public:
    explicit Impl(MailOptions given) : options(std::move(given)) {
        static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
        if (started != CURLE_OK) throw std::runtime_error("armature: libcurl can't start");
        const char* scheme = options.security == MailSecurity::tls ? "smtps://" : "smtp://";
        const std::uint16_t usual = options.security == MailSecurity::tls        ? 465
                                    : options.security == MailSecurity::starttls ? 587
                                                                                 : 25;
        url_ = scheme + options.host + ':' +
               std::to_string(options.port != 0 ? options.port : usual) +
               (options.hello.empty() ? "" : '/' + options.hello);
    }

    void check(const MailMessage::Parts& parts) const {
        const auto demand = [](bool holds, const char* what) {
            if (!holds) throw std::invalid_argument{what};
        };
        demand(!parts.from.empty() || options.from,
               "armature: the mail has no sender; set MailOptions::from or MailMessage::from");
        demand(!parts.to.empty() || !parts.cc.empty() || !parts.bcc.empty(),
               "armature: the mail has no recipient");
        demand(!parts.text.empty() || !parts.html.empty(), "armature: the mail has no content");
        demand(parts.embedded.empty() || !parts.html.empty(),
               "armature: only HTML can show what is embedded in mail");
        std::size_t size = parts.text.size() + parts.html.size();
        for (const auto* list : {&parts.attachments, &parts.embedded})
            for (const MailMessage::Part& part : *list)
                size += part.content.size();
        demand(size <= options.max_bytes,
               "armature: the mail is larger than MailOptions::max_bytes");
    }

    /// Blocks.
    void send(const MailMessage::Parts& parts, const Uuid& id) {
        mail::Handle handle = take_handle();
        const MailAddress& from = parts.from.empty() ? *options.from : parts.from.front();
        mail::List recipients;
        for (const auto* list : {&parts.to, &parts.cc, &parts.bcc})
            for (const MailAddress& one : *list)
                recipients.add('<' + one.address() + '>');
        const mail::List fields = fields_of(parts, from, id);
        const mail::Mime content = mail::content_of(handle.get(), parts);
        char error[CURL_ERROR_SIZE] = {};
        set_up(handle.get(), error);
        const std::string sender = '<' + from.address() + '>';
        curl_easy_setopt(handle.get(), CURLOPT_MAIL_FROM, sender.c_str());
        curl_easy_setopt(handle.get(), CURLOPT_MAIL_RCPT, recipients.get());
        curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, fields.get());
        curl_easy_setopt(handle.get(), CURLOPT_MIMEPOST, content.get());
        const CURLcode result = curl_easy_perform(handle.get());
        long code = 0;
        curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &code);
        curl_easy_reset(handle.get()); // forgets what goes now, and keeps the connection
        if (result == CURLE_OK) return give_back(std::move(handle));
        MailError failure{error[0] != '\0' ? error : curl_easy_strerror(result),
                          static_cast<int>(code)};
        // A login that is refused is the operator's to mend: the mail can go then.
        failure.is_permanent_ = code >= 500 && code < 600 && result != CURLE_LOGIN_DENIED;
        throw failure;
    }

    const MailOptions options;

  private:
    static mail::List fields_of(const MailMessage::Parts& parts, const MailAddress& from,
                                const Uuid& id) {
        mail::List fields;
        fields.add("Date: " + mail::date());
        fields.add("From: " + mail::address_list({&from, 1}));
        if (!parts.reply_to.empty()) fields.add("Reply-To: " + mail::address_list(parts.reply_to));
        if (!parts.to.empty()) fields.add("To: " + mail::address_list(parts.to));
        if (!parts.cc.empty()) fields.add("Cc: " + mail::address_list(parts.cc));
        const std::string& address = from.address();
        fields.add("Message-ID: <" + id.to_string() + address.substr(address.rfind('@')) + '>');
        if (!parts.subject.empty()) fields.add("Subject: " + mail::encoded_text(parts.subject));
        for (const MailMessage::Header& header : parts.headers)
            fields.add(header.name + ": " + mail::encoded_text(header.value));
        return fields;
    }

    void set_up(CURL* handle, char* error) const {
        const auto set = [&](CURLoption option, auto value) {
            mail::check(curl_easy_setopt(handle, option, value));
        };
        set(CURLOPT_ERRORBUFFER, error);
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_URL, url_.c_str());
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        set(CURLOPT_PROXY, "");
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
        set(CURLOPT_USE_SSL,
            static_cast<long>(options.security == MailSecurity::none ? CURLUSESSL_NONE
                                                                     : CURLUSESSL_ALL));
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        if (!options.authorities.empty()) {
            curl_blob authorities{const_cast<char*>(options.authorities.data()),
                                  options.authorities.size(), CURL_BLOB_NOCOPY};
            mail::check(curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, &authorities));
        }
        if (options.user.empty()) return;
        set(CURLOPT_USERNAME, options.user.c_str());
        if (!options.token.expose().empty())
            set(CURLOPT_XOAUTH2_BEARER, options.token.expose().c_str());
        else
            set(CURLOPT_PASSWORD, options.password.expose().c_str());
    }

    // A handle keeps its connection; one thread uses it at a time.
    mail::Handle take_handle() {
        {
            const std::lock_guard lock{mutex_};
            if (!idle_.empty()) {
                mail::Handle handle = std::move(idle_.back());
                idle_.pop_back();
                return handle;
            }
        }
        mail::Handle handle{curl_easy_init()};
        if (!handle) throw std::bad_alloc{};
        return handle;
    }
    void give_back(mail::Handle handle) {
        constexpr std::size_t most = 4;
        const std::lock_guard lock{mutex_};
        if (idle_.size() < most) idle_.push_back(std::move(handle));
    }

    std::string url_;
    std::mutex mutex_;
    std::vector<mail::Handle> idle_;
};

Mailer::Mailer(MailOptions options) {
    const auto demand = [](bool holds, const char* what) {
        if (!holds) throw std::invalid_argument{what};
    };
    const auto is_host = [](const std::string& host, std::string_view more) {
        return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   more.find(c) != more.npos;
        });
    };
    demand(is_host(options.host, "-.[]:"), "armature: MailOptions::host isn't a host");
    demand(options.hello.empty() || is_host(options.hello, "-."),
           "armature: MailOptions::hello isn't a host name");
    const bool has_secret = !options.password.expose().empty() || !options.token.expose().empty();
    demand(!has_secret || options.security != MailSecurity::none,
           "armature: mail that logs in needs TLS; set MailOptions::security to starttls or tls");
    demand(has_secret == !options.user.empty(),
           "armature: to log in for mail takes a user and a password or token");
    demand(options.password.expose().empty() || options.token.expose().empty(),
           "armature: mail logs in with a password or a token, not with both");
    demand(options.timeout >= Duration::seconds(1),
           "armature: the time-out of mail is at least 1 s");
    impl_ = std::make_shared<Impl>(std::move(options));
}

Task<> Mailer::send(const MailMessage& message) const {
    const std::shared_ptr<Impl> impl = impl_;
    impl->check(message.parts());
    auto work = [impl, parts = message.parts()] { impl->send(parts, Uuid::v7()); };
    co_await blocking(std::move(work));
}

void Mailer::serve(JobWorker& worker) const {
    worker.on<mail::MailJob>([impl = impl_](const mail::MailJob& job, const JobContext& context) {
        try {
            const MailMessage message = mail::from_job(job);
            impl->check(message.parts());
            impl->send(message.parts(), context.id);
        } catch (const MailError& error) {
            if (error.is_permanent()) throw JobFailed(error.what());
            throw;
        } catch (const std::invalid_argument& error) {
            throw JobFailed(error.what());
        }
    });
}

Task<Enqueued> Mailer::enqueue(const Jobs& jobs, const MailMessage& message,
                               JobOptions options) const {
    impl_->check(message.parts());
    return jobs.enqueue(mail::to_job(message.parts()), std::move(options));
}

NewJob Mailer::make(const MailMessage& message, JobOptions options) const {
    impl_->check(message.parts());
    return Jobs::make(mail::to_job(message.parts()), std::move(options));
}

} // namespace armature

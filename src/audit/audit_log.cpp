#include "audit/entry.hpp"
#include "audit/verify.hpp"
#include "core/unix_time.hpp"
#include "core/work_thread.hpp"
#include "crypto/crypto.hpp"
#include "sqlite/database.hpp"

#include <armature/audit/audit_log.hpp>
#include <armature/core/base64.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/log/log.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>

namespace armature {

namespace {

using audit::Anchor;
using audit::Entry;
using Connection = sqlite::Connection<AuditLogError>;
using Statement = sqlite::Statement<AuditLogError>;
using Transaction = sqlite::Transaction<AuditLogError>;

// The triggers keep programs from changing the past by mistake. Who means to can drop them: that is
// what the hashes are for.
constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS armature_audit (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    outcome TEXT NOT NULL,
    address TEXT NOT NULL,
    method TEXT NOT NULL,
    route TEXT NOT NULL,
    request_id TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    "before" TEXT NOT NULL,
    "after" TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS armature_audit_anchors (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    hash TEXT NOT NULL,
    key TEXT NOT NULL,
    signature TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS armature_audit_keeps BEFORE UPDATE ON armature_audit
BEGIN SELECT RAISE(ABORT, 'armature: an audit log only grows'); END;
CREATE TRIGGER IF NOT EXISTS armature_audit_keeps_all BEFORE DELETE ON armature_audit
BEGIN SELECT RAISE(ABORT, 'armature: an audit log only grows'); END;
)";

SecretString checked_key(const SecretString& text) {
    if (text.expose().empty()) return {};
    std::string seed = from_base64(text.expose()).value_or("");
    if (seed.size() != crypto::ed25519_key_size)
        throw std::invalid_argument("armature: AuditLogOptions::signing_key is the base64 of 32 "
                                    "random bytes; make one by: openssl rand -base64 32");
    return SecretString{std::move(seed)};
}

// What waits to be written, and what became of it.
struct Waiting {
    explicit Waiting(Entry&& of, std::string&& raw_before, std::string&& raw_after)
        : entry(std::move(of)), before(std::move(raw_before)), after(std::move(raw_after)) {}
    Entry entry;
    std::string before, after; ///< JSON as the event has it
    std::exception_ptr error;
};

} // namespace

class AuditLog::Impl {
  public:
    Impl(const std::string& path, AuditLogOptions given)
        : path_(path), options_(std::move(given)), seed_(checked_key(options_.signing_key)),
          connection_(path, sqlite::Durability::each_commit, schema),
          head_(connection_.get(),
                "SELECT seq, hash FROM armature_audit ORDER BY seq DESC LIMIT 1"),
          insert_(connection_.get(),
                  "INSERT INTO armature_audit (seq, at, actor, action, target, outcome, address, "
                  "method, route, request_id, trace_id, \"before\", \"after\", previous, hash) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
          last_anchor_(connection_.get(), "SELECT max(seq) FROM armature_audit_anchors"),
          insert_anchor_(
              connection_.get(),
              "INSERT INTO armature_audit_anchors (seq, at, hash, key, signature) VALUES "
              "(?, ?, ?, ?, ?) ON CONFLICT DO NOTHING") {
        if (options_.anchor_every < 1 || options_.anchor_every > 1'000'000)
            throw std::invalid_argument("armature: AuditLogOptions::anchor_every is from 1 to "
                                        "1,000,000 entries");
        if (!signs() && !options_.anchor_file.empty())
            throw std::invalid_argument("armature: an anchor_file needs a signing_key: without one "
                                        "an audit log has no anchors");
        for (std::string& name : options_.secrets) {
            name = audit::folded(name);
            if (name.empty())
                throw std::invalid_argument(
                    "armature: a name among AuditLogOptions::secrets is empty: it would mean all");
        }
        if (signs()) public_key_ = to_base64(crypto::ed25519_public_key(seed_.expose()));
    }
    ~Impl() {
        if (!signs()) return;
        const bool is_posted = thread_.post([this] {
            try {
                if (last_anchor_.number(0) < head().first) (void)make_anchor();
            } catch (const std::exception& error) {
                log::error("audit log: no anchor at its end", {{"error", error.what()}});
            }
        });
        if (!is_posted) log::error("audit log: no anchor at its end", {{"error", "it is busy"}});
    }

    std::shared_ptr<Waiting> submit(std::shared_ptr<Waiting> waiting) {
        {
            const std::lock_guard lock{mutex_};
            waiting_.push_back(waiting);
        }
        if (!thread_.post([this] { write_all(); }))
            throw AuditLogError("the audit log is too slow: 4,096 entries wait for it");
        return waiting;
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] const AuditLogOptions& options() const noexcept { return options_; }
    [[nodiscard]] const std::string& public_key() const noexcept { return public_key_; }
    [[nodiscard]] WorkThread& thread() noexcept { return thread_; }

    // An anchor of the latest entry, as a line.
    std::string make_anchor() {
        Transaction transaction{connection_.get()};
        const auto [seq, hash] = head();
        if (seq == 0) return {};
        const Anchor anchor = add_anchor(seq, hash);
        transaction.commit();
        write_to_file(anchor);
        return anchor.to_json(true) + '\n';
    }

  private:
    [[nodiscard]] bool signs() const noexcept { return !seed_.expose().empty(); }

    // Everything that waits, in one transaction: one write to the disk for all. Throws nothing:
    // those that wait are told.
    void write_all() noexcept {
        std::deque<std::shared_ptr<Waiting>> all;
        {
            const std::lock_guard lock{mutex_};
            all.swap(waiting_);
        }
        if (all.empty()) return; // those before it took it along
        for (const std::shared_ptr<Waiting>& one : all) {
            try {
                one->entry.before = audit::redacted(one->before, options_.secrets);
                one->entry.after = audit::redacted(one->after, options_.secrets);
            } catch (...) {
                one->error = std::current_exception();
            }
        }
        std::erase_if(all, [](const auto& one) { return one->error != nullptr; });
        try {
            Transaction transaction{connection_.get()};
            auto [seq, hash] = head();
            for (const std::shared_ptr<Waiting>& one : all)
                hash = insert(one->entry, ++seq, hash);
            std::optional<Anchor> anchor;
            if (signs() && seq - last_anchor_.number(0) >= options_.anchor_every)
                anchor = add_anchor(seq, hash);
            transaction.commit();
            if (anchor) publish(*anchor);
        } catch (...) {
            for (const std::shared_ptr<Waiting>& one : all)
                one->error = std::current_exception();
        }
    }

    // The entries are written by then, so whoever waits for them isn't told.
    void publish(const Anchor& anchor) noexcept {
        try {
            write_to_file(anchor);
        } catch (const std::exception& error) {
            log::error("audit log: an anchor is in the database only", {{"error", error.what()}});
        }
    }

    std::pair<std::int64_t, std::string> head() {
        head_.bind();
        if (!head_.step()) return {0, audit::no_hash()};
        std::pair<std::int64_t, std::string> last{head_.integer(0), head_.text(1)};
        head_.reset();
        return last;
    }

    std::string insert(Entry& entry, std::int64_t seq, const std::string& previous) {
        entry.seq = seq;
        entry.previous = previous;
        entry.hash = entry.computed_hash();
        const auto view = [](const std::string& text) { return std::string_view{text}; };
        insert_.run(entry.seq, view(entry.at), view(entry.actor), view(entry.action),
                    view(entry.target), view(entry.outcome), view(entry.address),
                    view(entry.method), view(entry.route), view(entry.request_id),
                    view(entry.trace_id), view(entry.before), view(entry.after),
                    view(entry.previous), view(entry.hash));
        return entry.hash;
    }

    Anchor add_anchor(std::int64_t seq, const std::string& hash) {
        Anchor anchor;
        anchor.seq = seq;
        anchor.at = audit::time_text(unix_milliseconds());
        anchor.hash = hash;
        anchor.sign(seed_.expose());
        insert_anchor_.run(seq, std::string_view{anchor.at}, std::string_view{hash},
                           std::string_view{anchor.key}, std::string_view{anchor.signature});
        return anchor;
    }

    void write_to_file(const Anchor& anchor) const {
        if (options_.anchor_file.empty()) return;
        const std::string line = anchor.to_json(true) + '\n';
        const int file =
            ::open(options_.anchor_file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
        const bool is_written =
            file >= 0 &&
            ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
            ::fdatasync(file) == 0;
        const std::string why = is_written ? "" : std::strerror(errno);
        if (file >= 0) ::close(file);
        if (!is_written)
            throw AuditLogError("the anchor can't be written to " + options_.anchor_file + ": " +
                                why);
    }

    const std::string path_;
    AuditLogOptions options_;
    const SecretString seed_; ///< of the Ed25519 key; empty: none
    std::string public_key_;
    Connection connection_;
    Statement head_, insert_, last_anchor_, insert_anchor_;

    std::mutex mutex_;
    std::deque<std::shared_ptr<Waiting>> waiting_;
    WorkThread thread_; ///< uses all of the above until its end
};

AuditLog::AuditLog(const std::string& path, AuditLogOptions options)
    : impl_(std::make_shared<Impl>(path, std::move(options))) {}

Task<std::uint64_t> AuditLog::append(AuditEvent event) const {
    Entry entry;
    entry.at = audit::time_text(unix_milliseconds());
    entry.actor = std::move(event.actor_);
    entry.action = std::move(event.action_);
    entry.target = std::move(event.target_);
    entry.outcome = std::move(event.outcome_);
    entry.address = std::move(event.address_);
    entry.method = std::move(event.method_);
    entry.route = std::move(event.route_);
    entry.request_id = std::move(event.request_id_);
    entry.trace_id = std::move(event.trace_id_);
    if (entry.action.empty())
        throw std::invalid_argument(
            "armature: an AuditEvent says what was done: give it an action");
    // Handed over before anybody awaits: behind it, the thread only says how it went.
    const std::shared_ptr<Waiting> written = impl_->submit(std::make_shared<Waiting>(
        std::move(entry), std::move(event.before_), std::move(event.after_)));
    auto result = [written] {
        if (written->error) std::rethrow_exception(written->error);
        return static_cast<std::uint64_t>(written->entry.seq);
    };
    return impl_->thread().call(std::move(result));
}

std::uint64_t AuditLog::append_blocking(AuditEvent event) const {
    LocalLoop loop;
    return loop.run(append(std::move(event)));
}

Task<AuditVerification> AuditLog::verify() const {
    const std::shared_ptr<Impl> impl = impl_;
    auto check = [impl] {
        AuditCheck against;
        against.public_key = impl->public_key();
        if (!impl->options().anchor_file.empty())
            against.anchors = audit::read_file(impl->options().anchor_file);
        return verify_audit_log(impl->path(), against);
    };
    return blocking(std::move(check));
}

Task<std::string> AuditLog::anchor() const {
    if (impl_->public_key().empty())
        throw std::logic_error("armature: an audit log without a signing_key has no anchors");
    Impl* const impl = impl_.get();
    auto make = [impl] { return impl->make_anchor(); };
    return impl->thread().call(std::move(make));
}

std::string AuditLog::public_key() const { return impl_->public_key(); }

Task<std::string> AuditLog::lines(std::uint64_t after, unsigned limit) const {
    auto read = [path = impl_->path(), after, limit] {
        return audit::read_lines(path, after, limit).text;
    };
    return blocking(std::move(read));
}

Response AuditLog::download() const {
    struct Lines {
        explicit Lines(std::string of) : path(std::move(of)) {}
        Task<> operator()(BodyWriter& out) {
            for (;;) {
                auto read = [file = path, after = last] {
                    return audit::read_lines(file, after, 1000);
                };
                audit::Lines piece = co_await blocking(read);
                if (piece.text.empty()) co_return;
                last = piece.last;
                co_await out.write(piece.text);
            }
        }
        std::string path;
        std::uint64_t last = 0;
    };
    Response response = Response::stream(Lines{impl_->path()});
    response.headers().append("content-type", "application/x-ndjson");
    return response;
}

} // namespace armature

#include "db/pool.hpp"

#include <armature/core/uuid.hpp>
#include <armature/db/database.hpp>
#include <armature/db/query.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace armature::db {

namespace {

std::string_view isolation_text(Isolation isolation) noexcept {
    switch (isolation) {
    case Isolation::read_committed:
        return " ISOLATION LEVEL READ COMMITTED";
    case Isolation::repeatable_read:
        return " ISOLATION LEVEL REPEATABLE READ";
    case Isolation::serializable:
        return " ISOLATION LEVEL SERIALIZABLE";
    default:
        return {};
    }
}

std::vector<std::string> begin_texts(Dialect dialect, const TransactionOptions& options) {
    const std::string isolation{isolation_text(options.isolation)};
    const std::string read_only = options.read_only ? " READ ONLY" : "";
    std::vector<std::string> texts;
    switch (dialect) {
    case Dialect::sqlite:
        texts.emplace_back(options.read_only ? "BEGIN; PRAGMA query_only = ON" : "BEGIN IMMEDIATE");
        break;
    case Dialect::postgres:
        texts.push_back("BEGIN" + isolation + read_only);
        break;
    case Dialect::mariadb:
        if (!isolation.empty()) texts.push_back("SET TRANSACTION" + isolation);
        texts.push_back("START TRANSACTION" + read_only);
        break;
    }
    return texts;
}

std::string savepoint(unsigned depth) { return "armature_" + std::to_string(depth); }

} // namespace

// --- streams ------------------------------------------------------------------------------------

detail::OngoingCall::OngoingCall(std::shared_ptr<Lease> lease) noexcept
    : lease_(std::move(lease)) {}
detail::OngoingCall::OngoingCall(OngoingCall&&) noexcept = default;
detail::OngoingCall& detail::OngoingCall::operator=(OngoingCall&& other) noexcept {
    const OngoingCall old{std::exchange(lease_, std::move(other.lease_))};
    return *this;
}
detail::OngoingCall::~OngoingCall() {
    if (lease_) (*lease_)->give_up();
}

Task<std::optional<Rows>> RowStream::next() { return (*lease_)->next_rows(); }
Task<> CopyIn::write(std::string text) { return (*lease_)->copy(std::move(text)); }
Task<std::uint64_t> CopyIn::finish() { return (*lease_)->end_copy_in(); }
Task<std::optional<std::string>> CopyOut::next() { return (*lease_)->next_copied(); }

void CopyIn::append(std::string& line, const Value& value) {
    if (value.is_null()) {
        line += "\\N";
        return;
    }
    std::string made;
    if (value.kind() != Value::Kind::text) made = value.to_text();
    const std::string_view text = value.kind() == Value::Kind::text ? value.text() : made;
    if (value.kind() == Value::Kind::bytes) {
        constexpr char digits[] = "0123456789abcdef";
        line += "\\\\x";
        for (const char c : text) {
            line += digits[static_cast<unsigned char>(c) >> 4];
            line += digits[static_cast<unsigned char>(c) & 15];
        }
        return;
    }
    // Most texts have nothing to be escaped and go in one piece.
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char escaped = '\0';
        switch (text[at]) {
        case '\\':
            escaped = '\\';
            break;
        case '\n':
            escaped = 'n';
            break;
        case '\r':
            escaped = 'r';
            break;
        case '\t':
            escaped = 't';
            break;
        default:
            continue;
        }
        line.append(text.substr(begin, at - begin)) += '\\';
        line += escaped;
        begin = at + 1;
    }
    line.append(text.substr(begin));
}

void CopyIn::append_row(std::string& text, const std::vector<Value>& row) {
    for (const Value& value : row) {
        append(text, value);
        text += '\t';
    }
    text.back() = '\n';
}

Listener::Listener(std::shared_ptr<detail::Lease> lease) noexcept : lease_(std::move(lease)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;
Task<Notification> Listener::next() { return (*lease_)->next_notification(); }

// --- Session ------------------------------------------------------------------------------------

Task<std::uint64_t> Session::changed(Task<Rows> task) {
    const Rows rows = co_await std::move(task);
    co_return rows.changed();
}

// Those in conflict don't meet again.
Task<> Session::pause_before(unsigned attempt) {
    const unsigned spread = Uuid::v4().bytes()[0];
    return sleep_for(Duration::milliseconds((1 << std::min(attempt, 7U)) * (128 + spread) / 256));
}

void Session::throw_no_row() { throw Error::not_found(); }

Task<RowStream> Session::stream(Statement statement) {
    std::shared_ptr<detail::Lease> lease = co_await connection();
    co_await (*lease)->start_rows(std::move(statement));
    co_return RowStream{std::move(lease)};
}

Task<CopyIn> Session::copy_in(Statement statement) {
    if (dialect() != Dialect::postgres) detail::throw_unsupported(dialect(), "COPY");
    std::shared_ptr<detail::Lease> lease = co_await connection();
    co_await (*lease)->start_copy_in(std::move(statement));
    co_return CopyIn{std::move(lease)};
}

Task<CopyOut> Session::copy_out(Statement statement) {
    if (dialect() != Dialect::postgres) detail::throw_unsupported(dialect(), "COPY");
    std::shared_ptr<detail::Lease> lease = co_await connection();
    co_await (*lease)->start_copy_out(std::move(statement));
    co_return CopyOut{std::move(lease)};
}

Task<Transaction> Session::begin() { return begin(TransactionOptions{}); }

// --- Transaction --------------------------------------------------------------------------------

Transaction::Transaction(std::shared_ptr<detail::Lease> lease, Dialect dialect,
                         unsigned depth) noexcept
    : lease_(std::move(lease)), dialect_(dialect), depth_(depth) {}
Transaction::Transaction(Transaction&& other) noexcept = default;

Transaction::~Transaction() {
    if (!lease_) return;
    if (depth_ == 0)
        (*lease_)->run_later("ROLLBACK");
    else
        (*lease_)->run_later("ROLLBACK TO SAVEPOINT " + savepoint(depth_));
}

detail::Connection& Transaction::open_connection() const {
    if (!lease_) throw std::logic_error("armature: the transaction has ended");
    return **lease_;
}

Task<> Transaction::commit() {
    const bool is_savepoint = depth_ != 0;
    std::string text = is_savepoint ? "RELEASE SAVEPOINT " + savepoint(depth_) : "COMMIT";
    const std::string done = co_await open_connection().command(std::move(text));
    lease_.reset();
    // PostgreSQL's answer to the COMMIT of a transaction in which a statement failed.
    if (done == "ROLLBACK")
        throw DatabaseError{
            ErrorKind::other,
            {"the transaction was rolled back: a statement in it had failed before", "25P02"}};
}

Task<> Transaction::rollback() {
    std::string text = depth_ == 0 ? "ROLLBACK" : "ROLLBACK TO SAVEPOINT " + savepoint(depth_);
    co_await open_connection().command(std::move(text));
    lease_.reset();
}

Task<Rows> Transaction::run(Statement statement) {
    return open_connection().run(std::move(statement));
}

Task<std::vector<Rows>> Transaction::batch(std::vector<Statement> statements) {
    return open_connection().batch(std::move(statements));
}

Task<std::shared_ptr<detail::Lease>> Transaction::connection() {
    (void)open_connection();
    co_return lease_;
}

Task<Transaction> Transaction::begin(TransactionOptions) {
    std::string text = "SAVEPOINT " + savepoint(depth_ + 1);
    co_await open_connection().command(std::move(text));
    co_return Transaction{lease_, dialect_, depth_ + 1};
}

// --- Database -----------------------------------------------------------------------------------

Database::Database(DatabaseOptions options)
    : pool_(std::make_shared<detail::Pool>(std::move(options))) {}

namespace {

DatabaseOptions of_url(std::string url) {
    DatabaseOptions options;
    options.url = std::move(url);
    return options;
}

} // namespace

Database::Database(std::string url) : Database(of_url(std::move(url))) {}
Database::~Database() { close(); }

Task<Rows> Database::run(Statement statement) {
    const std::shared_ptr<detail::Lease> lease = co_await pool_->acquire();
    Rows rows = co_await (*lease)->run(std::move(statement));
    co_return rows;
}

Task<std::vector<Rows>> Database::batch(std::vector<Statement> statements) {
    const std::shared_ptr<detail::Lease> lease = co_await pool_->acquire();
    std::vector<Rows> all = co_await (*lease)->batch(std::move(statements));
    co_return all;
}

Task<std::shared_ptr<detail::Lease>> Database::connection() { return pool_->acquire(); }

Task<Transaction> Database::begin(TransactionOptions options) {
    std::shared_ptr<detail::Lease> lease = co_await pool_->acquire();
    for (std::string& text : begin_texts(dialect(), options))
        co_await (*lease)->command(std::move(text));
    co_return Transaction{std::move(lease), dialect(), 0};
}

Dialect Database::dialect() const noexcept { return pool_->driver().dialect(); }

Task<bool> Database::ping() {
    const Rows rows = co_await run(Statement::of("SELECT 1"));
    co_return rows.size() == 1;
}

Task<bool> Database::is_local() {
    const std::shared_ptr<detail::Lease> lease = co_await pool_->acquire();
    co_return (*lease)->is_local();
}

Task<> Database::notify(std::string channel, std::string payload) {
    if (dialect() != Dialect::postgres) detail::throw_unsupported(dialect(), "NOTIFY");
    co_await run(Statement::of("SELECT pg_notify($1, $2)", channel, payload));
}

Task<Listener> Database::listen_to(std::vector<std::string> channels) {
    if (dialect() != Dialect::postgres) detail::throw_unsupported(dialect(), "LISTEN");
    std::shared_ptr<detail::Lease> lease = co_await pool_->open_apart();
    for (const std::string& channel : channels) {
        std::string text = "LISTEN " + quoted_name(channel);
        co_await (*lease)->command(std::move(text));
    }
    co_return Listener{std::move(lease)};
}

std::size_t Database::open_connections() const noexcept { return pool_->size(); }
void Database::close() noexcept { pool_->close(); }

Task<> Database::on_module_init() {
    pool_->reopen(); // an application may be started again
    std::string why;
    try {
        co_await ping();
        co_return;
    } catch (const DatabaseError& error) {
        why = error.what();
    }
    throw std::runtime_error("armature: no connection to " + pool_->driver().name() + ": " + why);
}

} // namespace armature::db

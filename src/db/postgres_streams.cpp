#include "db/postgres.hpp"
#include "db/postgres_error.hpp"

#include <sys/epoll.h>

#include <utility>

// Streams of rows, COPY and notifications.

namespace armature::db::detail {

namespace {

constexpr std::size_t rows_a_portion = 256;
constexpr std::size_t copy_portion = 64 * 1024;

} // namespace

// Who reads slowly isn't a statement that runs too long.
Task<> PostgresConnection::begin_long() {
    check_usable();
    set_deadline();
    co_await drain();
    if (options_->statement_timeout.count() != 0) {
        co_await command("SET statement_timeout = 0");
        is_long_ = true;
    }
    deadline_ = 0;
}

Task<> PostgresConnection::start_rows(Statement statement) {
    co_await begin_long();
    co_await begin(statement);
    if (PQsetSingleRowMode(connection_.get()) == 0) throw_lost();
}

Task<std::optional<Rows>> PostgresConnection::next_rows() {
    std::optional<Rows> rows;
    if (!is_busy_) co_return rows; // the end was seen
    rows.emplace();
    while (rows->size() < rows_a_portion) {
        if (!rows->empty() && PQisBusy(connection_.get()) != 0) co_return rows;
        const ResultHandle result = co_await next_result();
        const ExecStatusType status = PQresultStatus(result.get());
        if (status == PGRES_SINGLE_TUPLE) {
            add_rows(result.get(), *rows);
            continue;
        }
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
            DatabaseError error = postgres_error(result.get(), sql_);
            if (PQstatus(connection_.get()) != CONNECTION_OK) is_broken_ = true;
            co_await discard_results();
            throw error; // NOLINT: copied
        }
        co_await discard_results();
        if (rows->empty()) rows.reset();
        break;
    }
    co_return rows;
}

Task<> PostgresConnection::begin_copy(const Statement& statement, ExecStatusType wanted) {
    co_await begin_long();
    const std::string unprepared;
    co_await send(statement, unprepared);
    const ResultHandle result = co_await next_result();
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == wanted) co_return;
    if (status != PGRES_FATAL_ERROR) {
        is_broken_ = true; // another COPY, which would have to be ended
        throw DatabaseError{ErrorKind::unsupported,
                            {"the statement is no COPY of that direction", "0A000"}};
    }
    DatabaseError error = postgres_error(result.get(), sql_);
    co_await discard_results();
    throw error; // NOLINT: copied
}

Task<> PostgresConnection::start_copy_in(Statement statement) {
    copying_.clear();
    co_await begin_copy(statement, PGRES_COPY_IN);
}

Task<> PostgresConnection::send_copied() {
    const std::string piece = std::exchange(copying_, {});
    if (piece.empty()) co_return;
    if (PQputCopyData(connection_.get(), piece.data(), static_cast<int>(piece.size())) != 1)
        throw_lost();
    co_await flush();
}

Task<> PostgresConnection::copy(std::string text) {
    copying_ += text;
    if (copying_.size() >= copy_portion) co_await send_copied();
}

Task<std::uint64_t> PostgresConnection::end_copy_in() {
    co_await send_copied();
    if (PQputCopyEnd(connection_.get(), nullptr) != 1) throw_lost();
    co_await flush();
    Rows rows;
    co_await collect(&rows, nullptr);
    co_return rows.changed();
}

Task<> PostgresConnection::start_copy_out(Statement statement) {
    co_await begin_copy(statement, PGRES_COPY_OUT);
}

Task<std::optional<std::string>> PostgresConnection::next_copied() {
    std::optional<std::string> piece;
    if (!is_busy_) co_return piece;
    piece.emplace();
    while (piece->size() < copy_portion) {
        char* row = nullptr;
        const int size = PQgetCopyData(connection_.get(), &row, 1);
        if (size > 0) {
            piece->append(row, static_cast<std::size_t>(size));
            PQfreemem(row);
            continue;
        }
        if (size == -2) throw_lost();
        if (size == -1) {
            co_await collect(nullptr, nullptr);
            if (piece->empty()) piece.reset();
            break;
        }
        if (!piece->empty()) break;
        co_await wait(EPOLLIN);
        if (PQconsumeInput(connection_.get()) == 0) throw_lost();
    }
    co_return piece;
}

Task<Notification> PostgresConnection::next_notification() {
    check_usable();
    deadline_ = 0;
    for (;;) {
        if (PGnotify* const notification = PQnotifies(connection_.get())) {
            Notification heard{notification->relname, notification->extra};
            PQfreemem(notification);
            co_return heard;
        }
        co_await wait(EPOLLIN);
        if (PQconsumeInput(connection_.get()) == 0) throw_lost();
    }
}

} // namespace armature::db::detail

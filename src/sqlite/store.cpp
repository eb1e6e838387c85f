#include "core/unix_time.hpp"
#include "core/work_thread.hpp"
#include "sqlite/database.hpp"
#include "store/counter.hpp"

#include <armature/core/error.hpp>
#include <armature/sqlite/store.hpp>

#include <utility>

namespace armature {

namespace {

class StoreError : public Error {
  public:
    explicit StoreError(std::string detail)
        : Error(Status::service_unavailable, std::move(detail)) {}
};
using Connection = sqlite::Connection<StoreError>;
using Statement = sqlite::Statement<StoreError>;
using Transaction = sqlite::Transaction<StoreError>;

// ends_at: milliseconds since 1970; 0: never.
constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS armature_store (
    key BLOB PRIMARY KEY,
    value BLOB NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS armature_store_ends ON armature_store (ends_at) WHERE ends_at > 0;
)";

std::int64_t end_of(Duration life, std::int64_t now) noexcept {
    return life ? now + life.count() : 0;
}

} // namespace

// Its functions run on the thread.
class SqliteStore::Impl {
  public:
    explicit Impl(const std::string& path)
        : connection_(path, sqlite::Durability::checkpoints, schema),
          get_(connection_.get(), "SELECT value, ends_at FROM armature_store WHERE key = ? AND "
                                  "(ends_at = 0 OR ends_at > ?)"),
          put_(connection_.get(), "INSERT INTO armature_store (key, value, ends_at) VALUES (?, ?, "
                                  "?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, "
                                  "ends_at = excluded.ends_at"),
          put_if_absent_(connection_.get(),
                         "INSERT INTO armature_store (key, value, ends_at) VALUES (?, ?, ?) ON "
                         "CONFLICT (key) DO UPDATE SET value = excluded.value, ends_at = "
                         "excluded.ends_at WHERE armature_store.ends_at BETWEEN 1 AND ?"),
          put_if_present_(connection_.get(), "UPDATE armature_store SET value = ?, ends_at = ? "
                                             "WHERE key = ? AND (ends_at = 0 OR ends_at > ?)"),
          erase_(connection_.get(), "DELETE FROM armature_store WHERE key = ? AND (ends_at = 0 OR "
                                    "ends_at > ?)"),
          expire_(connection_.get(), "UPDATE armature_store SET ends_at = ? WHERE key = ? AND "
                                     "(ends_at = 0 OR ends_at > ?)"),
          sweep_(connection_.get(),
                 "DELETE FROM armature_store WHERE key IN (SELECT key FROM armature_store WHERE "
                 "ends_at BETWEEN 1 AND ? ORDER BY ends_at LIMIT 256)") {}

    std::optional<std::string> get(const std::string& key) {
        get_.bind(sqlite::Blob{key}, unix_milliseconds());
        if (!get_.step()) return std::nullopt;
        std::optional<std::string> value{get_.blob(0)};
        get_.reset();
        return value;
    }

    bool set(const std::string& key, const std::string& value, Duration life, Write when) {
        sweep_now_and_then();
        const std::int64_t now = unix_milliseconds();
        const std::int64_t ends_at = end_of(life, now);
        switch (when) {
        case Write::if_absent:
            return put_if_absent_.run(sqlite::Blob{key}, sqlite::Blob{value}, ends_at, now) != 0;
        case Write::if_present:
            return put_if_present_.run(sqlite::Blob{value}, ends_at, sqlite::Blob{key}, now) != 0;
        default:
            put_.run(sqlite::Blob{key}, sqlite::Blob{value}, ends_at);
            return true;
        }
    }

    bool erase(const std::string& key) {
        return erase_.run(sqlite::Blob{key}, unix_milliseconds()) != 0;
    }

    bool expire(const std::string& key, Duration life) {
        const std::int64_t now = unix_milliseconds();
        return expire_.run(end_of(life, now), sqlite::Blob{key}, now) != 0;
    }

    std::int64_t add(const std::string& key, std::int64_t amount, Duration life) {
        sweep_now_and_then();
        Transaction transaction{connection_.get()};
        const std::int64_t now = unix_milliseconds();
        std::int64_t value = amount;
        std::int64_t ends_at = end_of(life, now);
        get_.bind(sqlite::Blob{key}, now);
        if (get_.step()) {
            const std::string text = get_.blob(0);
            ends_at = get_.integer(1);
            get_.reset();
            value = store::add_to(key, text, amount);
        }
        put_.run(sqlite::Blob{key}, sqlite::Blob{std::to_string(value)}, ends_at);
        transaction.commit();
        return value;
    }

    // With each 64th write up to 256 go whose life is over.
    void sweep_now_and_then() {
        if (++writes_ % 64 == 0) sweep_.run(unix_milliseconds());
    }

    WorkThread& thread() noexcept { return thread_; }

  private:
    Connection connection_;
    Statement get_, put_, put_if_absent_, put_if_present_, erase_, expire_, sweep_;
    unsigned writes_ = 0;
    WorkThread thread_; ///< uses all of the above until its end
};

SqliteStore::SqliteStore(const std::string& path) : impl_(new Impl{path}) {}
SqliteStore::~SqliteStore() = default;

Task<std::optional<std::string>> SqliteStore::get(std::string key) {
    auto work = [impl = impl_.get(), key = std::move(key)] { return impl->get(key); };
    return impl_->thread().call(std::move(work));
}

Task<bool> SqliteStore::set(std::string key, std::string value, Duration life, Write when) {
    auto work = [impl = impl_.get(), key = std::move(key), value = std::move(value), life, when] {
        return impl->set(key, value, life, when);
    };
    return impl_->thread().call(std::move(work));
}

Task<bool> SqliteStore::erase(std::string key) {
    auto work = [impl = impl_.get(), key = std::move(key)] { return impl->erase(key); };
    return impl_->thread().call(std::move(work));
}

Task<bool> SqliteStore::expire(std::string key, Duration life) {
    auto work = [impl = impl_.get(), key = std::move(key), life] {
        return impl->expire(key, life);
    };
    return impl_->thread().call(std::move(work));
}

Task<std::int64_t> SqliteStore::add(std::string key, std::int64_t amount, Duration life) {
    auto work = [impl = impl_.get(), key = std::move(key), amount, life] {
        return impl->add(key, amount, life);
    };
    return impl_->thread().call(std::move(work));
}

} // namespace armature

#include "audit/verify.hpp"

#include "audit/entry.hpp"
#include "crypto/crypto.hpp"
#include "sqlite/database.hpp"

#include <armature/audit/audit_log.hpp>
#include <armature/core/base64.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace armature {

namespace audit {

namespace {

using Connection = sqlite::Connection<AuditLogError>;
using Statement = sqlite::Statement<AuditLogError>;

constexpr const char* all_columns =
    "SELECT seq, at, actor, action, target, outcome, address, method, route, request_id, trace_id, "
    "\"before\", \"after\", previous, hash FROM armature_audit WHERE seq > ? ORDER BY seq LIMIT ?";

Entry entry_of(const Statement& row) {
    Entry entry;
    entry.seq = row.integer(0);
    int column = 0;
    for (std::string* const text :
         {&entry.at, &entry.actor, &entry.action, &entry.target, &entry.outcome, &entry.address,
          &entry.method, &entry.route, &entry.request_id, &entry.trace_id, &entry.before,
          &entry.after, &entry.previous, &entry.hash})
        *text = row.text(++column);
    return entry;
}

// Anchors by the entry that they are of.
using Anchors = std::multimap<std::int64_t, Anchor>;

Anchors anchors_of(sqlite3* database, std::string_view lines) {
    Anchors anchors;
    Statement rows{database, "SELECT seq, at, hash, key, signature FROM armature_audit_anchors"};
    for (rows.bind(); rows.step();) {
        Anchor anchor;
        anchor.seq = rows.integer(0);
        anchor.at = rows.text(1);
        anchor.hash = rows.text(2);
        anchor.key = rows.text(3);
        anchor.signature = rows.text(4);
        anchors.emplace(anchor.seq, anchor);
    }
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        if (end != 0) {
            std::optional<Anchor> anchor = Anchor::parse(lines.substr(0, end));
            if (!anchor) throw AuditLogError("a line of the anchors is no anchor");
            anchors.emplace(anchor->seq, *std::move(anchor));
        }
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return anchors;
}

class Check {
  public:
    Check(sqlite3* database, Anchors anchors, std::string public_key)
        : anchors_(std::move(anchors)), public_key_(std::move(public_key)),
          rows_(database, all_columns) {}

    AuditVerification run() {
        std::string previous = no_hash();
        for (rows_.bind(std::numeric_limits<std::int64_t>::min(), std::int64_t{-1});
             rows_.step();) {
            const Entry entry = entry_of(rows_);
            if (!follows(entry, previous) || !is_anchored(entry)) return result_;
            previous = entry.hash;
            ++result_.entries;
        }
        const auto beyond = anchors_.upper_bound(static_cast<std::int64_t>(result_.entries));
        if (beyond != anchors_.end() && is_genuine(beyond->second)) {
            broken(result_.entries + 1, "is missing: the log had " + std::to_string(beyond->first) +
                                            " entries at " + beyond->second.at);
            return result_;
        }
        result_.is_intact = result_.why.empty();
        return result_;
    }

  private:
    bool follows(const Entry& entry, const std::string& previous) {
        const std::uint64_t expected = result_.entries + 1;
        if (entry.seq < 1 || static_cast<std::uint64_t>(entry.seq) != expected)
            return broken(expected, "is missing");
        if (entry.computed_hash() != entry.hash) return broken(expected, "was changed");
        if (entry.previous != previous)
            return broken(expected, "doesn't follow the entry before it");
        return true;
    }

    // Whether the entry is the one that was there when it was anchored.
    bool is_anchored(const Entry& entry) {
        if (public_key_.empty()) return true;
        const auto [first, last] = anchors_.equal_range(entry.seq);
        for (auto one = first; one != last; ++one) {
            if (!is_genuine(one->second)) return false;
            if (one->second.hash != entry.hash)
                return broken(result_.anchored + 1,
                              "or one up to " + std::to_string(entry.seq) +
                                  " was written anew: entry " + std::to_string(entry.seq) +
                                  " isn't the one that was anchored at " + one->second.at);
            result_.anchored = static_cast<std::uint64_t>(entry.seq);
        }
        return true;
    }

    bool is_genuine(const Anchor& anchor) {
        if (public_key_.empty()) return false;
        return anchor.is_signed_by(public_key_) ||
               broken(static_cast<std::uint64_t>(anchor.seq),
                      "has an anchor that this key didn't sign");
    }

    bool broken(std::uint64_t entry, const std::string& how) {
        result_.broken_at = entry;
        result_.why = "Entry " + std::to_string(entry) + ' ' + how;
        return false;
    }

    Anchors anchors_;
    std::string public_key_; ///< its bytes
    Statement rows_;
    AuditVerification result_;
};

} // namespace

Lines read_lines(const std::string& path, std::uint64_t after, unsigned limit) {
    const Connection connection{path};
    Statement rows{connection.get(), all_columns};
    Lines lines;
    for (rows.bind(static_cast<std::int64_t>(after), std::int64_t{limit}); rows.step();) {
        const Entry entry = entry_of(rows);
        lines.text += entry.to_json(true) + '\n';
        lines.last = static_cast<std::uint64_t>(entry.seq);
    }
    return lines;
}

std::string read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file.is_open()) {
        if (errno == ENOENT) return {};
        throw AuditLogError(path + ": " + std::strerror(errno));
    }
    return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace audit

AuditVerification verify_audit_log(const std::string& path, const AuditCheck& against) {
    std::string key;
    if (!against.public_key.empty()) {
        key = from_base64(against.public_key).value_or("");
        if (key.size() != crypto::ed25519_key_size)
            throw std::invalid_argument(
                "armature: AuditCheck::public_key is what AuditLog::public_key gave: the base64 of "
                "32 bytes");
    } else if (!against.anchors.empty()) {
        throw std::invalid_argument(
            "armature: AuditCheck::anchors can't be checked without a public_key");
    }
    const audit::Connection connection{path};
    // Entries and anchors of the same moment, beside who writes.
    sqlite::execute<AuditLogError>(connection.get(), "BEGIN");
    audit::Check check{connection.get(), audit::anchors_of(connection.get(), against.anchors),
                       std::move(key)};
    return check.run();
}

} // namespace armature

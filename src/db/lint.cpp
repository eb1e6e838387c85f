#include "db/lint.hpp"

#include "db/sql_splitter.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

// Rules of strong_migrations and squawk, as far as the words of a statement say it surely. None of
// them looks into a database.

namespace armature::db::detail {

namespace {

enum Rule : std::size_t {
    drop_table,
    drop_column,
    rename_table,
    rename_column,
    rename_enum_value,
    rename_schema,
    required_column,
    change_type,
    set_not_null,
    volatile_default,
    serial_column,
    stored_column,
    foreign_key,
    check_constraint,
    unique_constraint,
    exclusion_constraint,
    blocking_index,
    blocking_index_drop,
    blocking_reindex,
    not_in_transaction,
    transaction_control,
    every_row,
    truncate,
    vacuum_full,
    json_type,
    char_type,
    timestamp_type,
    lost_pragma,
};

constexpr LintRule rules[] = {
    {"drop-table", "programs that still run read it, and its rows are gone for good",
     "release a version that doesn't use it, then drop it in a later migration"},
    {"drop-column", "programs that still run read and write it",
     "release a version that doesn't use it, then drop it in a later migration"},
    {"rename-table", "programs that still run use the old name",
     "make a view of the old name in the same migration, or a new table that is written beside the "
     "old one"},
    {"rename-column", "programs that still run use the old name",
     "add a column, write both, copy the rows in batches, read the new one, then drop the old one"},
    {"rename-enum-value", "programs that still run write the old name",
     "add a value, move the rows, and leave the old one alone"},
    {"rename-schema", "programs that still run use the old name",
     "make a new schema, and move one table after the other"},
    {"required-column", "a table with rows refuses a NOT NULL column without a DEFAULT",
     "give it a DEFAULT, or add it without NOT NULL, fill it in batches, and make it NOT NULL "
     "later"},
    {"change-type", "the table is written anew while nobody can read it",
     "add a column of the new type, write both, copy the rows in batches, then switch over"},
    {"set-not-null", "all rows are looked at while nobody can read the table",
     "ADD CONSTRAINT … CHECK (c IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT in the next migration, "
     "then SET NOT NULL, which needs no look any more, and drop the constraint"},
    {"volatile-default",
     "each row gets a value of its own, so the table is written anew while "
     "nobody can read it",
     "add the column without it, ALTER COLUMN … SET DEFAULT, and fill the rows in batches"},
    {"serial-column",
     "each row gets a number, so the table is written anew while nobody can read it",
     "add the column without it, fill the rows in batches, then give it its sequence"},
    {"stored-column", "the table is written anew while nobody can read it",
     "add a plain column, and fill it by a trigger and in batches"},
    {"foreign-key", "all rows are looked at while nobody can write to either table",
     "add it NOT VALID, and VALIDATE CONSTRAINT in the next migration"},
    {"check-constraint", "all rows are looked at while nobody can write to the table",
     "add it NOT VALID, and VALIDATE CONSTRAINT in the next migration"},
    {"unique-constraint", "an index is built while nobody can write to the table",
     "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … UNIQUE (or PRIMARY KEY) USING INDEX"},
    {"exclusion-constraint", "an index is built while nobody can write to the table",
     "there is no gentle way: let it run when nobody writes"},
    {"blocking-index", "nobody can write to the table until the index is built",
     "CREATE INDEX CONCURRENTLY, behind '-- migrate:up transaction:false'"},
    {"blocking-index-drop", "nobody can read the table meanwhile, and it waits for who reads it",
     "DROP INDEX CONCURRENTLY, behind '-- migrate:up transaction:false'"},
    {"blocking-reindex", "nobody can write to the table until the index is built",
     "REINDEX … CONCURRENTLY, behind '-- migrate:up transaction:false'"},
    {"not-in-transaction", "this can't run in a transaction, and fails",
     "put it alone into a migration that says '-- migrate:up transaction:false'"},
    {"transaction-control",
     "the migration has a transaction of its own, which this would end, so "
     "that half of it may stay",
     "leave it out, or say '-- migrate:up transaction:false'"},
    {"every-row", "each row is locked until the migration ends",
     "change them in batches, outside of the migration or behind '-- migrate:up "
     "transaction:false'"},
    {"truncate", "all rows are gone for good, and nobody can read the table meanwhile",
     "delete what isn't needed, in batches"},
    {"vacuum-full", "the table is written anew while nobody can read it",
     "plain VACUUM, or pg_repack"},
    {"json-type", "json has no equality, so that SELECT DISTINCT over it fails", "jsonb"},
    {"char-type", "char(n) pads with spaces, and is no faster", "text, with a CHECK of its length"},
    {"timestamp-type", "it doesn't say of which time zone it is", "timestamptz"},
    {"lost-pragma", "within a transaction this has no effect, or fails",
     "leave it out: foreign keys are off while migrations run, and databases are in WAL mode"},
};
static_assert(std::size(rules) == lost_pragma + 1);

struct Token {
    std::string text; ///< in upper case, unless it is in quotes
    bool is_name;     ///< a word, or a name in quotes
};

std::vector<Token> tokens_of(std::string_view sql) {
    std::vector<Token> tokens;
    for (std::size_t at = 0; at < sql.size();) {
        const char c = sql[at];
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            ++at;
            continue;
        }
        const std::size_t after = after_quoted(sql, at);
        if (after != at) {
            if (c == '"' || c == '`')
                tokens.push_back({std::string{sql.substr(at + 1, after - at - 2)}, true});
            else if (c != '-' && c != '/')
                tokens.push_back({"''", false});
            at = after;
            continue;
        }
        std::size_t end = at + 1;
        const bool is_name = is_word(c);
        while (is_name && end < sql.size() && (is_word(sql[end]) || sql[end] == '$'))
            ++end;
        tokens.push_back({upper_case(sql.substr(at, end - at)), is_name});
        at = end;
    }
    return tokens;
}

/// A statement's tokens, read from front to end.
class Cursor {
  public:
    Cursor(const Token* begin, const Token* end) noexcept : at_(begin), end_(end) {}

    [[nodiscard]] bool is_at_end() const noexcept { return at_ == end_; }
    [[nodiscard]] std::string_view peek(std::size_t ahead = 0) const noexcept {
        return static_cast<std::size_t>(end_ - at_) > ahead ? std::string_view{at_[ahead].text}
                                                            : std::string_view{};
    }
    [[nodiscard]] bool is(std::initializer_list<std::string_view> words) const noexcept {
        std::size_t ahead = 0;
        for (const std::string_view word : words)
            if (peek(ahead++) != word) return false;
        return true;
    }
    bool take(std::initializer_list<std::string_view> words) noexcept {
        if (!is(words)) return false;
        at_ += words.size();
        return true;
    }
    void skip() noexcept {
        if (at_ != end_) ++at_;
    }
    /// "SCHEMA.NAME"
    std::string take_name() {
        std::string name;
        while (!is_at_end() && at_->is_name) {
            name += upper_case(at_->text);
            ++at_;
            if (peek() != ".") break;
            name += '.';
            ++at_;
        }
        return name;
    }
    /// Whether the words stand somewhere, outside of parentheses.
    [[nodiscard]] bool has(std::initializer_list<std::string_view> words) const noexcept {
        Cursor rest = *this;
        unsigned depth = 0;
        for (; !rest.is_at_end(); rest.skip()) {
            if (rest.peek() == "(") ++depth;
            if (rest.peek() == ")" && depth != 0) --depth;
            if (depth == 0 && rest.is(words)) return true;
        }
        return false;
    }
    /// Whether one of the functions is called somewhere.
    [[nodiscard]] bool calls(std::initializer_list<std::string_view> functions) const noexcept {
        for (Cursor rest = *this; !rest.is_at_end(); rest.skip())
            if (rest.peek(1) == "(" &&
                std::find(functions.begin(), functions.end(), rest.peek()) != functions.end())
                return true;
        return false;
    }
    /// Up to a comma outside of parentheses, which is skipped, or to the end of those around it.
    Cursor take_item() noexcept {
        const Token* const begin = at_;
        unsigned depth = 0;
        for (; at_ != end_; ++at_) {
            if (at_->text == "(" && !at_->is_name) ++depth;
            if (at_->text == ")" && !at_->is_name && depth-- == 0) break;
            if (at_->text == "," && depth == 0) break;
        }
        const Cursor item{begin, at_};
        if (peek() == ",") skip();
        return item;
    }

  private:
    const Token* at_;
    const Token* end_;
};

class Linter {
  public:
    Linter(const MigrationPart& part, Dialect dialect) : part_(part), dialect_(dialect) {}

    std::vector<LintFinding> run() {
        const std::string_view script = part_.script();
        const std::vector<ScriptStatement> statements = split_script(script, dialect_);
        std::size_t before = 0; // the end of the statement before, and of its line
        for (const ScriptStatement& statement : statements) {
            statement_ = &statement;
            const std::size_t end = statement.offset + statement.text.size();
            const std::size_t line_end = std::min(script.find('\n', end), script.size());
            read_ignored(script, before, line_end);
            before = line_end;
            const std::vector<Token> tokens = tokens_of(statement.text);
            check(Cursor{tokens.data(), tokens.data() + tokens.size()});
        }
        return std::move(findings_);
    }

  private:
    [[nodiscard]] bool is_postgres() const noexcept { return dialect_ == Dialect::postgres; }

    void add(Rule rule) {
        const std::string_view name = rules[rule].name;
        if (std::find(ignored_.begin(), ignored_.end(), name) != ignored_.end()) return;
        LintFinding& finding = place(statement_->offset);
        finding.rule = &rules[rule];
        ignored_.emplace_back(name); // once a statement is enough
    }
    LintFinding& place(std::size_t offset) {
        const TextPosition position = position_of(part_.text, part_.offset + offset);
        LintFinding& finding = findings_.emplace_back();
        finding.file = part_.file;
        finding.line = position.line;
        finding.column = position.column;
        return finding;
    }

    // "-- lint:ignore RULE RULE: because …" before a statement, in it or behind it on its line.
    void read_ignored(std::string_view script, std::size_t begin, std::size_t end) {
        constexpr std::string_view marker = "lint:ignore";
        ignored_.clear();
        for (std::size_t at = begin; at < end;) {
            const std::size_t after = after_quoted(script, at);
            if (after == at || script[at] != '-') {
                at = std::max(after, at + 1);
                continue;
            }
            std::string_view comment = script.substr(at, after - at);
            const std::size_t found = comment.find(marker);
            if (found != std::string_view::npos) {
                comment.remove_prefix(found + marker.size());
                comment = comment.substr(0, comment.find(':'));
                read_names(comment, at);
            }
            at = after;
        }
    }
    void read_names(std::string_view names, std::size_t offset) {
        const auto is_separator = [](char c) { return c == ' ' || c == ',' || c == '\r'; };
        while (!names.empty()) {
            if (is_separator(names.front())) {
                names.remove_prefix(1);
                continue;
            }
            const auto stop = std::find_if(names.begin(), names.end(), is_separator);
            const std::string_view name =
                names.substr(0, static_cast<std::size_t>(stop - names.begin()));
            names.remove_prefix(name.size());
            const bool is_known =
                std::any_of(std::begin(rules), std::end(rules),
                            [&](const LintRule& rule) { return rule.name == name; });
            if (is_known)
                ignored_.emplace_back(name);
            else
                place(offset).text = name;
        }
    }

    [[nodiscard]] bool is_new(const std::string& table) const {
        return std::find(made_.begin(), made_.end(), table) != made_.end();
    }

    void check(Cursor at) {
        if (at.is({"CREATE"})) return create(at);
        if (at.is({"ALTER"})) return alter(at);
        if (at.is({"DROP"})) return drop(at);
        if (at.is({"UPDATE"}) || at.is({"DELETE"})) return change_rows(at);
        if (at.take({"TRUNCATE"})) {
            at.take({"TABLE"});
            at.take({"ONLY"});
            if (!is_new(at.take_name())) add(truncate);
            return;
        }
        if (part_.in_transaction && (at.is({"BEGIN"}) || at.is({"COMMIT"}) || at.is({"ROLLBACK"}) ||
                                     at.is({"END"}) || at.is({"START", "TRANSACTION"})))
            return add(transaction_control);
        if (at.take({"VACUUM"})) {
            if (part_.in_transaction) add(not_in_transaction);
            if (is_postgres() && (at.is({"FULL"}) || at.is({"(", "FULL"}))) add(vacuum_full);
            return;
        }
        if (is_postgres() && at.take({"REINDEX"})) {
            const bool is_gentle = at.has({"CONCURRENTLY"});
            if (!is_gentle) add(blocking_reindex);
            if (is_gentle && part_.in_transaction) add(not_in_transaction);
            return;
        }
        if (dialect_ == Dialect::sqlite && part_.in_transaction && at.take({"PRAGMA"}) &&
            (at.is({"FOREIGN_KEYS"}) || at.is({"JOURNAL_MODE"}) || at.is({"SYNCHRONOUS"})))
            add(lost_pragma);
    }

    void create(Cursor at) {
        at.skip();
        while (at.take({"TEMP"}) || at.take({"TEMPORARY"}) || at.take({"UNLOGGED"}))
            continue;
        if (at.take({"TABLE"})) {
            at.take({"IF", "NOT", "EXISTS"});
            made_.push_back(at.take_name());
            if (!at.take({"("})) return;
            while (!at.is_at_end() && at.peek() != ")") {
                const Cursor item = at.take_item();
                if (!is_constraint(item)) check_column_type(item);
            }
            return;
        }
        if (is_postgres() && part_.in_transaction && (at.is({"DATABASE"}) || at.is({"TABLESPACE"})))
            return add(not_in_transaction);
        at.take({"UNIQUE"});
        if (!at.take({"INDEX"}) || !is_postgres()) return;
        if (at.take({"CONCURRENTLY"})) {
            if (part_.in_transaction) add(not_in_transaction);
            return;
        }
        while (!at.is_at_end() && !at.is({"ON"}))
            at.skip();
        at.skip();
        at.take({"ONLY"});
        if (!is_new(at.take_name())) add(blocking_index);
    }

    static bool is_constraint(const Cursor& item) noexcept {
        for (const std::string_view word :
             {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE", "LIKE"})
            if (item.peek() == word) return true;
        return false;
    }

    /// Of "name type …".
    void check_column_type(Cursor column) {
        if (!is_postgres()) return;
        column.skip();
        if (column.is({"JSON"})) add(json_type);
        if (column.is({"CHAR"}) || (column.is({"CHARACTER"}) && column.peek(1) != "VARYING"))
            add(char_type);
        if (column.take({"TIMESTAMP"})) {
            if (column.take({"("})) {
                while (!column.is_at_end() && !column.take({")"}))
                    column.skip();
            }
            if (!column.is({"WITH", "TIME"})) add(timestamp_type);
        }
    }

    void alter(Cursor at) {
        at.skip();
        if (at.take({"TYPE"})) {
            if (at.has({"RENAME", "VALUE"})) add(rename_enum_value);
            return;
        }
        if (at.take({"SCHEMA"})) {
            if (at.has({"RENAME", "TO"})) add(rename_schema);
            return;
        }
        if (is_postgres() && part_.in_transaction && at.is({"SYSTEM"}))
            return add(not_in_transaction);
        if (!at.take({"TABLE"})) return;
        at.take({"IF", "EXISTS"});
        at.take({"ONLY"});
        const std::string table = at.take_name();
        at.take({"*"});
        if (is_new(table)) return;
        while (!at.is_at_end() && at.peek() != ")")
            alter_table(at.take_item());
    }

    void alter_table(Cursor at) {
        if (at.take({"RENAME"})) {
            if (at.is({"TO"})) return add(rename_table);
            if (at.is({"CONSTRAINT"})) return;
            return add(rename_column);
        }
        if (at.take({"DROP"})) {
            if (at.is({"CONSTRAINT"})) return;
            return add(drop_column);
        }
        if (at.take({"ADD"})) return is_constraint(at) ? add_constraint(at) : add_column(at);
        if (!at.take({"ALTER"})) return;
        at.take({"COLUMN"});
        at.take_name();
        if (at.is({"TYPE"}) || at.is({"SET", "DATA", "TYPE"})) add(change_type);
        if (at.is({"SET", "NOT", "NULL"})) add(set_not_null);
    }

    void add_constraint(Cursor at) {
        if (!is_postgres()) return;
        if (at.take({"CONSTRAINT"})) at.take_name();
        const bool is_gentle = at.has({"NOT", "VALID"}) || at.has({"USING", "INDEX"});
        if (is_gentle) return;
        if (at.is({"FOREIGN"})) add(foreign_key);
        if (at.is({"CHECK"})) add(check_constraint);
        if (at.is({"UNIQUE"}) || at.is({"PRIMARY"})) add(unique_constraint);
        if (at.is({"EXCLUDE"})) add(exclusion_constraint);
    }

    void add_column(Cursor at) {
        at.take({"COLUMN"});
        at.take({"IF", "NOT", "EXISTS"});
        check_column_type(at);
        const bool is_generated = at.has({"GENERATED"});
        const bool is_serial =
            is_postgres() && (at.peek(1).ends_with("SERIAL") || at.peek(1).starts_with("SERIAL") ||
                              (is_generated && at.has({"AS", "IDENTITY"})));
        const bool has_default = at.has({"DEFAULT"}) || is_generated || is_serial;
        if (at.has({"NOT", "NULL"}) && !has_default) add(required_column);
        if (at.has({"PRIMARY", "KEY"}) && !has_default) add(required_column);
        if (!is_postgres()) return;
        if (is_serial)
            add(serial_column);
        else if (is_generated && at.has({"STORED"}))
            add(stored_column);
        else if (at.calls({"RANDOM", "GEN_RANDOM_UUID", "UUID_GENERATE_V4", "UUID_GENERATE_V1",
                           "CLOCK_TIMESTAMP", "NEXTVAL", "TIMEOFDAY", "TXID_CURRENT"}) &&
                 at.has({"DEFAULT"}))
            add(volatile_default);
        if (at.has({"UNIQUE"})) add(unique_constraint);
    }

    void drop(Cursor at) {
        at.skip();
        if (at.take({"TABLE"})) {
            at.take({"IF", "EXISTS"});
            while (!at.is_at_end() && at.peek() != ")") {
                Cursor item = at.take_item();
                if (!is_new(item.take_name())) add(drop_table);
            }
            return;
        }
        if (!is_postgres()) return;
        if (part_.in_transaction && (at.is({"DATABASE"}) || at.is({"TABLESPACE"})))
            return add(not_in_transaction);
        if (!at.take({"INDEX"})) return;
        if (!at.take({"CONCURRENTLY"}))
            add(blocking_index_drop);
        else if (part_.in_transaction)
            add(not_in_transaction);
    }

    void change_rows(Cursor at) {
        const bool is_update = at.is({"UPDATE"});
        const Cursor all = at;
        at.skip();
        if (!is_update && !at.take({"FROM"})) return;
        at.take({"ONLY"});
        if (is_new(at.take_name()) || all.has({"WHERE"}) || !part_.in_transaction) return;
        add(every_row);
    }

    const MigrationPart& part_;
    Dialect dialect_;
    const ScriptStatement* statement_ = nullptr;
    std::vector<LintFinding> findings_;
    std::vector<std::string> ignored_;
    std::vector<std::string> made_; ///< tables of this very migration
};

} // namespace

std::span<const LintRule> lint_rules() noexcept { return rules; }

std::vector<LintFinding> lint(const Migration& migration, Dialect dialect) {
    return Linter{migration.up, dialect}.run();
}

} // namespace armature::db::detail

#include "db/sql_splitter.hpp"

#include "db/mariadb_sql.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>

namespace armature::db::detail {

std::string upper_case(std::string_view text) {
    std::string upper{text};
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return upper;
}

namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) noexcept {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Whether a statement may end at a semicolon: from the words in it so far.
class Bodies {
  public:
    explicit Bodies(Dialect dialect) noexcept : dialect_(dialect) {}

    void add(std::string_view word) {
        std::string text = upper_case(word);
        if (dialect_ == Dialect::mariadb) {
            add_in_mariadb(std::move(text));
            return;
        }
        if (count_ < 4) first_[count_] = text;
        ++count_;
        if (depth_ == 0) {
            const bool begins = dialect_ == Dialect::sqlite
                                    ? text == "BEGIN" && is_trigger()
                                    : text == "ATOMIC" && before_ == "BEGIN";
            if (begins) depth_ = 1;
        } else if (text == "BEGIN" || text == "CASE") {
            ++depth_;
        } else if (text == "END") {
            --depth_;
        }
        before_ = std::move(text);
    }
    /// Something else than a word.
    void add_sign(char sign) {
        if (dialect_ == Dialect::mariadb) before_.assign(1, sign);
    }
    [[nodiscard]] bool may_end() const noexcept { return depth_ == 0; }

  private:
    void add_in_mariadb(std::string text) {
        ++count_;
        if (!is_stored_ && !is_other_) {
            is_stored_ =
                is_one_of(text, {"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"}) ||
                (count_ == 2 && text == "NOT" && before_ == "BEGIN"); // NOT ATOMIC
            if (is_stored_ && text == "NOT") depth_ = 1;
            // CREATE OR REPLACE DEFINER = `a`@`b` PROCEDURE
            is_other_ = !is_stored_ && count_ == 1 &&
                        !is_one_of(text, {"CREATE", "ALTER", "BEGIN"}) && !is_number(text);
            is_other_ =
                is_other_ || is_one_of(text, {"TABLE", "VIEW", "INDEX", "DATABASE", "USER"});
        } else if (is_stored_) {
            // Words that are functions or part of other clauses as well begin something only where
            // a statement begins.
            const bool begins_statement =
                is_one_of(before_, {";", "BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT", ":"});
            if (is_one_of(text, {"IF", "CASE", "LOOP", "REPEAT", "WHILE", "FOR"}) &&
                before_ == "END") {
                // END IF
            } else if (is_one_of(text, {"BEGIN", "CASE", "LOOP", "WHILE"})) {
                ++depth_;
            } else if (is_one_of(text, {"REPEAT", "FOR"}) && begins_statement) {
                ++depth_;
            } else if (text == "IF" && (begins_statement || depth_ == 0)) {
                ++depth_;
            } else if (text == "EXISTS" && before_ == "NOT" && is_behind_if_ && depth_ == 1) {
                --depth_; // CREATE PROCEDURE IF NOT EXISTS
            } else if (text == "END" && depth_ > 0) {
                --depth_;
            }
        }
        is_behind_if_ = before_ == "IF";
        before_ = std::move(text);
    }
    static bool is_number(std::string_view text) noexcept {
        return !text.empty() && is_digit(text[0]);
    }

    // CREATE [TEMP|TEMPORARY] TRIGGER
    [[nodiscard]] bool is_trigger() const {
        return first_[0] == "CREATE" && std::find(first_ + 1, first_ + 4, "TRIGGER") != first_ + 4;
    }

    Dialect dialect_;
    std::string first_[4];
    std::string before_;
    std::size_t count_ = 0;
    unsigned depth_ = 0;
    bool is_stored_ = false;
    bool is_other_ = false;
    bool is_behind_if_ = false;
};

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

} // namespace

std::vector<ScriptStatement> split_script(std::string_view script, Dialect dialect) {
    std::vector<ScriptStatement> statements;
    std::size_t begin = std::string_view::npos; // of the statement's first word
    std::size_t end = 0;                        // behind its last one
    Bodies bodies{dialect};
    const auto finish = [&] {
        if (begin != std::string_view::npos)
            statements.push_back({script.substr(begin, end - begin), begin});
        begin = std::string_view::npos;
        bodies = Bodies{dialect};
    };
    for (std::size_t at = 0; at < script.size();) {
        const char c = script[at];
        if (is_space(c)) {
            ++at;
            continue;
        }
        const std::size_t after = dialect == Dialect::mariadb
                                      ? after_quoted_in_mariadb(script, at, true)
                                      : after_quoted(script, at);
        if (after != at) {
            const bool is_comment = c == '-' || c == '/' || c == '#';
            if (!is_comment) {
                bodies.add_sign(c);
                begin = std::min(begin, at);
                end = after;
            }
            at = after;
            continue;
        }
        if (c == ';' && bodies.may_end()) {
            finish();
            ++at;
            continue;
        }
        begin = std::min(begin, at);
        std::size_t stop = at + 1;
        if (is_word(c)) {
            while (stop < script.size() && (is_word(script[stop]) || script[stop] == '$'))
                ++stop;
            // E'…' is one text
            bodies.add(script.substr(at, stop - at));
        } else {
            bodies.add_sign(c);
        }
        end = at = stop;
    }
    finish();
    return statements;
}

TextPosition position_of(std::string_view text, std::size_t offset) noexcept {
    TextPosition position;
    for (std::size_t i = 0; i < std::min(offset, text.size()); ++i) {
        if (text[i] == '\n') {
            ++position.line;
            position.column = 1;
        } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
            ++position.column;
        }
    }
    return position;
}

} // namespace armature::db::detail

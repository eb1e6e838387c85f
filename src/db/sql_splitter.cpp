#include "db/sql_splitter.hpp"

#include <algorithm>
#include <string>

namespace armature::db::detail {

std::string upper_case(std::string_view text) {
    std::string upper{text};
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return upper;
}

namespace {

/// Whether a statement may end at a semicolon: from the words in it so far.
class Bodies {
  public:
    explicit Bodies(Dialect dialect) noexcept : dialect_(dialect) {}

    void add(std::string_view word) {
        std::string text = upper_case(word);
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
    [[nodiscard]] bool may_end() const noexcept { return depth_ == 0; }

  private:
    // CREATE [TEMP|TEMPORARY] TRIGGER
    [[nodiscard]] bool is_trigger() const {
        return first_[0] == "CREATE" && std::find(first_ + 1, first_ + 4, "TRIGGER") != first_ + 4;
    }

    Dialect dialect_;
    std::string first_[4];
    std::string before_;
    std::size_t count_ = 0;
    unsigned depth_ = 0;
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
        const std::size_t after = after_quoted(script, at);
        if (after != at) {
            const bool is_comment = c == '-' || c == '/';
            if (!is_comment) {
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

#include "cli/mock/generate.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace armature::cli::mock {

namespace {

constexpr unsigned most_repeats = 64;
constexpr unsigned usual_repeats = 6; // for * and +
constexpr unsigned most_depth = 50;

// Walks a regular expression and writes one text that it matches. Sets `failed_` where it meets
// what it doesn't know.
class PatternWriter {
  public:
    PatternWriter(std::string_view pattern, Random& random) : rest_(pattern), random_(random) {}

    std::optional<std::string> write() {
        std::string text = alternatives();
        if (!rest_.empty()) failed_ = true;
        return failed_ ? std::nullopt : std::optional{std::move(text)};
    }

  private:
    [[nodiscard]] bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }
    bool take(char c) {
        if (!next_is(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    char take_any() {
        if (rest_.empty()) {
            failed_ = true;
            return ' ';
        }
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    std::string alternatives() {
        if (++depth_ > most_depth) failed_ = true;
        std::vector<std::string> all;
        do
            all.push_back(sequence());
        while (!failed_ && take('|'));
        --depth_;
        return all[random_.below(all.size())];
    }

    std::string sequence() {
        std::string text;
        while (!failed_ && !rest_.empty() && !next_is('|') && !next_is(')')) {
            const std::string_view before = rest_;
            std::string part = atom();
            const std::string_view expression = before.substr(0, before.size() - rest_.size());
            const unsigned times = repeats();
            for (unsigned i = 0; i < times && !failed_; ++i) {
                if (i > 0) part = again(expression);
                text += part;
            }
        }
        return text;
    }
    // Each repetition is another choice.
    std::string again(std::string_view expression) {
        const std::string_view after = rest_;
        rest_ = expression;
        std::string part = atom();
        rest_ = after;
        return part;
    }

    std::string atom() {
        const char c = take_any();
        switch (c) {
        case '^':
        case '$':
            return {};
        case '(': {
            if (take('?')) {
                if (!take(':')) { // a name, or something that looks around
                    if (!(take('<') || (take('P') && take('<'))) || next_is('=') || next_is('!')) {
                        failed_ = true;
                        return {};
                    }
                    rest_.remove_prefix(std::min(rest_.find('>') + 1, rest_.size()));
                }
            }
            std::string text = alternatives();
            if (!take(')')) failed_ = true;
            return text;
        }
        case '[':
            return one_of(char_class());
        case '.':
            return one_of("abcdefghijklmnopqrstuvwxyz");
        case '\\':
            return one_of(escaped());
        default:
            return std::string(1, c);
        }
    }

    std::string one_of(const std::string& characters) {
        if (characters.empty()) {
            failed_ = true;
            return {};
        }
        return std::string(1, characters[random_.below(characters.size())]);
    }

    // The characters that an escape stands for.
    std::string escaped() {
        switch (const char c = take_any()) {
        case 'd':
            return "0123456789";
        case 'w':
            return "abcdefghijklmnopqrstuvwxyz0123456789";
        case 's':
            return " ";
        case 'n':
            return "\n";
        case 't':
            return "\t";
        case 'D':
        case 'S':
            return "abcdefghijklmnopqrstuvwxyz";
        case 'W':
            return "-";
        case 'b': // a place between words can't be promised
        case 'B':
        case 'p':
        case 'P':
        case 'u':
        case 'x':
            failed_ = true;
            return {};
        default:
            return std::string(1, c);
        }
    }

    std::string char_class() {
        const bool is_negated = take('^');
        std::string all;
        bool is_first = true;
        while (!failed_ && (is_first || !next_is(']'))) {
            is_first = false;
            if (rest_.empty()) {
                failed_ = true;
                break;
            }
            const char from = take_any();
            std::string some = from == '\\' ? escaped() : std::string(1, from);
            if (some.size() == 1 && next_is('-') && rest_.size() > 1 && rest_[1] != ']') {
                take('-');
                char to = take_any();
                if (to == '\\') {
                    const std::string one = escaped();
                    if (one.size() != 1)
                        failed_ = true;
                    else
                        to = one[0];
                }
                for (int c = some[0] + 1; c <= to; ++c)
                    some += static_cast<char>(c);
            }
            all += some;
        }
        take(']');
        if (!is_negated) return all;
        std::string others;
        for (const char c : std::string_view{"abcdefghijklmnopqrstuvwxyz0123456789-_ ABCXYZ"})
            if (all.find(c) == all.npos) others += c;
        return others;
    }

    unsigned number() {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc{}) failed_ = true;
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }

    unsigned repeats() {
        unsigned least = 1;
        unsigned most = 1;
        if (take('*')) {
            least = 0;
            most = usual_repeats;
        } else if (take('+')) {
            most = usual_repeats;
        } else if (take('?')) {
            least = 0;
        } else if (take('{')) {
            least = most = number();
            if (take(',')) most = next_is('}') ? least + usual_repeats : number();
            if (!take('}') || most < least || least > most_repeats) {
                failed_ = true;
                return 0;
            }
            most = std::min(most, most_repeats);
        } else {
            return 1;
        }
        take('?'); // lazy or not is the same here
        return least + static_cast<unsigned>(random_.below(most - least + 1));
    }

    std::string_view rest_;
    Random& random_;
    unsigned depth_ = 0;
    bool failed_ = false;
};

} // namespace

std::string text_of_pattern(std::string_view pattern, Random& random) {
    return PatternWriter{pattern, random}.write().value_or(std::string{});
}

} // namespace armature::cli::mock

#include "config/sources.hpp"

#include <optional>

namespace armature::config::detail {
namespace {

bool is_name_start(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}
bool is_name(char c) noexcept { return is_name_start(c) || (c >= '0' && c <= '9'); }
bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

void skip_blanks(std::string_view& text) {
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
}

/// Parses what follows `=`. Complaints never repeat the text: it may be a secret.
class ValueParser {
  public:
    explicit ValueParser(std::string_view rest) : rest_(rest) {}

    /// Returns nullopt and sets `complaint` if the value is malformed.
    std::optional<SecretString> parse(std::string& complaint) {
        if (rest_.starts_with('\'')) {
            single_quoted();
        } else if (rest_.starts_with('"')) {
            double_quoted();
        } else {
            bare();
        }
        if (complaint_.empty()) end_of_line();
        complaint = complaint_;
        if (!complaint.empty()) return std::nullopt;
        return SecretString(std::move(value_));
    }

  private:
    static constexpr const char* no_expansion =
        "\"$\" and \"`\" are not expanded here; put the value in single quotes";

    void single_quoted() {
        const std::size_t end = rest_.find('\'', 1);
        if (end == std::string_view::npos) {
            complaint_ = "the single quote is not closed; close it on the same line";
            return;
        }
        value_ = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
    }

    void double_quoted() {
        rest_.remove_prefix(1);
        while (!rest_.empty() && rest_.front() != '"') {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '$' || c == '`') {
                complaint_ = no_expansion;
                return;
            }
            if (c != '\\') {
                value_ += c;
            } else if (!escape()) {
                return;
            }
        }
        if (rest_.empty()) {
            complaint_ = "the double quote is not closed; close it on the same line, "
                         "write a line break as \\n";
            return;
        }
        rest_.remove_prefix(1);
    }

    bool escape() {
        constexpr std::string_view from = "nrt\\\"$`";
        constexpr std::string_view to = "\n\r\t\\\"$`";
        const std::size_t found = rest_.empty() ? from.npos : from.find(rest_.front());
        if (found == from.npos) {
            complaint_ = "unknown escape; use \\n, \\r, \\t, \\\\, \\\", \\$ or \\`";
            return false;
        }
        value_ += to[found];
        rest_.remove_prefix(1);
        return true;
    }

    void bare() {
        while (!rest_.empty() && !is_blank(rest_.front())) {
            const char c = rest_.front();
            if (c == '$' || c == '`') {
                complaint_ = no_expansion;
                return;
            }
            if (c == '\'' || c == '"' || c == '\\') {
                complaint_ = "quote or backslash inside an unquoted value; quote the whole value";
                return;
            }
            value_ += c;
            rest_.remove_prefix(1);
        }
    }

    void end_of_line() {
        const bool separated = rest_.empty() || is_blank(rest_.front());
        skip_blanks(rest_);
        if (rest_.empty() || (separated && rest_.front() == '#')) return;
        complaint_ = "text after the value; quote a value that has spaces, "
                     "put a space before a comment";
    }

    std::string_view rest_;
    std::string value_;
    std::string complaint_;
};

std::string parse_line(std::string_view line, std::string& name,
                       std::optional<SecretString>& value) {
    for (const char c : line) {
        if ((c >= 0 && c < 0x20 && c != '\t') || c == 0x7F) {
            return "control character; remove it";
        }
    }
    skip_blanks(line);
    if (line.empty() || line.front() == '#') return {};
    if (line.starts_with("export") && line.size() > 6 && is_blank(line[6])) {
        line.remove_prefix(6);
        skip_blanks(line);
    }
    std::size_t length = 0;
    while (length < line.size() && is_name(line[length]))
        ++length;
    name = line.substr(0, length);
    line.remove_prefix(length);
    if (length == 0 || !is_name_start(name.front())) {
        return "no variable name; write NAME=value with letters, digits and \"_\"";
    }
    if (!line.starts_with('=')) return "no \"=\" right after the name; write NAME=value";
    line.remove_prefix(1);
    std::string complaint;
    value = ValueParser(line).parse(complaint);
    return complaint;
}

} // namespace

void parse_dotenv(const std::string& path, std::string_view text, Values& values, Faults& faults) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);

        const std::string origin = path + ":" + std::to_string(number);
        std::string name;
        std::optional<SecretString> value;
        const std::string complaint = parse_line(line, name, value);
        if (!complaint.empty()) {
            faults.push_back(origin + ": " + complaint);
        } else if (value) {
            add_value(values, faults, std::move(name),
                      {RawValue::Kind::text, std::move(*value), {}, origin});
        }
    }
}

} // namespace armature::config::detail

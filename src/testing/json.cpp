#include <armature/json/nlohmann.hpp>
#include <armature/testing/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace armature {

namespace {

constexpr unsigned most_differences = 10;
constexpr std::size_t most_shown = 120;

std::string shown(const nlohmann::json& value) {
    std::string text = to_json(value);
    if (text.size() > most_shown) text.replace(most_shown, std::string::npos, "…");
    return text;
}

// The name as a step of a JSON Pointer.
std::string escaped(std::string_view name) {
    std::string step = "/";
    for (const char c : name)
        if (c == '~')
            step += "~0";
        else if (c == '/')
            step += "~1";
        else
            step += c;
    return step;
}

class Comparison {
  public:
    explicit Comparison(JsonMatch match) noexcept : match_(match) {}

    void compare(const nlohmann::json& expected, const nlohmann::json& got,
                 const std::string& pointer) {
        if (expected.is_object() && got.is_object()) return compare_objects(expected, got, pointer);
        if (expected.is_array() && got.is_array()) return compare_arrays(expected, got, pointer);
        if (expected != got) note(pointer, shown(expected), shown(got));
    }
    void note(const std::string& pointer, std::string_view expected, std::string_view got) {
        if (++count_ > most_differences) return;
        text_.append(pointer.empty() ? "the document" : pointer)
            .append(": expected ")
            .append(expected)
            .append(", got ")
            .append(got)
            .append("\n");
    }
    [[nodiscard]] std::string text() const {
        if (count_ <= most_differences) return text_;
        return text_ + "and " + std::to_string(count_ - most_differences) + " more\n";
    }

  private:
    void compare_objects(const nlohmann::json& expected, const nlohmann::json& got,
                         const std::string& pointer) {
        for (const auto& [name, value] : expected.items())
            if (const auto found = got.find(name); found != got.end())
                compare(value, *found, pointer + escaped(name));
            else
                note(pointer + escaped(name), shown(value), "nothing");
        if (match_ == JsonMatch::partial) return;
        for (const auto& [name, value] : got.items())
            if (!expected.contains(name)) note(pointer + escaped(name), "nothing", shown(value));
    }
    void compare_arrays(const nlohmann::json& expected, const nlohmann::json& got,
                        const std::string& pointer) {
        for (std::size_t i = 0; i < std::max(expected.size(), got.size()); ++i) {
            const std::string step = pointer + '/' + std::to_string(i);
            if (i >= got.size())
                note(step, shown(expected[i]), "nothing");
            else if (i >= expected.size())
                note(step, "nothing", shown(got[i]));
            else
                compare(expected[i], got[i], step);
        }
    }

    JsonMatch match_;
    std::string text_;
    unsigned count_ = 0;
};

std::string why_not_json(const JsonErrors& errors) {
    if (const JsonSyntaxError* syntax = errors.syntax())
        return "line " + std::to_string(syntax->line) + ", column " +
               std::to_string(syntax->column) + ": " + syntax->detail;
    return errors.values().front().pointer + " " + errors.values().front().detail;
}

} // namespace

std::string json_difference(std::string_view expected, std::string_view got, JsonMatch match) {
    nlohmann::json wanted;
    nlohmann::json found;
    JsonErrors errors;
    if (read_json(expected, wanted, errors) != JsonStatus::ok)
        return "what is expected is not JSON: " + why_not_json(errors) + '\n';
    if (read_json(got, found, errors) != JsonStatus::ok)
        return "what was got is not JSON: " + why_not_json(errors) + '\n';
    Comparison comparison{match};
    comparison.compare(wanted, found, {});
    return comparison.text();
}

std::optional<std::string> json_at(std::string_view text, std::string_view pointer) {
    nlohmann::json document;
    JsonErrors errors;
    const nlohmann::json::json_pointer place = [&] {
        try {
            return nlohmann::json::json_pointer{std::string{pointer}};
        } catch (const nlohmann::json::exception&) {
            throw std::invalid_argument{"'" + std::string{pointer} + "' is no JSON Pointer"};
        }
    }();
    if (read_json(text, document, errors) != JsonStatus::ok || !document.contains(place))
        return std::nullopt;
    return to_json(document[place]);
}

std::string detail::explain_problem(const TestResponse& response, int status,
                                    const std::vector<std::string>& pointers) {
    const std::string shown = ": " + response.describe();
    if (status_code(response.status()) != status) return "its status is another" + shown;
    const std::string_view type = response.header("content-type").value_or(std::string_view{});
    if (!type.starts_with("application/problem+json"))
        return "its type is '" + std::string{type} + "', not application/problem+json" + shown;
    nlohmann::json document;
    JsonErrors faults;
    if (read_json(response.text(), document, faults) != JsonStatus::ok || !document.is_object())
        return "its content is no JSON object" + shown;
    if (document.value("status", 0) != status) return "its member `status` is another" + shown;
    if (pointers.empty()) return {};
    std::vector<std::string> wanted = pointers;
    std::vector<std::string> found;
    for (const nlohmann::json& item : document.value("errors", nlohmann::json::array()))
        found.push_back(item.value("pointer", std::string{}));
    std::sort(wanted.begin(), wanted.end());
    std::sort(found.begin(), found.end());
    return wanted == found ? std::string{} : "its faults are at other places" + shown;
}

} // namespace armature

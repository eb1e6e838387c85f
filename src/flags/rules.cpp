#include "flags/rules.hpp"

#include "core/characters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <ctime>
#include <limits>
#include <optional>
#include <vector>

namespace armature::detail {

namespace {

using Json = nlohmann::json;

// --- Values as JavaScript takes them ---

bool truth_of(const Json& value) {
    switch (value.type()) {
    case Json::value_t::null:
        return false;
    case Json::value_t::boolean:
        return value.get<bool>();
    case Json::value_t::string:
    case Json::value_t::array:
    case Json::value_t::object:
        return value.is_string() ? !value.get_ref<const std::string&>().empty() : !value.empty();
    default: {
        const double number = value.get<double>();
        return number != 0 && !std::isnan(number);
    }
    }
}

// NaN: it is none.
double number_of(const Json& value) {
    switch (value.type()) {
    case Json::value_t::null:
        return 0;
    case Json::value_t::boolean:
        return value.get<bool>() ? 1 : 0;
    case Json::value_t::string: {
        std::string_view text = value.get_ref<const std::string&>();
        const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
        while (!text.empty() && is_space(text.front()))
            text.remove_prefix(1);
        while (!text.empty() && is_space(text.back()))
            text.remove_suffix(1);
        if (text.empty()) return 0;
        if (text.front() == '+') text.remove_prefix(1);
        // from_chars also takes "inf" and "nan".
        const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
        if (digits.empty() || (!is_digit(digits[0]) && digits[0] != '.'))
            return std::numeric_limits<double>::quiet_NaN();
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || end != text.data() + text.size())
            return std::numeric_limits<double>::quiet_NaN();
        return number;
    }
    case Json::value_t::array:
    case Json::value_t::object:
        return std::numeric_limits<double>::quiet_NaN();
    default:
        return value.get<double>();
    }
}

double certain_number(const Json& value) {
    const double number = number_of(value);
    if (std::isnan(number)) throw RuleError("a number is needed, not " + value.dump());
    return number;
}

Json json_of(double number) {
    if (std::isnan(number)) throw RuleError("a calculation has no result");
    if (number == std::floor(number) && std::abs(number) < 9007199254740992.0)
        return static_cast<std::int64_t>(number);
    return number;
}

bool strictly_equal(const Json& a, const Json& b) {
    if (a.is_structured() || b.is_structured()) return false; // two objects are never one
    return a == b;
}

// --- Versions ---

struct Version {
    std::uint64_t major = 0;
    std::uint64_t minor = 0;
    std::uint64_t patch = 0;
    std::vector<std::string_view> pre_release;
};

bool read_number(std::string_view text, std::uint64_t& number) {
    if (text.empty() || text.size() > 16 || (text.size() > 1 && text[0] == '0')) return false;
    for (const char c : text)
        if (!is_digit(c)) return false;
    return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{} &&
           number <= 9007199254740991;
}

// Cuts at a character; the rest is empty if it isn't there.
std::string_view take_to(std::string_view& text, char c) {
    const std::size_t end = std::min(text.find(c), text.size());
    const std::string_view part = text.substr(0, end);
    text = text.substr(std::min(end + 1, text.size()));
    return part;
}

bool read_identifiers(std::string_view text, bool are_versions,
                      std::vector<std::string_view>* out) {
    static constexpr CharacterSet characters = CharacterSet::alphanumeric_and("-");
    for (std::size_t start = 0;;) {
        const std::size_t end = std::min(text.find('.', start), text.size());
        const std::string_view part = text.substr(start, end - start);
        if (part.empty() || !characters.contains_all(part)) return false;
        const bool is_numeric = part.find_first_not_of("0123456789") == std::string_view::npos;
        if (are_versions && is_numeric && part.size() > 1 && part[0] == '0') return false;
        if (out != nullptr) out->push_back(part);
        if (end == text.size()) return true;
        start = end + 1;
    }
}

// Semantic Versioning 2.0.0; a "v" before it, and "1" or "1.2" for what they begin, are taken too.
std::optional<Version> version_of(std::string_view text) {
    if (text.size() > 256) return std::nullopt;
    if (!text.empty() && (text[0] == 'v' || text[0] == 'V')) text.remove_prefix(1);
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    Version version;
    const bool has_build = text.find('+') != std::string_view::npos;
    std::string_view build = text;
    std::string_view rest = take_to(build, '+');
    const bool has_pre_release = rest.find('-') != std::string_view::npos;
    std::string_view pre_release = rest;
    std::string_view core = take_to(pre_release, '-');
    const auto dots = std::count(core.begin(), core.end(), '.');
    if (dots > 2 || (dots < 2 && (has_build || has_pre_release))) return std::nullopt;
    if (dots < 2) { // the leading zeros of "01.2" are as good as none
        for (std::uint64_t* part : {&version.major, &version.minor}) {
            if (part == &version.minor && dots == 0) break;
            std::string_view digits = take_to(core, '.');
            if (digits.empty()) return std::nullopt;
            while (digits.size() > 1 && digits[0] == '0')
                digits.remove_prefix(1);
            if (!read_number(digits, *part)) return std::nullopt;
        }
        return version;
    }
    if (!read_number(take_to(core, '.'), version.major) ||
        !read_number(take_to(core, '.'), version.minor) || !read_number(core, version.patch))
        return std::nullopt;
    if (has_pre_release && !read_identifiers(pre_release, true, &version.pre_release))
        return std::nullopt;
    if (has_build && !read_identifiers(build, false, nullptr)) return std::nullopt;
    return version;
}

int compare(std::uint64_t a, std::uint64_t b) { return a < b ? -1 : a > b ? 1 : 0; }

int compare_identifiers(std::string_view a, std::string_view b) {
    const auto is_numeric = [](std::string_view text) {
        return text.find_first_not_of("0123456789") == std::string_view::npos;
    };
    if (is_numeric(a) != is_numeric(b)) return is_numeric(a) ? -1 : 1;
    if (is_numeric(a) && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    return a < b ? -1 : a > b ? 1 : 0;
}

// Semantic Versioning §11.
int compare(const Version& a, const Version& b) {
    if (const int order = compare(a.major, b.major)) return order;
    if (const int order = compare(a.minor, b.minor)) return order;
    if (const int order = compare(a.patch, b.patch)) return order;
    if (a.pre_release.empty() != b.pre_release.empty()) return a.pre_release.empty() ? 1 : -1;
    for (std::size_t i = 0; i < std::min(a.pre_release.size(), b.pre_release.size()); ++i)
        if (const int order = compare_identifiers(a.pre_release[i], b.pre_release[i])) return order;
    return compare(a.pre_release.size(), b.pre_release.size());
}

// --- Operators ---

struct Evaluation {
    const Json& context;
    std::string_view flag_key;
    bool is_split = false; ///< the last value is what `fractional` gave

    Json evaluate(const Json& rule);
    std::vector<Json> arguments(const Json& given);
};

Json variable(Evaluation& evaluation, const Json& given) {
    const std::vector<Json> arguments = evaluation.arguments(given);
    const Json fallback = arguments.size() > 1 ? arguments[1] : Json{};
    if (arguments.empty() || arguments[0].is_null()) return evaluation.context;
    const std::string path = text_of(arguments[0]);
    if (path.empty()) return evaluation.context;
    const Json* at = &evaluation.context;
    std::string_view rest = path;
    bool is_first = true;
    while (is_first || !rest.empty()) {
        const std::string_view name = take_to(rest, '.');
        // What flagd adds to every context.
        if (is_first && name == "$flagd") {
            if (rest == "flagKey") return std::string{evaluation.flag_key};
            if (rest == "timestamp") return static_cast<std::int64_t>(std::time(nullptr));
            return fallback;
        }
        is_first = false;
        if (at->is_object()) {
            const auto found = at->find(std::string{name});
            if (found == at->end()) return fallback;
            at = &*found;
        } else if (at->is_array()) {
            std::uint64_t index = 0;
            if (!read_number(name, index) || index >= at->size()) return fallback;
            at = &(*at)[index];
        } else {
            return fallback;
        }
    }
    return *at;
}

Json choice(Evaluation& evaluation, const Json& given) {
    std::size_t i = 0;
    for (; i + 1 < given.size(); i += 2)
        if (truth_of(evaluation.evaluate(given[i]))) return evaluation.evaluate(given[i + 1]);
    return i < given.size() ? evaluation.evaluate(given[i]) : Json{};
}

Json first_that(Evaluation& evaluation, const Json& given, bool truth) {
    Json last;
    for (const Json& one : given) {
        last = evaluation.evaluate(one);
        if (truth_of(last) == truth) break;
    }
    return last;
}

template <class T>
bool holds(std::string_view operation, const T& a, const T& b) {
    if (operation == "==") return a == b;
    if (operation == "!=") return a != b;
    if (operation == "<") return a < b;
    if (operation == "<=") return a <= b;
    if (operation == ">") return a > b;
    return a >= b;
}

bool compare_two(std::string_view operation, const Json& a, const Json& b) {
    if (operation == "===") return strictly_equal(a, b);
    if (operation == "!==") return !strictly_equal(a, b);
    if (a.is_string() && b.is_string())
        return holds(operation, a.get_ref<const std::string&>(), b.get_ref<const std::string&>());
    const bool are_texts = (a.is_string() || a.is_null()) && (b.is_string() || b.is_null());
    if (!are_texts) return holds(operation, certain_number(a), certain_number(b));
    // null is equal to null alone, and counts as 0 where the order is asked for.
    if (operation == "==") return a.is_null() == b.is_null();
    if (operation == "!=") return a.is_null() != b.is_null();
    return holds(operation, number_of(a), number_of(b));
}

Json compare_all(std::string_view operation, const std::vector<Json>& values) {
    for (std::size_t i = 1; i < values.size(); ++i)
        if (!compare_two(operation, values[i - 1], values[i])) return false;
    return true;
}

constexpr std::string_view comparisons[] = {"==", "!=", "===", "!==", "<", "<=", ">", ">="};
bool is_comparison(std::string_view name) {
    return std::find(std::begin(comparisons), std::end(comparisons), name) != std::end(comparisons);
}

Json contains(const std::vector<Json>& arguments) {
    const Json item = arguments.empty() ? Json{} : arguments[0];
    if (arguments.size() < 2 || !truth_of(arguments[1])) return false;
    const Json& in = arguments[1];
    if (in.is_string())
        return in.get_ref<const std::string&>().find(text_of(item)) != std::string::npos;
    if (!in.is_array()) throw RuleError("`in` looks into texts and lists only");
    return std::any_of(in.begin(), in.end(),
                       [&](const Json& one) { return strictly_equal(one, item); });
}

Json calculate(char operation, const std::vector<Json>& arguments) {
    if (arguments.empty()) {
        if (operation == '+') return 0;
        if (operation == '*') return 1;
        throw RuleError("a calculation without numbers");
    }
    double result = certain_number(arguments[0]);
    if (operation == '-' && arguments.size() == 1) return json_of(-result);
    if (operation == '/' && arguments.size() == 1) {
        if (result == 0) throw RuleError("a division by 0");
        return json_of(1 / result);
    }
    if (operation == '%' && arguments.size() == 1) throw RuleError("% takes two numbers");
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const double number = certain_number(arguments[i]);
        if ((operation == '/' || operation == '%') && number == 0)
            throw RuleError("a division by 0");
        switch (operation) {
        case '+':
            result += number;
            break;
        case '-':
            result -= number;
            break;
        case '*':
            result *= number;
            break;
        case '/':
            result /= number;
            break;
        default:
            result = std::fmod(result, number);
        }
    }
    return json_of(result);
}

Json extreme(bool is_greatest, const std::vector<Json>& arguments) {
    if (arguments.empty()) throw RuleError("min and max take numbers");
    double result = 0;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (!arguments[i].is_number()) throw RuleError("min and max take numbers");
        const double number = arguments[i].get<double>();
        result = i == 0        ? number
                 : is_greatest ? std::max(result, number)
                               : std::min(result, number);
    }
    return json_of(result);
}

Json affix(bool is_start, const std::vector<Json>& arguments) {
    if (arguments.size() != 2 || !arguments[0].is_string() || !arguments[1].is_string()) return {};
    const std::string_view text = arguments[0].get_ref<const std::string&>();
    const std::string_view part = arguments[1].get_ref<const std::string&>();
    return is_start ? text.starts_with(part) : text.ends_with(part);
}

Json compare_versions(const std::vector<Json>& arguments) {
    if (arguments.size() != 3) return {};
    const std::string left_text = text_of(arguments[0]);
    const std::string right_text = text_of(arguments[2]);
    const auto left = version_of(left_text);
    const auto right = version_of(right_text);
    if (!left || !right) return {};
    const std::string operation = text_of(arguments[1]);
    const int order = compare(*left, *right);
    if (operation == "=") return order == 0;
    if (operation == "!=") return order != 0;
    if (operation == "<") return order < 0;
    if (operation == "<=") return order <= 0;
    if (operation == ">") return order > 0;
    if (operation == ">=") return order >= 0;
    if (operation == "^") return left->major == right->major;
    if (operation == "~") return left->major == right->major && left->minor == right->minor;
    return {};
}

// Divides 32 bits of hash into parts as long as their weights.
Json share(Evaluation& evaluation, const std::vector<Json>& arguments) {
    if (arguments.empty()) return {};
    std::size_t first = 0;
    std::string divided_by;
    if (arguments[0].is_string()) {
        divided_by = arguments[0].get<std::string>();
        first = 1;
    } else {
        const auto key = evaluation.context.find("targetingKey");
        if (key == evaluation.context.end() || !truth_of(*key)) return {};
        divided_by = std::string{evaluation.flag_key} + text_of(*key);
    }
    std::uint64_t total = 0;
    std::vector<std::uint64_t> weights;
    for (std::size_t i = first; i < arguments.size(); ++i) {
        const Json& bucket = arguments[i];
        if (!bucket.is_array() || bucket.empty() || bucket.size() > 2 || bucket[0].is_structured())
            return {};
        double weight = 1;
        if (bucket.size() == 2) {
            if (!bucket[1].is_number()) return {};
            weight = bucket[1].get<double>();
            if (weight != std::floor(weight) || weight > 2147483647.0) return {};
        }
        weights.push_back(weight > 0 ? static_cast<std::uint64_t>(weight) : 0);
        total += weights.back();
    }
    if (total > 2147483647) return {};
    const std::uint64_t at = (std::uint64_t{murmur3(divided_by)} * total) >> 32;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        sum += weights[i];
        if (sum > at) return arguments[first + i][0];
    }
    return {};
}

constexpr std::array<std::string_view, 29> operators{
    "var", "if", "?:",  "==",  "===",         "!=",        "!==",     "<",          "<=",      ">",
    ">=",  "!",  "!!",  "and", "or",          "in",        "cat",     "+",          "-",       "*",
    "/",   "%",  "min", "max", "starts_with", "ends_with", "sem_ver", "fractional", "preserve"};

Json Evaluation::evaluate(const Json& rule) {
    is_split = false;
    if (rule.is_array()) {
        Json list = Json::array();
        for (const Json& one : rule)
            list.push_back(evaluate(one));
        is_split = false;
        return list;
    }
    if (!rule.is_object() || rule.empty()) return rule;
    const std::string& name = rule.begin().key();
    const Json& given = *rule.begin();
    if (name == "if" || name == "?:") return choice(*this, given);
    if (name == "and") return first_that(*this, given, false);
    if (name == "or") return first_that(*this, given, true);
    if (name == "preserve") return given;
    Json result;
    if (name == "var") {
        result = variable(*this, given);
    } else if (name == "fractional") {
        result = share(*this, arguments(given));
        is_split = true;
        return result;
    } else {
        const std::vector<Json> values = arguments(given);
        if (is_comparison(name)) {
            result = compare_all(name, values);
        } else if (name == "!" || name == "!!") {
            result = (!values.empty() && truth_of(values[0])) == (name == "!!");
        } else if (name == "in") {
            result = contains(values);
        } else if (name == "cat") {
            std::string text;
            for (const Json& value : values)
                if (!value.is_null()) text += text_of(value);
            result = std::move(text);
        } else if (name == "min" || name == "max") {
            result = extreme(name == "max", values);
        } else if (name == "starts_with" || name == "ends_with") {
            result = affix(name == "starts_with", values);
        } else if (name == "sem_ver") {
            result = compare_versions(values);
        } else {
            result = calculate(name[0], values);
        }
    }
    is_split = false;
    return result;
}

std::vector<Json> Evaluation::arguments(const Json& given) {
    std::vector<Json> values;
    if (!given.is_array()) {
        Json value = evaluate(given);
        // One argument that gives a list is the list of them.
        if (value.is_array()) return {value.begin(), value.end()};
        values.push_back(std::move(value));
        return values;
    }
    values.reserve(given.size());
    for (const Json& one : given)
        values.push_back(evaluate(one));
    return values;
}

} // namespace

std::string text_of(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_float()) {
        const double number = value.get<double>();
        if (number == std::floor(number) && std::abs(number) < 1e21) {
            char text[32];
            return {
                text,
                std::to_chars(text, text + sizeof text, number, std::chars_format::fixed, 0).ptr};
        }
    }
    return value.dump();
}

void check_rule(const Json& rule) {
    if (rule.is_array())
        for (const Json& one : rule)
            check_rule(one);
    if (!rule.is_object() || rule.empty()) return;
    if (rule.size() > 1)
        throw std::invalid_argument("has a rule with two operators, \"" + rule.begin().key() +
                                    "\" and \"" + std::next(rule.begin()).key() + "\"");
    const std::string& name = rule.begin().key();
    const Json& given = *rule.begin();
    if (std::find(operators.begin(), operators.end(), name) == operators.end())
        throw std::invalid_argument("has a rule with the operator \"" + name +
                                    "\", which isn't known");
    const bool takes_list =
        is_comparison(name) || name == "if" || name == "?:" || name == "and" || name == "or";
    if (takes_list && (!given.is_array() || given.size() < (is_comparison(name) ? 2 : 1)))
        throw std::invalid_argument("has a rule whose \"" + name + "\" has too few arguments");
    if (name != "preserve") check_rule(given);
}

RuleResult evaluate_rule(const Json& rule, const Json& context, std::string_view flag_key) {
    Evaluation evaluation{context, flag_key};
    Json value = evaluation.evaluate(rule);
    return {std::move(value), evaluation.is_split};
}

std::uint32_t murmur3(std::string_view text) noexcept {
    const auto rotate = [](std::uint32_t x, int by) { return (x << by) | (x >> (32 - by)); };
    const auto mix = [&](std::uint32_t block) {
        return rotate(block * 0xcc9e2d51u, 15) * 0x1b873593u;
    };
    std::uint32_t hash = 0;
    std::size_t i = 0;
    for (; i + 4 <= text.size(); i += 4) {
        std::uint32_t block = 0;
        for (std::size_t b = 0; b < 4; ++b)
            block |= std::uint32_t{static_cast<unsigned char>(text[i + b])} << (8 * b);
        hash = rotate(hash ^ mix(block), 13) * 5 + 0xe6546b64u;
    }
    std::uint32_t tail = 0;
    for (std::size_t b = 0; i + b < text.size(); ++b)
        tail |= std::uint32_t{static_cast<unsigned char>(text[i + b])} << (8 * b);
    hash ^= mix(tail);
    hash ^= static_cast<std::uint32_t>(text.size());
    hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
    hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
    return hash ^ (hash >> 16);
}

} // namespace armature::detail

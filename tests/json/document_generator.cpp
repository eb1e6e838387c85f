#include "json/document_generator.hpp"

#include <algorithm>

namespace armature::testing {
namespace {

Doc text_doc(std::string text) { return {Doc::Kind::text, std::move(text), {}}; }
Doc literal_doc(std::string text) { return {Doc::Kind::literal, std::move(text), {}}; }

constexpr const char* words[] = {"",
                                 "a",
                                 "ab",
                                 "abc",
                                 "word",
                                 "a1",
                                 "12345",
                                 "A",
                                 "a b",
                                 "~/",
                                 "\\",
                                 "\"",
                                 "\n",
                                 "\x7F",
                                 "\xC3\xA9",
                                 "e\xCC\x81",
                                 "\xE2\x82\xAC",
                                 "7",
                                 "red",
                                 "blue",
                                 "true",
                                 "null",
                                 "name",
                                 "\xF0\x9F\x98\x80",
                                 "\xF0\x9F\x98\x80\xF0\x9F\x98\x80"};
constexpr const char* numbers[] = {"0",          "1",          "-1",          "5",
                                   "6",          "4",          "0.5",         "-0.5",
                                   "0.75",       "0.1",        "7.5",         "3",
                                   "-3",         "15",         "1.0",         "5e0",
                                   "1e2",        "0.0",        "-0",          "1E+1",
                                   "127",        "128",        "-129",        "255",
                                   "256",        "-32769",     "65536",       "2147483647",
                                   "2147483648", "4294967296", "-2147483649", "9007199254740991",
                                   "1e19",       "2e19",       "-1e19",       "1e39",
                                   "1e300",      "-1e300",     "1.5e-9",      "1000",
                                   "-1000"};
constexpr const char* member_names[] = {"type", "name", "x", "id", "radius", "", "\xC3\xA9"};

void append_escape(std::string& out, unsigned unit) {
    constexpr char digits[] = "0123456789aBcDeF";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4)
        out += digits[unit >> shift & 15];
}

} // namespace

Doc DocumentGenerator::document(const TypeInfo& type) {
    Doc doc = value(type, nullptr, 2);
    for (auto count = below(3); count != 0; --count)
        change(doc);
    return doc;
}

Doc DocumentGenerator::object(const TypeInfo& type, unsigned depth) {
    Doc doc{Doc::Kind::object, {}, {}};
    for (const MemberInfo& member : type.members)
        if (member.required || below(2))
            doc.items.emplace_back(std::string(member.name), value(*member.type, &member, depth));
    if (below(4) == 0) std::shuffle(doc.items.begin(), doc.items.end(), random_);
    return doc;
}

Doc DocumentGenerator::value(const TypeInfo& type, const MemberInfo* member, unsigned depth) {
    std::size_t least = 0, greatest = depth ? 3 : 0;
    std::string_view format = type.format;
    for (const Rule& rule : member ? member->rules : std::span<const Rule>{}) {
        if (rule.kind == RuleKind::min_items) least = static_cast<std::size_t>(rule.integer);
        if (rule.kind == RuleKind::max_items) greatest = static_cast<std::size_t>(rule.integer);
        if (rule.kind == RuleKind::format) format = rule.text;
    }
    switch (type.kind) {
    case ValueKind::boolean:
        return literal_doc(below(2) ? "true" : "false");
    case ValueKind::integer:
        return literal_doc(integer(type, member));
    case ValueKind::real:
        return literal_doc(real(member));
    case ValueKind::text:
    case ValueKind::formatted:
        if (member && member->notes.example.kind == Literal::Kind::text && below(4))
            return text_doc(std::string(member->notes.example.text));
        if (format.empty() && type.kind == ValueKind::formatted) format = "duration";
        return text_doc(format.empty() ? one_of(words) : of_format(format));
    case ValueKind::enumeration:
        return text_doc(std::string(type.enumerators[below(type.enumerators.size())].name));
    case ValueKind::optional:
        return below(4) ? value(*type.item, member, depth) : literal_doc("null");
    case ValueKind::list:
    case ValueKind::map: {
        const bool is_list = type.kind == ValueKind::list;
        Doc doc{is_list ? Doc::Kind::list : Doc::Kind::object, {}, {}};
        if (type.exact_items != TypeInfo::any_count) least = greatest = type.exact_items;
        if (!depth) greatest = least;
        for (auto count = least + below(greatest - least + 1); doc.items.size() < count;)
            doc.items.emplace_back(is_list ? "" : "k" + std::to_string(doc.items.size()),
                                   value(*type.item, nullptr, depth ? depth - 1 : 0));
        return doc;
    }
    case ValueKind::object:
        return object(type, depth);
    case ValueKind::variant: {
        // At the end, the simplest of them.
        const AlternativeInfo& chosen =
            type.alternatives[depth ? below(type.alternatives.size()) : 0];
        Doc doc = object(*chosen.type, depth);
        const auto place = static_cast<std::ptrdiff_t>(below(doc.items.size() + 1));
        doc.items.emplace(doc.items.begin() + place, std::string(type.discriminator),
                          text_doc(std::string(chosen.tag)));
        return doc;
    }
    case ValueKind::unsupported:
        break;
    }
    return {};
}

std::string DocumentGenerator::integer(const TypeInfo& type, const MemberInfo* member) {
    constexpr std::int64_t exact = 9'007'199'254'740'991; // every integer up to it is a double
    std::int64_t least = std::max(type.least, -exact);
    std::int64_t greatest =
        std::cmp_less(type.greatest, exact) ? static_cast<std::int64_t>(type.greatest) : exact;
    std::int64_t divisor = 1;
    for (const Rule& rule : member ? member->rules : std::span<const Rule>{}) {
        const auto bound = rule.is_real ? static_cast<std::int64_t>(rule.real) : rule.integer;
        if (rule.kind == RuleKind::min) least = std::max(least, bound);
        if (rule.kind == RuleKind::exclusive_min) least = std::max(least, bound + 1);
        if (rule.kind == RuleKind::max) greatest = std::min(greatest, bound);
        if (rule.kind == RuleKind::exclusive_max) greatest = std::min(greatest, bound - 1);
        if (rule.kind == RuleKind::multiple_of) divisor = rule.integer;
    }
    std::int64_t value = 0;
    switch (below(4)) {
    case 0:
        value = least;
        break;
    case 1:
        value = greatest;
        break;
    default:
        value = std::clamp(static_cast<std::int64_t>(below(10)), least, greatest);
    }
    value -= value % divisor;
    if (below(20) == 0) value += below(2) ? 1 : -1; // also just outside
    return std::to_string(value) + (below(8) ? "" : ".0");
}

std::string DocumentGenerator::real(const MemberInfo* member) {
    if (member && !member->rules.empty() && below(4)) return "0.1";
    if (below(4)) return std::to_string(below(8)) + "." + std::to_string(below(4) * 25);
    return one_of(numbers);
}

std::string DocumentGenerator::of_format(std::string_view format) {
    if (format == "email")
        return one_of({"a@b.co", "first.last+tag@sub.example.com", "x@y.z", "A!#$@EXAMPLE.org"});
    if (format == "uuid")
        return one_of(
            {"f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"});
    if (format == "uri")
        return one_of({"http://example.com/a?b=c#d", "mailto:a@b.co", "urn:isbn:0451450523",
                       "https://user@[::1]:8080/%20/"});
    if (format == "date") return one_of({"2024-02-29", "2023-12-31", "0000-01-01", "9999-12-31"});
    if (format == "date-time")
        return one_of({"2024-02-29T12:00:00Z", "1969-12-31t23:59:59.999z",
                       "2024-06-01T00:30:00.123456+05:30", "1998-12-31T23:59:60Z",
                       "2000-01-01T00:00:00-23:59"});
    if (format == "time")
        return one_of({"12:00:00Z", "23:59:60Z", "00:00:00.5+01:00", "09:30:15-08:00"});
    if (format == "duration") return one_of({"PT1H30M", "P2W", "P1DT12H", "PT0S", "P10D"});
    if (format == "ipv4") return one_of({"127.0.0.1", "255.255.255.255", "0.0.0.0", "10.1.20.30"});
    if (format == "ipv6")
        return one_of({"::1", "::", "2001:db8::ff00:42:8329", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"});
    if (format == "hostname")
        return one_of({"localhost", "www.example.com", "a-b.c", "xn--bcher-kva.example"});
    if (format == "decimal")
        return one_of({"12.50", "0", "-0.05", "99999999999999999999.999999999999999999", "1000"});
    return "";
}

Doc DocumentGenerator::anything(unsigned depth) {
    switch (below(depth ? 8 : 6)) {
    case 0:
        return literal_doc("null");
    case 1:
        return literal_doc(below(2) ? "true" : "false");
    case 2:
    case 3:
        return literal_doc(one_of(numbers));
    case 4:
    case 5:
        return text_doc(one_of(words));
    case 6: {
        Doc doc{Doc::Kind::list, {}, {}};
        for (auto count = below(3); count != 0; --count)
            doc.items.emplace_back("", anything(depth - 1));
        return doc;
    }
    default: {
        Doc doc{Doc::Kind::object, {}, {}};
        if (below(2)) doc.items.emplace_back(one_of(member_names), anything(depth - 1));
        return doc;
    }
    }
}

// Goes down to any place, and does there what a careless client does.
void DocumentGenerator::change(Doc& doc) {
    if (!doc.items.empty() && below(4)) return change(doc.items[below(doc.items.size())].doc);
    switch (below(8)) {
    case 0:
        doc = anything(2);
        break;
    case 1:
        doc = literal_doc("null");
        break;
    case 2:
        if (!doc.items.empty())
            doc.items.erase(doc.items.begin() +
                            static_cast<std::ptrdiff_t>(below(doc.items.size())));
        break;
    case 3:
        if (doc.kind == Doc::Kind::list)
            doc.items.emplace_back(doc.items.empty() || below(2)
                                       ? DocItem{std::string(), anything(1)}
                                       : doc.items[below(doc.items.size())]);
        [[fallthrough]];
    case 4:
        if (doc.kind == Doc::Kind::object) {
            const std::string name = one_of(member_names);
            const auto is_same = [&](const auto& item) { return item.name == name; };
            if (std::none_of(doc.items.begin(), doc.items.end(), is_same))
                doc.items.emplace_back(name, anything(1));
        }
        break;
    default:
        if (doc.kind == Doc::Kind::text)
            change_text(doc.text);
        else if (doc.kind == Doc::Kind::literal)
            doc.text = one_of(numbers);
    }
}

// Whole characters only, so that the text stays UTF-8.
void DocumentGenerator::change_text(std::string& text) {
    constexpr std::string_view characters = "09azAZ -+.:@/PTZ%_";
    const bool is_ascii = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0; });
    const char character = characters[below(characters.size())];
    if (!is_ascii || text.empty()) {
        text += one_of(words);
        return;
    }
    const auto at = below(text.size());
    switch (below(4)) {
    case 0:
        text.erase(at, 1);
        break;
    case 1:
        text.insert(at, 1, character);
        break;
    case 2:
        text[at] = character;
        break;
    default:
        text += one_of(words);
    }
}

std::string DocumentGenerator::text(const Doc& doc) {
    const auto quoted = [&](std::string_view text) {
        std::string out = "\"";
        for (std::size_t i = 0; i != text.size(); ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            if (byte == '"' || byte == '\\')
                (out += '\\') += text[i];
            else if (byte < 0x20 || (byte < 0x80 && below(40) == 0))
                append_escape(out, byte);
            else if (text.substr(i).starts_with("\xF0\x9F\x98\x80") && below(2)) {
                append_escape(out, 0xD83D);
                append_escape(out, 0xDE00);
                i += 3;
            } else
                out += text[i];
        }
        return out + '"';
    };
    switch (doc.kind) {
    case Doc::Kind::literal:
        return doc.text;
    case Doc::Kind::text:
        return quoted(doc.text);
    default:
        break;
    }
    const bool is_list = doc.kind == Doc::Kind::list;
    std::string out = is_list ? "[" : "{";
    for (const auto& [name, item] : doc.items) {
        if (out.size() > 1) out += below(8) ? "," : " , ";
        if (!is_list) out += quoted(name) + (below(8) ? ":" : " : ");
        out += text(item);
    }
    return out + (is_list ? ']' : '}');
}

} // namespace armature::testing

#include "templates/escape.hpp"

#include "core/characters.hpp"

#include <array>
#include <stdexcept>

namespace armature::detail {

namespace {

// Runs that need nothing are appended whole.
template <class Replace>
void append_replaced(std::string& out, std::string_view text, const CharacterSet& plain,
                     Replace replace) {
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (plain.contains(text[i])) continue;
        out.append(text, from, i - from);
        from = i + 1;
        replace(text[i]);
    }
    out.append(text, from);
}

constexpr std::array<bool, 256> html_specials = [] {
    std::array<bool, 256> set{};
    for (const char c : {'&', '<', '>', '"', '\'', '\0'})
        set[static_cast<unsigned char>(c)] = true;
    return set;
}();

// RFC 3986 §2: what a URL may hold as it is; '%' too, for one that is encoded already.
constexpr CharacterSet url_characters = CharacterSet::alphanumeric_and("-._~:/?#[]@!$&'()*+,;=%");
constexpr CharacterSet url_item_characters =
    CharacterSet::alphanumeric_and("-._~:/?#[]@!$&'()*+;=%");
constexpr CharacterSet url_unreserved = CharacterSet::alphanumeric_and("-._~");
constexpr CharacterSet style_characters = CharacterSet::alphanumeric_and(" _.#%,+-");

void append_percent_encoded(std::string& out, std::string_view text, const CharacterSet& plain) {
    append_replaced(out, text, plain, [&](char c) {
        constexpr char digits[] = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        out.append({'%', digits[byte >> 4], digits[byte & 15]});
    });
}

// Without a scheme, or with one that runs nothing. Browsers drop tabs and line breaks from URLs and
// spaces before them; with such, the scheme is none of these.
bool is_safe_url(std::string_view url) {
    const std::size_t special = url.find_first_of(":/?#");
    if (special == std::string_view::npos || url[special] != ':') return true;
    for (const std::string_view scheme : {"http", "https", "mailto", "tel", "sms"})
        if (equal_ignoring_case(url.substr(0, special), scheme)) return true;
    return false;
}

void append_url(std::string& out, std::string_view text, const CharacterSet& plain) {
    std::string encoded;
    append_percent_encoded(encoded, is_safe_url(text) ? text : "about:invalid#unsafe", plain);
    escape_html(out, encoded);
}

// JSON as it may stand in a script within HTML: nothing in it ends the script, begins a comment or
// closes a string in other quotes. All of these characters stand in JSON's strings only.
void append_script_json(std::string& out, std::string_view json) {
    std::size_t from = 0;
    const auto replace = [&](std::size_t at, std::size_t size, std::string_view with) {
        out.append(json, from, at - from).append(with);
        from = at + size;
    };
    for (std::size_t i = 0; i < json.size(); ++i) {
        switch (json[i]) {
        case '<':
            replace(i, 1, "\\u003c");
            break;
        case '>':
            replace(i, 1, "\\u003e");
            break;
        case '&':
            replace(i, 1, "\\u0026");
            break;
        case '\'':
            replace(i, 1, "\\u0027");
            break;
        case '`':
            replace(i, 1, "\\u0060");
            break;
        case '\xE2': // U+2028 and U+2029 end lines in older JavaScript
            if (json.substr(i).starts_with("\xE2\x80\xA8")) replace(i, 3, "\\u2028");
            if (json.substr(i).starts_with("\xE2\x80\xA9")) replace(i, 3, "\\u2029");
            break;
        default:
            break;
        }
    }
    out.append(json, from);
}

void append_script_value(std::string& out, std::string_view json) {
    // `return{{ x }}` and `a-{{ x }}` stay what they look like.
    out += ' ';
    append_script_json(out, json);
    out += ' ';
}

void append_script_text(std::string& out, std::string_view text) {
    const std::string json = to_json(text);
    append_script_json(out, std::string_view{json}.substr(1, json.size() - 2));
}

} // namespace

void escape_html(std::string& out, std::string_view text) {
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!html_specials[static_cast<unsigned char>(text[i])]) continue;
        out.append(text, from, i - from);
        from = i + 1;
        switch (text[i]) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&#34;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += "\xEF\xBF\xBD";
        }
    }
    out.append(text, from);
}

void write_escaped(std::string& out, std::string_view text, Escape escape) {
    switch (escape) {
    case Escape::text:
    case Escape::html:
        escape_html(out, text);
        return;
    case Escape::url_start:
        append_url(out, text, url_characters);
        return;
    case Escape::url_item:
        append_url(out, text, url_item_characters);
        return;
    case Escape::url_part:
        append_percent_encoded(out, text, url_unreserved);
        return;
    case Escape::script_value:
        append_script_value(out, to_json(text));
        return;
    case Escape::script_text:
        append_script_text(out, text);
        return;
    case Escape::attribute_value:
    case Escape::attribute_text: {
        std::string script;
        write_escaped(script, text,
                      escape == Escape::attribute_value ? Escape::script_value
                                                        : Escape::script_text);
        escape_html(out, script);
        return;
    }
    case Escape::style:
        out.append(style_characters.contains_all(text) ? text : std::string_view{"unsafe"});
        return;
    }
}

void write_escaped(std::string& out, TemplateRef value, Escape escape) {
    const TemplateType& type = *value.type;
    if (escape == Escape::script_value || escape == Escape::attribute_value) {
        std::string json;
        if (type.json != nullptr)
            type.json(value.object, json);
        else
            json = "null";
        std::string script;
        append_script_value(script, json);
        if (escape == Escape::script_value)
            out += script;
        else
            escape_html(out, script);
        return;
    }
    if (type.kind == ValueKind::unsupported) return; // an optional without a value
    if (escape == Escape::text && type.is_html) {
        type.text(value.object, out);
        return;
    }
    if (type.text == nullptr)
        throw std::logic_error("it is a list or has members: name one of them");
    std::string text;
    type.text(value.object, text);
    write_escaped(out, text, escape);
}

} // namespace armature::detail

#include "templates/embedded.hpp"

namespace armature::detail {

namespace {

using Attribute = Context::Attribute;
using Url = Context::Url;
using Script = Context::Script;
using Style = Context::Style;

constexpr std::string_view safe_schemes[] = {"http", "https", "mailto", "tel", "sms"};

} // namespace

void advance_url(Context& context, std::string_view text) {
    if (text.empty() || context.url == Url::inside || context.url == Url::refused) return;
    const std::size_t special = text.find_first_of(":/?#&");
    if (special == std::string_view::npos) {
        if (context.url == Url::start) context.url = Url::scheme;
        return;
    }
    const bool is_whole = context.url == Url::start;
    if (text[special] == '&') // may be a reference to ':'
        context.url = Url::refused;
    else if (text[special] == ':')
        context.url = is_whole && is_one_of(lower(text.substr(0, special)), safe_schemes)
                          ? Url::inside
                          : Url::refused;
    else
        context.url = Url::inside;
}

void advance_script(Context& context, std::string_view text, bool in_attribute) {
    // References are decoded before the script is read: &quot; is a quote there.
    if (in_attribute && text.find('&') != std::string_view::npos) context.is_unclear = true;
    for (std::size_t i = 0; i < text.size() && !context.is_unclear; ++i) {
        const char c = text[i];
        const bool is_last = i + 1 == text.size();
        switch (context.script) {
        case Script::code:
            if (c == '"') {
                context.script = Script::dual;
            } else if (c == '\'') {
                context.script = Script::single;
            } else if (c == '/') {
                // A division or a regular expression: telling them apart takes a parser of
                // JavaScript, and what is behind a wrong guess would be escaped wrongly.
                if (is_last || (text[i + 1] != '/' && text[i + 1] != '*'))
                    context.is_unclear = true;
                else
                    context.script =
                        text[i + 1] == '/' ? Script::line_comment : Script::block_comment;
                ++i;
            } else if (c == '`' || c == '\\' || text.substr(i).starts_with("-->")) {
                context.is_unclear = true;
            }
            break;
        case Script::single:
        case Script::dual:
            if (c == '\\') {
                if (is_last) context.is_unclear = true;
                ++i;
            } else if (c == '\n' || c == '\r') {
                context.is_unclear = true;
            } else if (c == (context.script == Script::dual ? '"' : '\'')) {
                context.script = Script::code;
            }
            break;
        case Script::line_comment:
            if (c == '\n' || c == '\r' || text.substr(i).starts_with("\xE2\x80\xA8") ||
                text.substr(i).starts_with("\xE2\x80\xA9"))
                context.script = Script::code;
            break;
        case Script::block_comment:
            if (c == '*' && is_last) {
                context.is_unclear = true;
            } else if (c == '*' && text[i + 1] == '/') {
                context.script = Script::code;
                ++i;
            }
        }
    }
}

void advance_style(Context& context, std::string_view text, bool in_attribute) {
    if (in_attribute && text.find('&') != std::string_view::npos) context.is_unclear = true;
    for (std::size_t i = 0; i < text.size() && !context.is_unclear; ++i) {
        const char c = text[i];
        const bool is_last = i + 1 == text.size();
        switch (context.style) {
        case Style::code:
            if (c == '"') {
                context.style = Style::dual;
            } else if (c == '\'') {
                context.style = Style::single;
            } else if (c == '\\' || (c == '/' && is_last)) {
                context.is_unclear = true;
            } else if (c == '/' && text[i + 1] == '*') {
                context.style = Style::comment;
                ++i;
            } else if (c == '(' && i >= 3 && equal_ignoring_case(text.substr(i - 3, 3), "url")) {
                context.style = Style::url;
            } else if (c == '(' && i < 3) {
                context.is_unclear = true; // what is before it may be "url"
            }
            break;
        case Style::single:
        case Style::dual:
            if (c == '\\') {
                if (is_last) context.is_unclear = true;
                ++i;
            } else if (c == '\n') {
                context.is_unclear = true;
            } else if (c == (context.style == Style::dual ? '"' : '\'')) {
                context.style = Style::code;
            }
            break;
        case Style::comment:
            if (c == '*' && is_last) {
                context.is_unclear = true;
            } else if (c == '*' && text[i + 1] == '/') {
                context.style = Style::code;
                ++i;
            }
            break;
        case Style::url:
            if (c == ')') context.style = Style::code;
            if (c == '"' || c == '\'' || c == '\\') context.is_unclear = true;
        }
    }
}

Escape place_in_script(const Context& context, bool in_attribute) {
    if (!context.runs) throw ContextError(0, "a value in a script of a type that isn't known");
    if (context.is_unclear)
        throw ContextError(0, "a value in a script behind a /, a `, or what else makes it doubtful "
                              "where it stands: put `const data = {{ … }};` first");
    switch (context.script) {
    case Script::code:
        return in_attribute ? Escape::attribute_value : Escape::script_value;
    case Script::single:
    case Script::dual:
        return in_attribute ? Escape::attribute_text : Escape::script_text;
    default:
        throw ContextError(0, "a value in a comment of a script");
    }
}

Escape place_in_style(const Context& context) {
    if (context.is_unclear || context.style != Style::code)
        throw ContextError(0, "a value in a string, a url(…), a comment or behind a \\ of a style: "
                              "it can be what a property is set to, a word or a number");
    return Escape::style;
}

Escape place_in_url(Context& context) {
    const bool is_resource = context.attribute == Attribute::resource_url;
    switch (context.url) {
    case Url::start:
        if (is_resource)
            throw ContextError(0, "a value can't be the beginning of the URL that a script or an "
                                  "object comes from: it could be anybody's");
        context.url = Url::scheme;
        return Escape::url_start;
    case Url::scheme:
        if (is_resource)
            throw ContextError(0, "a value in the beginning of the URL of a script or an object");
        return Escape::url_part;
    case Url::inside:
        return Escape::url_part;
    case Url::refused:
        throw ContextError(0, "a value in a URL that isn't http, https, mailto, tel or sms");
    case Url::ambiguous:
        break;
    }
    throw ContextError(0, "whether a value is the beginning of a URL depends on what the template "
                          "does before it");
}

} // namespace armature::detail

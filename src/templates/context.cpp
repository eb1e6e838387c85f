#include "templates/context.hpp"

#include "core/characters.hpp"
#include "templates/embedded.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace armature::detail {

namespace {

using State = Context::State;
using Element = Context::Element;
using Attribute = Context::Attribute;
using Url = Context::Url;
using Script = Context::Script;
using Style = Context::Style;

constexpr bool is_html_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

// --- What elements and attributes are ---

Element element_of(std::string_view name) {
    static constexpr std::string_view raw[] = {"xmp", "iframe", "noembed", "noframes", "plaintext"};
    static constexpr std::string_view resources[] = {"base", "object", "embed"};
    static constexpr std::string_view animations[] = {"animate", "set", "animatetransform",
                                                      "animatemotion"};
    if (name == "script") return Element::script;
    if (name == "style") return Element::style;
    if (name == "textarea" || name == "title") return Element::text_only;
    if (name == "meta") return Element::meta;
    if (is_one_of(name, raw)) return Element::raw;
    if (is_one_of(name, resources)) return Element::resource;
    if (is_one_of(name, animations)) return Element::animation;
    return Element::other;
}

// The name in lower case. What holds a URL is taken from HTML, SVG and MathML, and by its name.
Attribute attribute_of(std::string_view name, Element element) {
    static constexpr std::string_view urls[] = {
        "action", "archive",  "background", "cite",    "classid", "codebase",
        "data",   "dynsrc",   "formaction", "href",    "icon",    "longdesc",
        "lowsrc", "manifest", "poster",     "profile", "src",     "usemap"};
    if (name.starts_with("on")) return Attribute::script;
    if (name == "style") return Attribute::style;
    if (name == "srcdoc") return Attribute::refused;
    if (name == "srcset" || name == "imagesrcset" || name == "ping") return Attribute::url_list;
    if (element == Element::script && name == "type") return Attribute::script_type;
    if (element == Element::meta && name == "http-equiv") return Attribute::http_equiv;
    if (element == Element::meta && name == "content") return Attribute::meta_content;
    const bool is_custom = name.starts_with("data-");
    if (is_custom) name.remove_prefix(5);
    if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
        if (name.substr(0, colon) == "xmlns" || name.substr(0, colon) == "xml")
            return Attribute::refused;
        name.remove_prefix(colon + 1);
    }
    // SMIL sets an attribute, whose name is in another one, to these.
    static constexpr std::string_view animated[] = {"attributename", "by", "from", "to", "values"};
    if (element == Element::animation && is_one_of(name, animated)) return Attribute::refused;
    if (is_one_of(name, urls))
        return (element == Element::script || element == Element::resource) && !is_custom
                   ? Attribute::resource_url
                   : Attribute::url;
    for (const std::string_view part : {"src", "uri", "url"})
        if (name.find(part) != std::string_view::npos) return Attribute::url;
    return Attribute::plain;
}

// --- Tags ---

void enter_tag(Context& context, std::string_view name, bool is_end_tag) {
    context = Context{};
    context.state = State::tag;
    context.is_end_tag = is_end_tag;
    context.element = element_of(name);
    if (context.element == Element::script || context.element == Element::style ||
        context.element == Element::text_only || context.element == Element::raw)
        name.copy(context.tag_name, sizeof context.tag_name - 1);
}

void leave_tag(Context& context, bool is_self_closing, std::size_t at) {
    const Context tag = context;
    context = Context{};
    if (tag.is_end_tag || tag.tag_name[0] == '\0') return;
    if (is_self_closing)
        throw ContextError(at, std::string{"<"} + tag.tag_name +
                                   "/> ends in some places and not in others: write its end tag");
    context.state = State::content;
    context.element = tag.element;
    context.runs = tag.runs;
    std::memcpy(context.tag_name, tag.tag_name, sizeof tag.tag_name);
}

std::size_t read_tag_open(Context& context, std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at); // begins with '<'
    const auto cut = [&] {
        return ContextError(at, "a tag can't be made of values or tags of the template: write &lt; "
                                "for a < of the text");
    };
    if (rest.size() < 2) throw cut();
    if (rest.starts_with("<!--")) {
        context = Context{};
        context.state = State::comment;
        context.is_fresh = true;
        return at + 4;
    }
    if (rest[1] == '!' || rest[1] == '?') {
        if (std::string_view{"<!--"}.starts_with(rest)) throw cut();
        if (rest.starts_with("<![")) throw ContextError(at, "<![CDATA[ isn't HTML");
        context = Context{};
        context.state = State::bogus;
        return at + 2;
    }
    const bool is_end_tag = rest[1] == '/';
    const std::size_t name = is_end_tag ? 2 : 1;
    if (rest.size() <= name) throw cut();
    if (!is_alpha(rest[name])) {
        if (!is_end_tag) return at + 1; // a < of the text
        if (rest[name] == '>') return at + 3;
        context = Context{};
        context.state = State::bogus;
        return at + 2;
    }
    std::size_t end = name;
    while (end < rest.size() && !is_html_space(rest[end]) && rest[end] != '/' && rest[end] != '>')
        ++end;
    enter_tag(context, lower(rest.substr(name, end - name)), is_end_tag);
    if (end == rest.size()) { // whatever follows may not add to it
        context.state = State::attribute_name;
        context.attribute = Attribute::unclear;
    }
    return at + end;
}

// --- Attributes ---

void begin_value(Context& context) {
    context.url = Url::start;
    context.script = Script::code;
    context.style = Style::code;
    context.is_unclear = false;
}

void read_script_type(Context& context, std::string_view type, std::size_t at) {
    static constexpr std::string_view known[] = {
        "",          "module",           "text/javascript",     "application/javascript",
        "importmap", "application/json", "application/ld+json", "speculationrules"};
    const std::string name = lower(type);
    if (name.find('&') != std::string::npos)
        throw ContextError(at, "the type of a script can't have references such as &amp; in it");
    context.runs = is_one_of(name, known);
}

void advance_value(Context& context, std::string_view piece, std::size_t at) {
    switch (context.attribute) {
    case Attribute::url:
    case Attribute::resource_url:
        advance_url(context, piece);
        break;
    case Attribute::script:
        advance_script(context, piece, true);
        break;
    case Attribute::style:
        advance_style(context, piece, true);
        break;
    case Attribute::meta_content:
        if (lower(piece).find("url") != std::string::npos) context.is_unclear = true;
        break;
    case Attribute::unclear:
        throw ContextError(at, "which attribute this is depends on what the template does");
    default:
        break;
    }
}

void end_value(Context& context) {
    const Context tag = context;
    context = Context{};
    context.state = State::tag;
    context.element = tag.element;
    context.is_end_tag = tag.is_end_tag;
    context.runs = tag.runs;
    context.has_http_equiv = tag.has_http_equiv;
    context.has_meta_value = tag.has_meta_value;
    std::memcpy(context.tag_name, tag.tag_name, sizeof tag.tag_name);
}

std::size_t read_attribute_name(Context& context, std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && !is_html_space(text[end]) && text[end] != '/' && text[end] != '>' &&
           text[end] != '=') {
        if (text[end] == '"' || text[end] == '\'' || text[end] == '<')
            throw ContextError(end, std::string{"a "} + text[end] +
                                        " in a tag, where an attribute's name belongs");
        ++end;
    }
    if (end == at) throw ContextError(at, "a = in a tag without an attribute's name before it");
    context.state = State::attribute_name;
    context.attribute = attribute_of(lower(text.substr(at, end - at)), context.element);
    if (context.attribute == Attribute::http_equiv) {
        if (context.has_meta_value)
            throw ContextError(at, "http-equiv behind a content with a value in it");
        context.has_http_equiv = true;
    }
    if (end < text.size()) context.state = State::after_name;
    return end;
}

// --- One step in each state; gives where the next begins ---

std::size_t step_tag(Context& context, std::string_view text, std::size_t at) {
    const char c = text[at];
    if (is_html_space(c)) return at + 1;
    if (c == '/') return at + 1;
    if (c == '>') {
        leave_tag(context, at > 0 && text[at - 1] == '/', at);
        return at + 1;
    }
    return read_attribute_name(context, text, at);
}

std::size_t step_name_end(Context& context, std::string_view text, std::size_t at) {
    const char c = text[at];
    if (context.state == State::attribute_name) { // the name ended with the text before
        if (!is_html_space(c) && c != '/' && c != '>' &&
            (c != '=' || context.attribute == Attribute::unclear))
            throw ContextError(at, "the name of an attribute can't be made of pieces");
        context.state = State::after_name;
    }
    if (is_html_space(c)) return at + 1;
    if (c == '=') {
        context.state = State::before_value;
        return at + 1;
    }
    end_value(context);
    return at;
}

std::size_t step_before_value(Context& context, std::string_view text, std::size_t at) {
    const char c = text[at];
    if (is_html_space(c)) return at + 1;
    if (c == '>') throw ContextError(at, "an attribute without the value behind its =");
    begin_value(context);
    if (c == '"' || c == '\'') {
        context.state = State::quoted;
        context.quote = c;
        if (context.attribute == Attribute::script_type) {
            const std::size_t end = text.find(c, at + 1);
            if (end == std::string_view::npos)
                throw ContextError(at, "the type of a script can't be a value: it decides how what "
                                       "is in the script is read");
            read_script_type(context, text.substr(at + 1, end - at - 1), at);
        }
        return at + 1;
    }
    context.state = State::unquoted;
    if (context.attribute == Attribute::script_type) {
        std::size_t end = at;
        while (end < text.size() && !is_html_space(text[end]) && text[end] != '>')
            ++end;
        if (end == text.size())
            throw ContextError(at, "the type of a script can't be a value: it decides how what is "
                                   "in the script is read");
        read_script_type(context, text.substr(at, end - at), at);
    }
    return at;
}

std::size_t step_unquoted(Context& context, std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && !is_html_space(text[end]) && text[end] != '>') {
        if (std::string_view{"\"'<=`"}.find(text[end]) != std::string_view::npos)
            throw ContextError(end, std::string{"a "} + text[end] +
                                        " in an attribute's value without quotes");
        ++end;
    }
    advance_value(context, text.substr(at, end - at), at);
    if (end < text.size()) end_value(context);
    return end;
}

std::size_t step_quoted(Context& context, std::string_view text, std::size_t at) {
    const std::size_t end = std::min(text.find(context.quote, at), text.size());
    advance_value(context, text.substr(at, end - at), at);
    if (end == text.size()) return end;
    end_value(context);
    return end + 1;
}

std::size_t step_comment(Context& context, std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at);
    const bool is_fresh = std::exchange(context.is_fresh, false);
    if (is_fresh && (rest.starts_with(">") || rest.starts_with("->")))
        throw ContextError(at, "<!--> is no comment for browsers");
    const std::size_t plain = rest.find("-->");
    const std::size_t odd = rest.find("--!>");
    if (odd < plain) throw ContextError(at + odd, "--!> ends a comment: write -->");
    if (plain == std::string_view::npos) {
        if (rest.ends_with('-') || rest.ends_with("--!"))
            throw ContextError(text.size() - 1, "the end of a comment can't be made of pieces");
        return text.size();
    }
    context = Context{};
    return at + plain + 3;
}

std::size_t step_bogus(Context& context, std::string_view text, std::size_t at) {
    const std::size_t end = text.find('>', at);
    if (end == std::string_view::npos) return text.size();
    context = Context{};
    return end + 1;
}

void read_content(Context& context, std::string_view piece, std::size_t at) {
    if (context.element == Element::script) {
        // In "<!-- <script>" a browser doesn't take the next </script> for the end.
        if (const std::size_t found = piece.find("<!--"); found != std::string_view::npos)
            throw ContextError(at + found, "<!-- in a script");
        advance_script(context, piece, false);
    } else if (context.element == Element::style) {
        advance_style(context, piece, false);
    } else if (context.element == Element::text_only) {
        // Within an svg, <title> holds elements.
        for (std::size_t i = 0; i + 1 < piece.size(); ++i)
            if (piece[i] == '<' && (is_alpha(piece[i + 1]) || piece[i + 1] == '!'))
                throw ContextError(at + i, std::string{"a tag in a <"} + context.tag_name +
                                               ">, which holds text only: write &lt;");
    }
}

std::size_t step_content(Context& context, std::string_view text, std::size_t at) {
    const std::string_view name{context.tag_name};
    for (std::size_t i = text.find('<', at); i != std::string_view::npos;
         i = text.find('<', i + 1)) {
        const std::string_view rest = text.substr(i);
        const std::size_t known = std::min(rest.size(), name.size() + 2);
        if (!equal_ignoring_case(rest.substr(0, known),
                                 std::string{"</"}.append(name).substr(0, known)))
            continue;
        if (rest.size() <= name.size() + 2)
            throw ContextError(i, "the end tag of <" + std::string{name} +
                                      "> can't be made of pieces");
        const char after = rest[name.size() + 2];
        if (!is_html_space(after) && after != '/' && after != '>') continue;
        if (name == "plaintext") continue; // has no end
        read_content(context, text.substr(at, i - at), at);
        enter_tag(context, std::string{name}, true);
        return i + name.size() + 2;
    }
    read_content(context, text.substr(at), at);
    return text.size();
}

std::size_t step(Context& context, std::string_view text, std::size_t at) {
    switch (context.state) {
    case State::text: {
        const std::size_t found = text.find('<', at);
        if (found == std::string_view::npos) return text.size();
        return read_tag_open(context, text, found);
    }
    case State::comment:
        return step_comment(context, text, at);
    case State::bogus:
        return step_bogus(context, text, at);
    case State::tag:
        return step_tag(context, text, at);
    case State::attribute_name:
    case State::after_name:
        return step_name_end(context, text, at);
    case State::before_value:
        return step_before_value(context, text, at);
    case State::unquoted:
        return step_unquoted(context, text, at);
    case State::quoted:
        return step_quoted(context, text, at);
    case State::content:
        break;
    }
    return step_content(context, text, at);
}

// --- Values ---

Escape place_in_attribute(Context& context) {
    switch (context.attribute) {
    case Attribute::plain:
        return Escape::html;
    case Attribute::url:
    case Attribute::resource_url:
        return place_in_url(context);
    case Attribute::url_list:
        return Escape::url_item;
    case Attribute::script:
        return place_in_script(context, true);
    case Attribute::style:
        return place_in_style(context);
    case Attribute::meta_content:
        if (context.has_http_equiv || context.is_unclear)
            throw ContextError(0, "a value in what a <meta http-equiv> does");
        context.has_meta_value = true;
        return Escape::html;
    default:
        throw ContextError(0, "a value in an attribute that decides how others are read");
    }
}

} // namespace

void advance(Context& context, std::string_view text) {
    std::size_t at = 0;
    while (at < text.size())
        at = step(context, text, at);
}

Escape place_value(Context& context) {
    switch (context.state) {
    case State::text:
        return Escape::text;
    case State::comment:
        if (context.is_fresh)
            throw ContextError(0, "a value right behind <!--: put a space before");
        return Escape::html;
    case State::quoted:
        return place_in_attribute(context);
    case State::before_value:
    case State::unquoted:
        throw ContextError(0, "a value in an attribute without quotes: write name=\"{{ … }}\"");
    case State::content:
        switch (context.element) {
        case Element::script:
            return place_in_script(context, false);
        case Element::style:
            return place_in_style(context);
        case Element::text_only:
            return Escape::html;
        default:
            throw ContextError(0, std::string{"a value in <"} + context.tag_name + ">");
        }
    case State::bogus:
        throw ContextError(0, "a value in <!…> or <?…>");
    default:
        throw ContextError(0, "a value in a tag outside of an attribute's value: {% if %} around "
                              "the attribute does what is meant");
    }
}

Context join(const Context& a, const Context& b) {
    if (a == b) return a;
    Context left = a;
    Context right = b;
    // `<input{% if x %} checked{% endif %}>`: an attribute may be there, if nothing adds to it.
    const auto is_between = [](const Context& context) {
        return context.state == State::tag || context.state == State::attribute_name ||
               context.state == State::after_name;
    };
    if (is_between(left) && is_between(right)) {
        const bool is_open =
            left.state == State::attribute_name || right.state == State::attribute_name;
        for (Context* side : {&left, &right}) {
            side->state = is_open ? State::attribute_name : State::after_name;
            side->attribute = Attribute::unclear;
        }
    }
    // `runs` is of the tag; the rest may differ without harm, being looked at before use.
    left.is_unclear = right.is_unclear = left.is_unclear || right.is_unclear;
    left.has_http_equiv = right.has_http_equiv = left.has_http_equiv || right.has_http_equiv;
    left.has_meta_value = right.has_meta_value = left.has_meta_value || right.has_meta_value;
    left.is_fresh = right.is_fresh = left.is_fresh || right.is_fresh;
    left.runs = right.runs = left.runs && right.runs;
    if (left.state == State::quoted && left.url != right.url) {
        const bool is_bad = left.url == Url::refused || right.url == Url::refused;
        left.url = right.url = is_bad ? Url::refused : Url::ambiguous;
    }
    if (left == right) return left;
    throw ContextError(0, "the ways through it end in different places: " + describe(a) + ", and " +
                              describe(b));
}

std::string describe(const Context& context) {
    switch (context.state) {
    case State::text:
        return "in text";
    case State::comment:
        return "in a comment";
    case State::bogus:
        return "in <!…>";
    case State::tag:
    case State::attribute_name:
    case State::after_name:
        return "in a tag";
    case State::before_value:
    case State::unquoted:
        return "in an attribute's value without quotes";
    case State::quoted:
        return std::string{"in an attribute's value in "} + context.quote;
    case State::content:
        break;
    }
    return std::string{"in <"} + context.tag_name + ">";
}

} // namespace armature::detail

#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

// Where in a page a byte stands, as a browser will see it: HTML's tokenizer as far as pages written
// by people need it, with the parts of JavaScript, CSS and URLs that decide how a value is escaped.
// What is unusual enough to be doubtful is refused when the template is loaded, not guessed.
namespace armature::detail {

/// What a value goes through on its way into the page.
enum class Escape : std::uint8_t {
    text,            ///< the page's text, where TrustedHtml is sent as it is
    html,            ///< quoted attributes, comments, titles
    url_start,       ///< the beginning of a URL: only schemes that run nothing
    url_item,        ///< one of several URLs in a list
    url_part,        ///< a piece further in: percent-encoded
    script_value,    ///< JSON where JavaScript has a value
    script_text,     ///< within a JavaScript string
    attribute_value, ///< script_value in an attribute
    attribute_text,  ///< script_text in an attribute
    style,           ///< words, numbers and units where CSS has a value
};

struct Context {
    enum class State : std::uint8_t {
        text,
        comment,
        bogus, ///< <!DOCTYPE …>, <?…>
        tag,   ///< between attributes
        attribute_name,
        after_name,
        before_value,
        unquoted,
        quoted,
        content, ///< of script, style, textarea, title and the like: text up to its end tag
    };
    enum class Element : std::uint8_t {
        other,
        script,
        style,
        text_only,
        raw,
        meta,
        resource,
        animation
    };
    enum class Attribute : std::uint8_t {
        plain,
        url,
        resource_url,
        url_list,
        script,
        style,
        script_type,
        refused,
        meta_content,
        http_equiv,
        unclear
    };
    enum class Url : std::uint8_t { start, scheme, inside, refused, ambiguous };
    enum class Script : std::uint8_t { code, single, dual, line_comment, block_comment };
    enum class Style : std::uint8_t { code, single, dual, comment, url };

    State state = State::text;
    Element element = Element::other; ///< of the tag or the content
    Attribute attribute = Attribute::plain;
    Url url = Url::start;
    Script script = Script::code;
    Style style = Style::code;
    char quote = 0;
    bool is_end_tag = false;
    bool is_unclear = false; ///< the script or style holds what isn't followed any further
    bool runs = true;        ///< a script of a type that browsers know
    bool has_http_equiv = false;
    bool has_meta_value = false;
    bool is_fresh = false;  ///< right behind "<!--"
    char tag_name[12] = {}; ///< of elements with content of their own

    friend bool operator==(const Context&, const Context&) = default;
};

/// Why a template is refused, and at which byte of the text that was being read.
struct ContextError : std::runtime_error {
    ContextError(std::size_t at, const std::string& why) : std::runtime_error(why), offset(at) {}
    std::size_t offset;
};

/// Moves the context over text that stands in the template.
void advance(Context& context, std::string_view text);
/// How a value is escaped here; the context behind it.
[[nodiscard]] Escape place_value(Context& context);
/// What a page knows where two ways through it meet.
[[nodiscard]] Context join(const Context& a, const Context& b);
/// In words, for messages: "in a script".
[[nodiscard]] std::string describe(const Context& context);

} // namespace armature::detail

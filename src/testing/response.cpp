#include "testing/not_json.hpp"

#include <armature/testing/response.hpp>

namespace armature {

const TestCookie* TestResponse::cookie(std::string_view name) const noexcept {
    for (const TestCookie& cookie : cookies_)
        if (cookie.name == name) return &cookie;
    return nullptr;
}

std::string TestResponse::describe() const {
    constexpr std::size_t most_shown = 500;
    std::string text = std::to_string(status_code(status_));
    if (const std::string_view phrase = reason(status_); !phrase.empty())
        text.append(" ").append(phrase);
    if (text_.empty()) return text + " without content";
    text.append(": ").append(text_, 0, most_shown);
    if (text_.size() > most_shown)
        text.append("… (").append(std::to_string(text_.size())).append(" bytes)");
    return text;
}

void TestResponse::throw_not_json(const JsonErrors& errors) const {
    testkit::throw_not_json("the content", errors, describe());
}

void testkit::throw_not_json(std::string_view what, const JsonErrors& errors,
                             std::string_view shown) {
    std::string text{what};
    text += " is not the JSON that was wanted:";
    if (const JsonSyntaxError* syntax = errors.syntax())
        text.append("\n  line ")
            .append(std::to_string(syntax->line))
            .append(", column ")
            .append(std::to_string(syntax->column))
            .append(": ")
            .append(syntax->detail);
    for (const JsonError& error : errors.values())
        text.append("\n  ")
            .append(error.pointer.empty() ? "the document" : error.pointer)
            .append(" ")
            .append(error.detail);
    throw TestFailure{text.append("\nin ").append(shown)};
}

} // namespace armature

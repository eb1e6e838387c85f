#pragma once

#include "templates/context.hpp"

#include <armature/templates/templates.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

// What a template is made of once it was read.
namespace armature::detail {

/// One file's text, which nodes view, and its name.
struct TemplateFile;

struct Expression {
    enum class Kind : std::uint8_t {
        path,    ///< a.b.c
        text,    ///< "literal"
        number,  ///< 42, kept as text
        boolean, ///< true, false
        message, ///< t("key", name=value, …): `text` is the key
        negation,
        conjunction,
        disjunction,
        equality,
        inequality,
    };
    Kind kind = Kind::path;
    std::vector<std::string_view> path;
    std::string text;
    std::vector<Expression> operands;    ///< also a message's arguments
    std::vector<std::string_view> names; ///< of a message's arguments
};

struct TemplateNode;
using TemplateNodes = std::vector<TemplateNode>;

struct TemplateBranch {
    Expression condition; ///< of the last, if it is an `else`: true
    TemplateNodes nodes;
};

struct TemplateNode {
    enum class Kind : std::uint8_t { literal, value, choice, loop, block, include };

    Kind kind = Kind::literal;
    const TemplateFile* file = nullptr;
    std::size_t line = 1;
    std::string_view text;                ///< of a literal; the name of a block or a file
    Expression expression;                ///< the value, or what is looped over
    Escape escape = Escape::html;         ///< of a value
    std::vector<TemplateBranch> branches; ///< of a choice
    TemplateNodes nodes;                  ///< of a loop, a block
    TemplateNodes otherwise;              ///< of a loop without items
    std::string_view key;                 ///< the names of a loop's variables; the first
    std::string_view item;                ///< may be empty
};

struct TemplateFile {
    std::string name;
    std::string text;
    TemplateNodes nodes;
    std::string_view base; ///< extends
    std::size_t base_line = 0;
};

/// Throws TemplateError.
[[nodiscard]] std::unique_ptr<TemplateFile> parse_template(std::string name, std::string text);

} // namespace armature::detail

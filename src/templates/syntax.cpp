#include "templates/syntax.hpp"

#include "core/characters.hpp"

#include <algorithm>

namespace armature::detail {

namespace {

constexpr std::size_t deepest = 64;

bool is_name_start(char c) noexcept { return is_alpha(c) || c == '_'; }
bool is_name_character(char c) noexcept { return is_name_start(c) || is_digit(c); }
bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The words of what stands between {{ and }} or {% and %}.
class Words {
  public:
    Words(const TemplateFile& file, std::size_t line, std::string_view text) noexcept
        : file_(file), line_(line), rest_(text) {}

    [[noreturn]] void fail(const std::string& why) const {
        throw TemplateError(file_.name, line_, why);
    }

    bool at_end() noexcept {
        skip();
        return rest_.empty();
    }
    void expect_end(std::string_view after) {
        if (!at_end())
            fail("\"" + std::string{rest_} + "\" behind " + std::string{after} +
                 ", where nothing belongs");
    }
    bool take(std::string_view symbol) noexcept {
        skip();
        if (!rest_.starts_with(symbol)) return false;
        rest_.remove_prefix(symbol.size());
        return true;
    }
    // A name that is this word.
    bool take_word(std::string_view word) noexcept {
        skip();
        if (!rest_.starts_with(word) ||
            (rest_.size() > word.size() && is_name_character(rest_[word.size()])))
            return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    std::string_view name(std::string_view what) {
        skip();
        std::size_t end = 0;
        while (end < rest_.size() && is_name_character(rest_[end]))
            ++end;
        if (end == 0 || !is_name_start(rest_[0])) fail(std::string{what} + " is missing");
        return cut(end);
    }
    // A text in double or single quotes, which has no escapes.
    std::string_view quoted(std::string_view what) {
        skip();
        if (rest_.empty() || (rest_[0] != '"' && rest_[0] != '\''))
            fail(std::string{what} + " in quotes is missing");
        const std::size_t end = rest_.find(rest_[0], 1);
        if (end == std::string_view::npos) fail("a quote is missing");
        const std::string_view text = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        return text;
    }
    Expression expression() { return disjunction(); }

  private:
    void skip() noexcept {
        while (!rest_.empty() && is_blank(rest_[0]))
            rest_.remove_prefix(1);
    }
    std::string_view cut(std::size_t size) noexcept {
        const std::string_view text = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return text;
    }

    Expression both(Expression::Kind kind, Expression left, Expression right) {
        Expression result;
        result.kind = kind;
        result.operands.push_back(std::move(left));
        result.operands.push_back(std::move(right));
        return result;
    }
    Expression disjunction() {
        Expression left = conjunction();
        while (take_word("or"))
            left = both(Expression::Kind::disjunction, std::move(left), conjunction());
        return left;
    }
    Expression conjunction() {
        Expression left = negation();
        while (take_word("and"))
            left = both(Expression::Kind::conjunction, std::move(left), negation());
        return left;
    }
    Expression negation() {
        bool is_negated = false;
        while (take_word("not"))
            is_negated = !is_negated;
        Expression inner = comparison();
        if (!is_negated) return inner;
        Expression result;
        result.kind = Expression::Kind::negation;
        result.operands.push_back(std::move(inner));
        return result;
    }
    Expression comparison() {
        Expression left = operand();
        if (take("==")) return both(Expression::Kind::equality, std::move(left), operand());
        if (take("!=")) return both(Expression::Kind::inequality, std::move(left), operand());
        return left;
    }
    Expression operand() {
        skip();
        Expression result;
        if (rest_.empty()) fail("a value is missing");
        if (rest_[0] == '"' || rest_[0] == '\'') {
            result.kind = Expression::Kind::text;
            result.text = quoted("a text");
            return result;
        }
        if (is_digit(rest_[0]) || (rest_[0] == '-' && rest_.size() > 1 && is_digit(rest_[1]))) {
            std::size_t end = 1;
            while (end < rest_.size() && (is_digit(rest_[end]) || rest_[end] == '.'))
                ++end;
            result.kind = Expression::Kind::number;
            result.text = cut(end);
            return result;
        }
        for (const std::string_view word : {"true", "false"})
            if (take_word(word)) {
                result.kind = Expression::Kind::boolean;
                result.text = word;
                return result;
            }
        result.path.push_back(name("a value"));
        if (result.path[0] == "t" && take("(")) return message();
        while (!rest_.empty() && rest_[0] == '.') {
            rest_.remove_prefix(1);
            result.path.push_back(name("the name behind a dot"));
        }
        if (take("(")) fail("\"" + std::string{result.path.back()} + "\" is no function: t is one");
        return result;
    }
    Expression message() {
        Expression result;
        result.kind = Expression::Kind::message;
        result.text = quoted("the message's key");
        while (take(",")) {
            result.names.push_back(name("an argument's name"));
            if (!take("=")) fail("an argument of a message is written name=value");
            result.operands.push_back(operand());
        }
        if (!take(")")) fail("a ) is missing");
        return result;
    }

    const TemplateFile& file_;
    std::size_t line_;
    std::string_view rest_;
};

class Parser {
  public:
    explicit Parser(TemplateFile& file) noexcept : file_(file), rest_(file.text) {}

    void parse() {
        std::string_view end;
        file_.nodes = nodes({}, end, 1);
        if (file_.base.empty()) return;
        for (const TemplateNode& node : file_.nodes) {
            const bool is_space = node.kind == TemplateNode::Kind::literal &&
                                  std::all_of(node.text.begin(), node.text.end(), is_blank);
            if (node.kind != TemplateNode::Kind::block && !is_space)
                throw TemplateError(file_.name, node.line,
                                    "stands outside of the blocks of a template that extends "
                                    "another, so it would be nowhere");
        }
    }

  private:
    [[noreturn]] void fail(std::size_t line, const std::string& why) const {
        throw TemplateError(file_.name, line, why);
    }
    void move(std::size_t size) {
        line_ += static_cast<std::size_t>(std::count(rest_.begin(), rest_.begin() + size, '\n'));
        rest_.remove_prefix(size);
    }
    void add_literal(TemplateNodes& nodes, std::size_t size) {
        if (size != 0) {
            TemplateNode node = make(TemplateNode::Kind::literal);
            node.text = rest_.substr(0, size);
            nodes.push_back(std::move(node));
        }
        move(size);
    }
    TemplateNode make(TemplateNode::Kind kind) const {
        TemplateNode node;
        node.kind = kind;
        node.file = &file_;
        node.line = line_;
        return node;
    }
    // What is between the signs at the beginning of `rest_`.
    std::string_view inside(std::string_view close) {
        // A sign in quotes is text.
        char quote = 0;
        for (std::size_t i = 2; i < rest_.size(); ++i) {
            const char c = rest_[i];
            if (quote != 0) {
                if (c == quote) quote = 0;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (rest_.substr(i).starts_with(close)) {
                const std::string_view text = rest_.substr(2, i - 2);
                move(i + 2);
                return text;
            }
        }
        fail(line_, std::string{rest_.substr(0, 2)} + " without " + std::string{close});
    }

    // Up to one of the tags `ends`, whose word is put into `end`; its rest stays in `end_words_`.
    TemplateNodes nodes(std::initializer_list<std::string_view> ends, std::string_view& end,
                        std::size_t depth) {
        if (depth > deepest) fail(line_, "more than 64 tags within each other");
        TemplateNodes result;
        const std::size_t begun = line_;
        while (!rest_.empty()) {
            std::size_t sign = rest_.find('{');
            while (sign != std::string_view::npos && sign + 1 < rest_.size() &&
                   rest_[sign + 1] != '{' && rest_[sign + 1] != '%' && rest_[sign + 1] != '#')
                sign = rest_.find('{', sign + 1);
            if (sign == std::string_view::npos || sign + 1 >= rest_.size()) sign = rest_.size();
            add_literal(result, sign);
            if (rest_.empty()) break;
            if (rest_[1] == '#') {
                const std::size_t close = rest_.find("#}", 2);
                if (close == std::string_view::npos) fail(line_, "{# without #}");
                move(close + 2);
            } else if (rest_[1] == '{') {
                TemplateNode node = make(TemplateNode::Kind::value);
                Words words{file_, line_, inside("}}")};
                node.expression = words.expression();
                words.expect_end("a value");
                result.push_back(std::move(node));
            } else if (tag(result, ends, end, depth)) {
                return result;
            }
        }
        if (ends.size() != 0)
            fail(begun,
                 "{% " + std::string{*(ends.end() - 1)} + " %} is missing for what begins here");
        return result;
    }

    // True: it was one of `ends`.
    bool tag(TemplateNodes& result, std::initializer_list<std::string_view> ends,
             std::string_view& end, std::size_t depth) {
        TemplateNode node = make(TemplateNode::Kind::choice);
        Words words{file_, line_, inside("%}")};
        const std::string_view word = words.name("the word behind {%");
        if (std::find(ends.begin(), ends.end(), word) != ends.end()) {
            end = word;
            if (word == "elif") condition_ = words.expression();
            words.expect_end(word);
            return true;
        }
        if (word == "if") {
            choice(node, words, depth);
        } else if (word == "for") {
            loop(node, words, depth);
        } else if (word == "block") {
            block(node, words, depth);
        } else if (word == "include") {
            node.kind = TemplateNode::Kind::include;
            node.text = words.quoted("the name of a template");
            words.expect_end("include");
        } else if (word == "extends") {
            file_.base = words.quoted("the name of a template");
            file_.base_line = node.line;
            words.expect_end("extends");
            const bool is_first =
                std::all_of(result.begin(), result.end(), [](const TemplateNode& before) {
                    return before.kind == TemplateNode::Kind::literal &&
                           std::all_of(before.text.begin(), before.text.end(), is_blank);
                });
            if (!is_first || depth != 1) fail(node.line, "extends comes first in a template");
            return false;
        } else {
            fail(node.line, "there is no {% " + std::string{word} + " %} here");
        }
        result.push_back(std::move(node));
        return false;
    }

    void choice(TemplateNode& node, Words& words, std::size_t depth) {
        node.branches.push_back({words.expression(), {}});
        words.expect_end("a condition");
        std::string_view end;
        for (;;) {
            node.branches.back().nodes = nodes({"elif", "else", "endif"}, end, depth + 1);
            if (end == "endif") return;
            if (end == "else") break;
            node.branches.push_back({std::move(condition_), {}});
        }
        Expression always;
        always.kind = Expression::Kind::boolean;
        always.text = "true";
        node.branches.push_back({std::move(always), nodes({"endif"}, end, depth + 1)});
    }
    void loop(TemplateNode& node, Words& words, std::size_t depth) {
        node.kind = TemplateNode::Kind::loop;
        node.item = words.name("the name of a loop's variable");
        if (words.take(",")) {
            node.key = node.item;
            node.item = words.name("the name of a loop's second variable");
        }
        if (!words.take_word("in")) words.fail("a loop is written {% for item in items %}");
        node.expression = words.expression();
        if (node.expression.kind != Expression::Kind::path) words.fail("a loop goes over a list");
        words.expect_end("a loop");
        std::string_view end;
        node.nodes = nodes({"else", "endfor"}, end, depth + 1);
        if (end == "else") node.otherwise = nodes({"endfor"}, end, depth + 1);
    }
    void block(TemplateNode& node, Words& words, std::size_t depth) {
        node.kind = TemplateNode::Kind::block;
        node.text = words.name("the name of a block");
        words.expect_end("a block's name");
        std::string_view end;
        node.nodes = nodes({"endblock"}, end, depth + 1);
    }

    TemplateFile& file_;
    std::string_view rest_;
    std::size_t line_ = 1;
    Expression condition_; ///< of an elif
};

} // namespace

std::unique_ptr<TemplateFile> parse_template(std::string name, std::string text) {
    auto file = std::make_unique<TemplateFile>();
    file->name = std::move(name);
    file->text = std::move(text);
    Parser{*file}.parse();
    return file;
}

} // namespace armature::detail

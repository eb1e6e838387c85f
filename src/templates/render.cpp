#include "templates/escape.hpp"
#include "templates/pages.hpp"

#include <armature/middleware/security_headers.hpp>
#include <armature/templates/translation.hpp>

#include <array>

namespace armature::detail {

namespace {

// The position in the innermost loop, as `loop`.
struct LoopPosition {
    std::int64_t index = 0;
    bool first = false;
    bool last = false;
};
ARMATURE_DESCRIBE(LoopPosition, index, first, last);

std::string joined(const std::vector<std::string_view>& path) {
    std::string text;
    for (const std::string_view name : path)
        text.append(text.empty() ? "" : ".").append(name);
    return text;
}

class Renderer {
  public:
    Renderer(std::string& out, TemplateRef data, Request* request) noexcept
        : out_(out), data_(data), request_(request) {}

    void render(const TemplateNodes& nodes) {
        for (const TemplateNode& node : nodes)
            render(node);
    }

  private:
    struct Name {
        std::string_view name;
        TemplateRef value;
    };

    void render(const TemplateNode& node) {
        switch (node.kind) {
        case TemplateNode::Kind::literal:
            out_.append(node.text);
            break;
        case TemplateNode::Kind::value:
            at_ = &node;
            write(node);
            break;
        case TemplateNode::Kind::choice:
            at_ = &node;
            for (const TemplateBranch& branch : node.branches)
                if (truth(branch.condition)) {
                    render(branch.nodes);
                    break;
                }
            break;
        default:
            at_ = &node;
            loop(node);
        }
    }

    [[noreturn]] void fail(const std::string& why) const {
        throw std::logic_error("armature: " + at_->file->name + ":" + std::to_string(at_->line) +
                               ": " + why);
    }

    void write(const TemplateNode& node) {
        const Expression& expression = node.expression;
        if (expression.kind != Expression::Kind::path) {
            const std::string value = text(expression);
            if (node.escape == Escape::script_value || node.escape == Escape::attribute_value) {
                if (expression.kind == Expression::Kind::text ||
                    expression.kind == Expression::Kind::message)
                    write_escaped(out_, template_ref(value), node.escape);
                else
                    out_.append(" ").append(value).append(" "); // a number, true, false
            } else {
                write_escaped(out_, value, node.escape);
            }
            return;
        }
        if (const TemplateRef value = resolve(expression.path)) {
            try {
                write_escaped(out_, value, node.escape);
            } catch (const std::logic_error& error) {
                fail("\"" + joined(expression.path) + "\": " + error.what());
            }
            return;
        }
        write_escaped(out_, known(expression.path), node.escape);
    }

    // What every page knows without being given it.
    std::string_view known(const std::vector<std::string_view>& path) {
        if (path.size() == 1 && path[0] == "csp_nonce") {
            const CspNonce* nonce = request_ != nullptr ? request_->find<CspNonce>() : nullptr;
            if (nonce == nullptr)
                fail("csp_nonce needs SecurityHeaders with a nonce around the route, and "
                     "render(request, …)");
            return nonce->text;
        }
        if (path.size() == 1 && path[0] == "locale") return translation().locale();
        if (path.size() == 1 && path[0] == "direction") return translation().direction();
        fail("there is no \"" + joined(path) + "\" in what the page was given");
    }
    const TemplateTranslation& translation() const {
        const auto* found =
            request_ != nullptr ? request_->find<const TemplateTranslation*>() : nullptr;
        if (found == nullptr)
            fail("t(…), locale and direction need translations around the route, and "
                 "render(request, …)");
        return **found;
    }

    // Null when there is no such thing.
    TemplateRef resolve(const std::vector<std::string_view>& path) const {
        TemplateRef value;
        for (auto name = names_.rbegin(); name != names_.rend() && !value; ++name)
            if (name->name == path[0]) value = name->value;
        if (!value) value = data_.type->find(data_.object, path[0]);
        for (std::size_t i = 1; i < path.size() && value; ++i) {
            if (value.type == &template_nothing) return value;
            value = value.type->find != nullptr ? value.type->find(value.object, path[i])
                                                : TemplateRef{};
        }
        return value;
    }

    bool truth(const Expression& expression) {
        const auto& operands = expression.operands;
        switch (expression.kind) {
        case Expression::Kind::path: {
            const TemplateRef value = resolve(expression.path);
            if (value) return value.type->truth(value.object);
            // Of a map nobody knows before what it holds.
            if (is_open(expression.path)) return false;
            return !known(expression.path).empty();
        }
        case Expression::Kind::boolean:
            return expression.text == "true";
        case Expression::Kind::negation:
            return !truth(operands[0]);
        case Expression::Kind::conjunction:
            return truth(operands[0]) && truth(operands[1]);
        case Expression::Kind::disjunction:
            return truth(operands[0]) || truth(operands[1]);
        case Expression::Kind::equality:
            return text(operands[0]) == text(operands[1]);
        case Expression::Kind::inequality:
            return text(operands[0]) != text(operands[1]);
        case Expression::Kind::number:
            return expression.text != "0";
        default:
            return !text(expression).empty();
        }
    }
    // Whether the path ends in a map, or in values by name.
    bool is_open(const std::vector<std::string_view>& path) const {
        if (path.size() == 1) return data_.type->kind == ValueKind::map;
        const TemplateRef parent = resolve({path.begin(), path.end() - 1});
        return parent && parent.type->kind == ValueKind::map;
    }

    std::string text(const Expression& expression) {
        switch (expression.kind) {
        case Expression::Kind::text:
        case Expression::Kind::number:
        case Expression::Kind::boolean:
            return expression.text;
        case Expression::Kind::message:
            return message(expression);
        case Expression::Kind::path: {
            std::string result;
            if (const TemplateRef value = resolve(expression.path)) {
                if (value.type == &template_nothing) return {};
                if (value.type->text == nullptr)
                    fail("\"" + joined(expression.path) + "\" is a list or has members");
                value.type->text(value.object, result);
                return result;
            }
            return std::string{known(expression.path)};
        }
        default:
            return truth(expression) ? "true" : "false";
        }
    }

    std::string message(const Expression& expression) {
        std::vector<TemplateArgument> arguments;
        std::vector<std::string> texts(expression.operands.size());
        for (std::size_t i = 0; i < expression.operands.size(); ++i) {
            TemplateArgument argument;
            argument.name = expression.names[i];
            const Expression& operand = expression.operands[i];
            const TemplateRef value =
                operand.kind == Expression::Kind::path ? resolve(operand.path) : TemplateRef{};
            if (value && value.type->integer != nullptr) {
                argument.kind = TemplateArgument::Kind::integer;
                argument.integer = value.type->integer(value.object);
            } else if (value && value.type->real != nullptr) {
                argument.kind = TemplateArgument::Kind::real;
                argument.real = value.type->real(value.object);
            } else {
                texts[i] = text(operand);
                argument.text = texts[i];
                if (operand.kind == Expression::Kind::number) {
                    argument.kind = TemplateArgument::Kind::real;
                    argument.real = std::stod(texts[i]);
                }
            }
            arguments.push_back(argument);
        }
        std::string result;
        translation().translate(result, expression.text, arguments);
        return result;
    }

    void loop(const TemplateNode& node) {
        const TemplateRef list = resolve(node.expression.path);
        if (!list || (list.type->each == nullptr && list.type != &template_nothing))
            fail("\"" + joined(node.expression.path) + "\" is no list");
        struct Each final : TemplateVisitor {
            Each(Renderer& of, const TemplateNode& node) : renderer(of), loop(node) {}
            void visit(std::string_view key, TemplateRef item, bool is_last) override {
                ++position.index;
                position.first = position.index == 1;
                position.last = is_last;
                const std::size_t before = renderer.names_.size();
                renderer.names_.push_back({"loop", template_ref(position)});
                if (!loop.key.empty()) renderer.names_.push_back({loop.key, template_ref(key)});
                renderer.names_.push_back({loop.item, item});
                renderer.render(loop.nodes);
                renderer.names_.resize(before);
            }
            Renderer& renderer;
            const TemplateNode& loop;
            LoopPosition position;
        };
        Each each{*this, node};
        if (list.type->each != nullptr) list.type->each(list.object, each);
        if (each.position.index == 0) render(node.otherwise);
    }

    std::string& out_;
    TemplateRef data_;
    Request* request_;
    const TemplateNode* at_ = nullptr; ///< for messages
    std::vector<Name> names_;
};

} // namespace

std::string render_page(const TemplatePage& page, TemplateRef data, Request* request) {
    std::string out;
    out.reserve(page.size.load(std::memory_order_relaxed));
    Renderer{out, data, request}.render(page.nodes);
    page.size.store(out.size() + out.size() / 8, std::memory_order_relaxed);
    return out;
}

} // namespace armature::detail

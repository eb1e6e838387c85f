#include "templates/pages.hpp"

#include <algorithm>

namespace armature::detail {

namespace {

// Follows a page's names through a type as rendering follows them through a value.
class Check {
  public:
    explicit Check(const TypeInfo& type) noexcept : root_(type) {}

    void nodes(const TemplateNodes& nodes) {
        for (const TemplateNode& node : nodes) {
            at_ = &node;
            switch (node.kind) {
            case TemplateNode::Kind::literal:
                break;
            case TemplateNode::Kind::value:
                value(node);
                break;
            case TemplateNode::Kind::choice:
                for (const TemplateBranch& branch : node.branches) {
                    at_ = &node;
                    condition(branch.condition);
                    this->nodes(branch.nodes);
                }
                break;
            default:
                loop(node);
            }
        }
    }

  private:
    struct Name {
        std::string_view name;
        const TypeInfo* type; ///< null: not known
    };

    [[noreturn]] void fail(const std::string& why) const {
        throw TemplateError(at_->file->name, at_->line, why);
    }

    static const TypeInfo* inner(const TypeInfo* type) {
        while (type != nullptr && type->kind == ValueKind::optional)
            type = type->item;
        // Which of its structs a variant holds is known when it is shown.
        return type != nullptr && type->kind == ValueKind::variant ? nullptr : type;
    }

    const TypeInfo* member(const TypeInfo& type, std::string_view name) const {
        for (const MemberInfo& member : type.members)
            if (member.name == name) return inner(member.type);
        std::string names;
        for (const MemberInfo& member : type.members)
            names.append(names.empty() ? "" : ", ").append(member.name);
        fail(std::string{type.name} + " has no member \"" + std::string{name} + "\"; it has " +
             names);
    }

    const TypeInfo* resolve(const std::vector<std::string_view>& path) const {
        const TypeInfo* type = nullptr;
        const auto local = std::find_if(names_.rbegin(), names_.rend(),
                                        [&](const Name& name) { return name.name == path[0]; });
        if (local != names_.rend()) {
            type = local->type;
        } else if (path.size() == 1 && is_known(path[0])) {
            return &type_info<std::string>();
        } else {
            type = member(root_, path[0]);
        }
        for (std::size_t i = 1; i < path.size() && type != nullptr; ++i) {
            if (type->kind == ValueKind::map)
                type = inner(type->item);
            else if (type->kind == ValueKind::object)
                type = member(*type, path[i]);
            else
                fail("\"" + std::string{path[i - 1]} + "\" has no members");
        }
        return type;
    }
    bool is_known(std::string_view name) const {
        for (const MemberInfo& member : root_.members)
            if (member.name == name) return false;
        return name == "csp_nonce" || name == "locale" || name == "direction";
    }

    static bool is_text(const TypeInfo* type) {
        return type == nullptr || (type->kind != ValueKind::object &&
                                   type->kind != ValueKind::list && type->kind != ValueKind::map);
    }
    void text(const Expression& expression) const {
        condition(expression);
        if (expression.kind == Expression::Kind::path && !is_text(resolve(expression.path)))
            fail("\"" + std::string{expression.path.back()} +
                 "\" is a list or has members: name one of them");
    }
    void value(const TemplateNode& node) const {
        if (node.escape == Escape::script_value || node.escape == Escape::attribute_value)
            condition(node.expression);
        else
            text(node.expression);
    }
    void condition(const Expression& expression) const {
        if (expression.kind == Expression::Kind::path) resolve(expression.path);
        const bool has_texts = expression.kind == Expression::Kind::message ||
                               expression.kind == Expression::Kind::equality ||
                               expression.kind == Expression::Kind::inequality;
        for (const Expression& operand : expression.operands)
            has_texts ? text(operand) : condition(operand);
    }
    void loop(const TemplateNode& node) {
        const TypeInfo* list = resolve(node.expression.path);
        if (list != nullptr && list->kind != ValueKind::list && list->kind != ValueKind::map)
            fail("\"" + std::string{node.expression.path.back()} + "\" is no list");
        const std::size_t before = names_.size();
        names_.push_back({"loop", nullptr});
        if (!node.key.empty()) names_.push_back({node.key, &type_info<std::string>()});
        names_.push_back({node.item, list != nullptr ? inner(list->item) : nullptr});
        nodes(node.nodes);
        names_.resize(before);
        nodes(node.otherwise);
    }

    const TypeInfo& root_;
    const TemplateNode* at_ = nullptr;
    std::vector<Name> names_;
};

} // namespace

void check_page(const TemplatePage& page, const TypeInfo& type) { Check{type}.nodes(page.nodes); }

} // namespace armature::detail

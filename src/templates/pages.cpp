#include "templates/pages.hpp"

#include <algorithm>
#include <set>

namespace armature::detail {

namespace {

using Files = std::map<std::string, std::unique_ptr<TemplateFile>, std::less<>>;
using Kind = TemplateNode::Kind;

constexpr std::size_t most_includes = 32;

[[noreturn]] void fail(const TemplateNode& node, const std::string& why) {
    throw TemplateError(node.file->name, node.line, why);
}

// Copies a template's nodes with blocks and included files in their places.
class Assembly {
  public:
    explicit Assembly(const Files& files) noexcept : files_(files) {}

    TemplateNodes assemble(const TemplateFile& page) {
        std::vector<const TemplateFile*> chain{&page};
        while (!chain.back()->base.empty()) {
            const TemplateFile& file = *chain.back();
            const auto found = files_.find(file.base);
            if (found == files_.end())
                throw TemplateError(file.name, file.base_line,
                                    "there is no template " + std::string{file.base});
            if (std::find(chain.begin(), chain.end(), found->second.get()) != chain.end())
                throw TemplateError(file.name, file.base_line, "extends itself");
            chain.push_back(found->second.get());
        }
        for (auto file = chain.begin(); file + 1 != chain.end(); ++file)
            for (const TemplateNode& node : (*file)->nodes)
                if (node.kind == Kind::block) blocks_.try_emplace(node.text, &node);
        TemplateNodes nodes = expand(chain.back()->nodes, 0);
        for (const auto& [name, node] : blocks_)
            if (!used_.contains(name))
                fail(*node, "none of the templates that it extends has a block \"" +
                                std::string{name} + "\"");
        return nodes;
    }

  private:
    TemplateNodes expand(const TemplateNodes& nodes, std::size_t depth) {
        TemplateNodes result;
        for (const TemplateNode& node : nodes)
            expand(node, depth, result);
        return result;
    }
    void append(TemplateNodes nodes, TemplateNodes& result) {
        std::move(nodes.begin(), nodes.end(), std::back_inserter(result));
    }
    void expand(const TemplateNode& node, std::size_t depth, TemplateNodes& result) {
        if (depth > most_includes) fail(node, "includes itself, or too many within each other");
        switch (node.kind) {
        case Kind::block: {
            used_.insert(node.text);
            const auto found = blocks_.find(node.text);
            const TemplateNode& meant = found == blocks_.end() ? node : *found->second;
            append(expand(meant.nodes, depth + 1), result);
            return;
        }
        case Kind::include: {
            const auto found = files_.find(node.text);
            if (found == files_.end()) fail(node, "there is no template " + std::string{node.text});
            if (!found->second->base.empty())
                fail(node, std::string{node.text} + " extends another, so it can't be included");
            append(expand(found->second->nodes, depth + 1), result);
            return;
        }
        default:
            break;
        }
        TemplateNode copy = node;
        for (TemplateBranch& branch : copy.branches)
            branch.nodes = expand(branch.nodes, depth);
        copy.nodes = expand(node.nodes, depth);
        copy.otherwise = expand(node.otherwise, depth);
        result.push_back(std::move(copy));
    }

    const Files& files_;
    std::map<std::string_view, const TemplateNode*> blocks_;
    std::set<std::string_view> used_;
};

// Finds the place of every value; gives the context behind the nodes.
Context place(TemplateNodes& nodes, Context context);

Context place_choice(TemplateNode& node, const Context& before) {
    std::optional<Context> after;
    const auto meet = [&](const Context& way) { after = after ? join(*after, way) : way; };
    for (TemplateBranch& branch : node.branches)
        meet(place(branch.nodes, before));
    const Expression& last = node.branches.back().condition;
    if (last.kind != Expression::Kind::boolean) meet(before); // there is no else
    return *after;
}

Context place_loop(TemplateNode& node, Context before) {
    // The second time round begins where the first ended.
    for (;;) {
        Context both = join(before, place(node.nodes, before));
        if (both == before) break;
        before = both;
    }
    return node.otherwise.empty() ? before : join(before, place(node.otherwise, before));
}

Context place(TemplateNodes& nodes, Context context) {
    for (TemplateNode& node : nodes) {
        try {
            switch (node.kind) {
            case Kind::literal:
                advance(context, node.text);
                break;
            case Kind::value:
                node.escape = place_value(context);
                break;
            case Kind::choice:
                context = place_choice(node, context);
                break;
            default:
                context = place_loop(node, context);
            }
        } catch (const ContextError& error) {
            const std::string_view before = node.text.substr(0, error.offset);
            throw TemplateError(node.file->name,
                                node.line + static_cast<std::size_t>(
                                                std::count(before.begin(), before.end(), '\n')),
                                error.what());
        }
    }
    return context;
}

void add_messages(const Expression& expression, const TemplateNode& node,
                  std::vector<TemplateMessage>& found) {
    if (expression.kind == Expression::Kind::message) {
        TemplateMessage message{expression.text, node.file->name, node.line, {}};
        message.arguments.assign(expression.names.begin(), expression.names.end());
        found.push_back(std::move(message));
    }
    for (const Expression& operand : expression.operands)
        add_messages(operand, node, found);
}
void add_messages(const TemplateNodes& nodes, std::vector<TemplateMessage>& found) {
    for (const TemplateNode& node : nodes) {
        add_messages(node.expression, node, found);
        for (const TemplateBranch& branch : node.branches) {
            add_messages(branch.condition, node, found);
            add_messages(branch.nodes, found);
        }
        add_messages(node.nodes, found);
        add_messages(node.otherwise, found);
    }
}

void add_parts(const TemplateNodes& nodes, std::set<std::string_view>& parts) {
    for (const TemplateNode& node : nodes) {
        if (node.kind == Kind::include) parts.insert(node.text);
        for (const TemplateBranch& branch : node.branches)
            add_parts(branch.nodes, parts);
        add_parts(node.nodes, parts);
        add_parts(node.otherwise, parts);
    }
}

} // namespace

TemplatePages::TemplatePages(std::vector<TemplateSource> sources) {
    for (TemplateSource& source : sources) {
        const std::string name = source.name;
        auto file = parse_template(std::move(source.name), std::move(source.text));
        if (!files_.emplace(name, std::move(file)).second)
            throw TemplateError(name, 0, "is there twice");
    }
    std::set<std::string_view> parts;
    for (const auto& [name, file] : files_) {
        add_parts(file->nodes, parts);
        if (!file->base.empty()) parts.insert(file->base);
    }
    for (const auto& [name, file] : files_) {
        auto page = std::make_unique<TemplatePage>();
        page->name = name;
        page->nodes = Assembly{files_}.assemble(*file);
        try {
            const Context end = place(page->nodes, Context{});
            if (end.state != Context::State::text)
                throw TemplateError(name, 0, "ends " + describe(end));
        } catch (const TemplateError& error) {
            // What others are made of, a piece of a tag for example, need not be a page.
            if (!parts.contains(name)) throw;
            page->fault = error;
        }
        pages_.emplace(name, std::move(page));
    }
}

const TemplatePage* TemplatePages::find(std::string_view name) const noexcept {
    const auto found = pages_.find(name);
    return found == pages_.end() ? nullptr : found->second.get();
}

std::vector<TemplateMessage> TemplatePages::messages() const {
    std::vector<TemplateMessage> found;
    for (const auto& [name, file] : files_)
        add_messages(file->nodes, found);
    return found;
}

} // namespace armature::detail

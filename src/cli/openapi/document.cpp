#include "cli/openapi/document.hpp"

#include "cli/openapi/reader.hpp"

#include <algorithm>
#include <tuple>

namespace armature::spec {

std::string to_text(const Finding& finding) {
    return finding.file + ":" + std::to_string(finding.line) +
           (finding.severity == Finding::Severity::error ? ": error: " : ": warning: ") +
           finding.what + "; " + finding.remedy + " (" + finding.rule + ")";
}

std::vector<std::string_view> Types::names() const {
    constexpr std::string_view words[] = {"null",   "boolean", "integer", "number",
                                          "string", "array",   "object"};
    std::vector<std::string_view> out;
    for (unsigned i = 0; i != 7; ++i)
        if (has(static_cast<Type>(1U << i))) out.push_back(words[i]);
    return out;
}

std::vector<std::string> Discriminator::tags_of(const Schema& alternative) const {
    std::vector<std::string> out;
    for (const auto& [tag, schema] : mapping)
        if (schema == &alternative) out.push_back(tag);
    if (out.empty() && !alternative.name.empty()) out.push_back(alternative.name);
    return out;
}

const Property* Schema::find(std::string_view property) const noexcept {
    for (const Property& one : properties)
        if (one.name == property) return &one;
    return nullptr;
}

bool Response::covers(unsigned code) const noexcept {
    if (status == "default") return true;
    if (status.size() != 3 || code < 100 || code > 999) return false;
    const std::string text = std::to_string(code);
    return status == text ||
           (status[0] == text[0] && (status.ends_with("XX") || status.ends_with("xx")));
}

const Response* Operation::response(unsigned code) const noexcept {
    const Response* range = nullptr;
    const Response* otherwise = nullptr;
    for (const Response& response : responses) {
        if (!response.covers(code)) continue;
        if (response.status == "default")
            otherwise = &response;
        else if (response.status == std::to_string(code))
            return &response;
        else
            range = &response;
    }
    return range != nullptr ? range : otherwise;
}

const Parameter* Operation::parameter(std::string_view name, Parameter::In in) const noexcept {
    for (const Parameter& one : parameters)
        if (one.name == name && one.in == in) return &one;
    return nullptr;
}

std::string Server::expanded() const {
    std::string out;
    std::string_view rest = url;
    while (!rest.empty()) {
        const std::size_t open = std::min(rest.find('{'), rest.size());
        out += rest.substr(0, open);
        rest.remove_prefix(open);
        const std::size_t close = rest.find('}');
        if (close == rest.npos) break;
        const std::string_view name = rest.substr(1, close - 1);
        const auto found =
            std::find_if(variables.begin(), variables.end(),
                         [&](const Variable& variable) { return variable.name == name; });
        out +=
            found != variables.end() ? std::string_view(found->value) : rest.substr(0, close + 1);
        rest.remove_prefix(close + 1);
    }
    return out.append(rest);
}

Document::Document(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Document Document::read(const std::string& location, const Load& load) {
    auto parts = std::make_unique<Parts>();
    Reader(*parts, load).read(location);
    // What several references lead to was looked at several times.
    std::set<std::tuple<std::string, unsigned, std::string, std::string>> met;
    std::erase_if(parts->findings, [&](const Finding& finding) {
        return !met.emplace(finding.file, finding.line, finding.rule, finding.what).second;
    });
    return Document(std::move(parts));
}

const std::string& Document::version() const noexcept { return parts_->version; }
const std::string& Document::title() const noexcept { return parts_->title; }
const std::string& Document::api_version() const noexcept { return parts_->api_version; }
const std::string& Document::description() const noexcept { return parts_->description; }
const std::vector<Server>& Document::servers() const noexcept { return parts_->servers; }
const std::vector<Tag>& Document::tags() const noexcept { return parts_->tags; }
const std::vector<SecurityScheme>& Document::security_schemes() const noexcept {
    return parts_->security_schemes;
}
const std::vector<Operation>& Document::operations() const noexcept { return parts_->operations; }
const std::vector<Operation>& Document::webhooks() const noexcept { return parts_->webhooks; }
const std::vector<const Schema*>& Document::schemas() const noexcept { return parts_->schemas; }
const std::vector<Finding>& Document::findings() const noexcept { return parts_->findings; }
bool Document::has_errors() const noexcept {
    return std::any_of(
        parts_->findings.begin(), parts_->findings.end(),
        [](const Finding& finding) { return finding.severity == Finding::Severity::error; });
}
const Node& Document::root() const noexcept { return parts_->sources.front().root; }
std::vector<std::string> Document::files() const {
    std::vector<std::string> out;
    for (const Parts::Source& source : parts_->sources)
        out.push_back(source.file);
    return out;
}

} // namespace armature::spec

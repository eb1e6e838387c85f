#include "cli/mock/routes.hpp"

#include <armature/core/url.hpp>

#include <algorithm>

namespace armature::cli::mock {

namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> all;
    if (path.starts_with('/')) path.remove_prefix(1);
    for (;;) {
        const std::size_t slash = path.find('/');
        all.push_back(path.substr(0, slash));
        if (slash == path.npos) return all;
        path.remove_prefix(slash + 1);
    }
}

} // namespace

Routes::Routes(const spec::Document& document) {
    for (const spec::Operation& operation : document.operations()) {
        auto path = std::find_if(paths_.begin(), paths_.end(),
                                 [&](const Path& one) { return one.text == operation.path; });
        if (path == paths_.end()) {
            Path made = parse(operation.path);
            const auto place = std::upper_bound(paths_.begin(), paths_.end(), made, &is_before);
            path = paths_.insert(place, std::move(made));
        }
        path->operations.push_back(&operation);
        for (const spec::Server& server : operation.servers) {
            const auto url = Url::parse(server.expanded());
            std::string prefix = url ? url->path() : "";
            while (prefix.ends_with('/'))
                prefix.pop_back();
            if (!prefix.empty() &&
                std::find(prefixes_.begin(), prefixes_.end(), prefix) == prefixes_.end())
                prefixes_.push_back(prefix);
        }
    }
}

// Literal segments before those with parameters.
bool Routes::is_before(const Path& a, const Path& b) {
    return std::lexicographical_compare(
        a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
        [](const Segment& x, const Segment& y) { return x.is_literal() && !y.is_literal(); });
}

Routes::Path Routes::parse(std::string_view text) {
    Path path;
    path.text = text;
    for (std::string_view segment : segments_of(text)) {
        Segment parsed;
        while (!segment.empty() || parsed.parts.empty()) {
            const std::size_t open = segment.find('{');
            const std::size_t close = open == segment.npos ? open : segment.find('}', open);
            if (close == segment.npos) {
                parsed.parts.push_back({false, std::string{segment}});
                break;
            }
            if (open > 0) parsed.parts.push_back({false, std::string{segment.substr(0, open)}});
            parsed.parts.push_back({true, std::string{segment.substr(open + 1, close - open - 1)}});
            segment.remove_prefix(close + 1);
        }
        path.segments.push_back(std::move(parsed));
    }
    return path;
}

bool Routes::Segment::match(std::string_view text,
                            std::vector<std::pair<std::string, std::string>>& params) const {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!parts[i].is_parameter) {
            if (!text.starts_with(parts[i].text)) return false;
            text.remove_prefix(parts[i].text.size());
            continue;
        }
        const std::size_t end = i + 1 < parts.size() ? text.find(parts[i + 1].text) : text.size();
        if (end == text.npos || end == 0) return false;
        std::string value{text.substr(0, end)};
        std::replace(value.begin(), value.end(), '\0', '/');
        params.emplace_back(parts[i].text, std::move(value));
        text.remove_prefix(end);
    }
    return text.empty();
}

std::optional<Routes::Match> Routes::find_exactly(std::string_view path) const {
    const std::vector<std::string_view> segments = segments_of(path);
    for (const Path& candidate : paths_) {
        if (candidate.segments.size() != segments.size()) continue;
        Match match;
        bool matches = true;
        for (std::size_t i = 0; i < segments.size() && matches; ++i)
            matches = candidate.segments[i].match(segments[i], match.params);
        if (!matches) continue;
        match.operations = candidate.operations;
        match.path = path;
        return match;
    }
    return std::nullopt;
}

std::optional<Routes::Match> Routes::find(std::string_view path) const {
    if (auto match = find_exactly(path)) return match;
    for (const std::string& prefix : prefixes_)
        if (path.starts_with(prefix) && path.substr(prefix.size()).starts_with('/'))
            if (auto match = find_exactly(path.substr(prefix.size()))) return match;
    return std::nullopt;
}

const spec::Operation* Routes::Match::operation(std::string_view method) const noexcept {
    const auto of = [&](std::string_view wanted) {
        const auto found = std::find_if(operations.begin(), operations.end(),
                                        [&](const auto* one) { return one->method == wanted; });
        return found == operations.end() ? nullptr : *found;
    };
    const spec::Operation* const own = of(method);
    return own == nullptr && method == "head" ? of("get") : own;
}

std::string Routes::Match::allow() const {
    std::string text;
    for (const spec::Operation* operation : operations) {
        if (!text.empty()) text += ", ";
        for (const char c : operation->method)
            text += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return text;
}

} // namespace armature::cli::mock

#include "routing/table.hpp"

#include <armature/core/url.hpp>
#include <armature/routing/router.hpp>

#include <algorithm>
#include <utility>

namespace armature {
namespace {

/// Encodes one segment. The byte 0 is a matched path's form of a slash inside of a segment.
std::string encode_segment(std::string_view segment) {
    std::string text{segment};
    std::replace(text.begin(), text.end(), '\0', '/');
    return percent_encode(text, EncodeSet::query_component);
}

/// Encodes a wildcard's value, whose slashes separate segments.
std::string encode_rest(std::string_view rest) {
    std::string text;
    for (std::size_t slash = rest.find('/'); slash != rest.npos; slash = rest.find('/')) {
        text += encode_segment(rest.substr(0, slash)) + '/';
        rest.remove_prefix(slash + 1);
    }
    return text + encode_segment(rest);
}

bool has_dot_segment(std::string_view path) {
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view segment = path.substr(begin, end - begin);
        if (segment == "." || segment == "..") return true;
        begin = end + 1;
    }
    return false;
}

/// Nothing when a request for the result wouldn't bring back the value.
std::optional<std::string> encode_value(const Constraint& constraint, std::string_view given) {
    const bool is_wildcard = constraint.kind == ParamKind::wildcard;
    std::string value{given};
    if (!is_wildcard) std::replace(value.begin(), value.end(), '/', '\0');
    if (!constraint.accepts(value) || has_dot_segment(value)) return std::nullopt;
    // "//host" would be a reference to another site (RFC 3986 §4.2).
    if (value.starts_with('/')) return std::nullopt;
    return is_wildcard ? encode_rest(value) : encode_segment(value);
}

} // namespace

std::string Route::describe() const {
    std::string text{method ? to_string(*method) : std::string_view{"any method of"}};
    if (text.empty()) text = "other methods of";
    text.append(" ").append(pattern);
    if (!where.empty()) text.append(" (").append(where).append(")");
    return text;
}

Router::Router(Owned<Table> table) noexcept : table_(std::move(table)) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

const Route* Router::Leaf::route(Method method) const noexcept {
    const auto own = [this](Method m) { return routes_[static_cast<std::size_t>(m)]; };
    if (own(method) != nullptr) return own(method);
    if (method == Method::head && own(Method::get) != nullptr) return own(Method::get);
    return any_;
}

const Router::Leaf* Router::match(std::string_view path, PathParams& params) const noexcept {
    params.truncate(0);
    const std::uint32_t leaf = table_->tree.find(path, params);
    if (leaf != Tree::no_leaf) return &table_->leaves[leaf];
    params.truncate(0);
    return nullptr;
}

const Router::Leaf* Router::match_other_slash(std::string_view path) const noexcept {
    PathParams params;
    const std::uint32_t leaf = table_->other_slash.find(path, params);
    return leaf != Tree::no_leaf ? &table_->leaves[leaf] : nullptr;
}

std::span<const Route> Router::routes() const noexcept { return table_->routes; }

Result<std::string> Router::url_for(std::string_view name,
                                    std::initializer_list<UrlParam> params) const {
    return url_for(name, std::span<const UrlParam>{params.begin(), params.size()});
}

Result<std::string> Router::url_for(std::string_view name, std::span<const UrlParam> params) const {
    const auto found = table_->names.find(name);
    if (found == table_->names.end()) {
        return Error::internal("no route is named '" + std::string{name} + "'");
    }
    const Route& route = *found->second;
    const auto error = [&](std::string_view before, std::string_view param,
                           std::string_view after) {
        std::string text{before};
        text.append("'").append(param).append("'").append(after).append(" in the URL of ");
        return Error::internal(text + route.describe());
    };

    std::string url;
    std::size_t used = 0;
    PatternReader reader{route.pattern};
    while (reader.next()) {
        url += '/';
        const PatternSegment& segment = reader.segment();
        if (!segment.is_param) {
            url += percent_encode(segment.literal, EncodeSet::path_segment);
            continue;
        }
        const PatternParam& param = segment.param;
        const auto given = std::find_if(params.begin(), params.end(),
                                        [&](const UrlParam& p) { return p.name == param.name; });
        if (given == params.end()) return error("parameter ", param.name, " is missing");
        ++used;
        const auto regex = table_->regexes.find(param.regex);
        const Constraint constraint{param.kind,
                                    regex != table_->regexes.end() ? regex->second.get() : nullptr};
        const auto encoded = encode_value(constraint, given->value);
        if (!encoded) {
            const std::string value{given->value};
            return error("parameter ", param.name, " doesn't accept '" + value + "'");
        }
        url += *encoded;
    }
    if (reader.has_trailing_slash()) url += '/';
    if (used == params.size()) return url;
    for (const UrlParam& given : params) {
        bool is_known = false;
        for (std::size_t i = 0; i < pattern_param_count(route.pattern); ++i) {
            is_known = is_known || pattern_param_name(route.pattern, i) == given.name;
        }
        if (!is_known) return error("there is no parameter ", given.name, "");
    }
    return error("parameter ", params.back().name, " is given twice");
}

} // namespace armature

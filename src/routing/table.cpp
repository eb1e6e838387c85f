#include "routing/table.hpp"

#include <utility>

namespace armature {
namespace {

/// A constraint in the order of precedence: the kind, then the regex's text.
using ConstraintKey = std::pair<ParamKind, std::string_view>;

/// Gives each constraint of the patterns its token, in the order of precedence.
std::map<ConstraintKey, char32_t> number_constraints(const std::vector<const Route*>& routes) {
    std::map<ConstraintKey, char32_t> tokens;
    for (const Route* route : routes) {
        for (PatternReader reader{route->pattern}; reader.next();) {
            const PatternParam& param = reader.segment().param;
            if (reader.segment().is_param)
                tokens.emplace(ConstraintKey{param.kind, param.regex}, 0);
        }
    }
    char32_t next = first_param_token;
    for (auto& [key, token] : tokens)
        token = next++;
    return tokens;
}

Shape shape_of(std::string_view pattern, const std::map<ConstraintKey, char32_t>& tokens) {
    Shape shape;
    PatternReader reader{pattern};
    while (reader.next()) {
        shape += U'/';
        const PatternSegment& segment = reader.segment();
        for (const char c : segment.literal)
            shape += static_cast<unsigned char>(c);
        if (segment.is_param) shape += tokens.at({segment.param.kind, segment.param.regex});
    }
    if (reader.has_trailing_slash()) shape += U'/';
    return shape;
}

std::string describe_all(const std::vector<std::string>& problems) {
    std::string text = "The route table has ";
    text.append(problems.size() == 1 ? "a problem:"
                                     : std::to_string(problems.size()) + " problems:");
    for (const std::string& problem : problems)
        text.append("\n  ").append(problem);
    return text;
}

} // namespace

RouteTableError::RouteTableError(std::vector<std::string> problems)
    : std::logic_error(describe_all(problems)), problems_(std::move(problems)) {}

void RouterBuilder::add(Method method, std::string pattern, EndpointId endpoint,
                        std::string_view name, std::string_view where) {
    routes_.push_back(
        {method, std::move(pattern), endpoint, std::string{name}, std::string{where}});
}

void RouterBuilder::add_any(std::string pattern, EndpointId endpoint, std::string_view name,
                            std::string_view where) {
    routes_.push_back(
        {std::nullopt, std::move(pattern), endpoint, std::string{name}, std::string{where}});
}

Router RouterBuilder::build(TrailingSlash trailing_slash) {
    return Router{
        Owned<Router::Table>{new Router::Table(std::exchange(routes_, {}), trailing_slash)}};
}

Router::Table::Table(std::vector<Route> all_routes, TrailingSlash trailing_slash)
    : routes(std::move(all_routes)) {
    Problems problems;
    std::vector<const Route*> sound;
    for (const Route& route : routes) {
        add_name(route, problems);
        if (check(route, problems)) sound.push_back(&route);
    }

    const auto tokens = number_constraints(sound);
    std::map<Shape, std::uint32_t> shapes;
    for (const Route* route : sound) {
        Shape shape = shape_of(route->pattern, tokens);
        const bool drops_slash = trailing_slash == TrailingSlash::ignore && shape.size() > 1;
        if (drops_slash && shape.back() == U'/') shape.pop_back();
        const auto next_leaf = static_cast<std::uint32_t>(leaves.size());
        const auto [entry, is_new] = shapes.emplace(std::move(shape), next_leaf);
        if (is_new) leaves.emplace_back();
        add_to_leaf(leaves[entry->second], *route, problems);
    }
    if (!problems.empty()) throw RouteTableError{std::move(problems)};

    for (Leaf& leaf : leaves)
        finish(leaf);
    std::vector<Constraint> constraints;
    for (const auto& [key, token] : tokens) {
        const auto regex = regexes.find(key.second);
        constraints.push_back({key.first, regex != regexes.end() ? regex->second.get() : nullptr});
    }
    add_trees(shapes, constraints, trailing_slash);
}

/// True when the route's pattern and its regexes are well-formed.
bool Router::Table::check(const Route& route, Problems& problems) {
    const std::size_t known = problems.size();
    const PatternError error = check_pattern(route.pattern);
    if (error != PatternError::ok) {
        problems.push_back(route.describe() + ": " + std::string{to_string(error)});
        return false;
    }
    for (PatternReader reader{route.pattern}; reader.next();) {
        const PatternParam& param = reader.segment().param;
        if (param.kind != ParamKind::regex) continue;
        auto& regex = regexes[std::string{param.regex}];
        if (!regex) regex = std::make_unique<re2::RE2>(std::string{param.regex}, re2::RE2::Quiet);
        if (!regex->ok()) problems.push_back(route.describe() + ": " + regex->error());
    }
    return problems.size() == known;
}

void Router::Table::add_name(const Route& route, Problems& problems) {
    if (route.name.empty()) return;
    const auto [named, is_new] = names.emplace(route.name, &route);
    if (is_new || named->second->pattern == route.pattern) return;
    problems.push_back(named->second->describe() + " and " + route.describe() +
                       " have the same name, '" + route.name + "', for different paths");
}

void Router::Table::add_to_leaf(Leaf& leaf, const Route& route, Problems& problems) {
    if (leaf.first_ == nullptr) leaf.first_ = &route;
    const Route*& place =
        route.method ? leaf.routes_[static_cast<std::size_t>(*route.method)] : leaf.any_;
    if (place == nullptr) {
        place = &route;
    } else {
        problems.push_back(place->describe() + " and " + route.describe() +
                           " take the same requests");
    }
}

/// Fills in what follows from the leaf's routes.
void Router::Table::finish(Leaf& leaf) {
    leaf.param_count_ = static_cast<std::uint32_t>(pattern_param_count(leaf.first_->pattern));
    for (std::size_t i = 0; i < method_count; ++i) {
        const auto method = static_cast<Method>(i);
        const Route* route = leaf.route(method);
        leaf.resolved_[i] = route != nullptr ? route->endpoint : no_endpoint;
        // `other` stands for methods whose names aren't known here.
        const bool is_listed = route != nullptr || method == Method::options;
        if (!is_listed || method == Method::other) continue;
        if (!leaf.allow_.empty()) leaf.allow_ += ", ";
        leaf.allow_ += to_string(method);
    }
}

void Router::Table::add_trees(const std::map<Shape, std::uint32_t>& shapes,
                              std::span<const Constraint> constraints,
                              TrailingSlash trailing_slash) {
    const bool has_wildcards =
        !constraints.empty() && constraints.back().kind == ParamKind::wildcard;
    const auto wildcard = static_cast<char32_t>(first_param_token + constraints.size() - 1);
    std::map<Shape, Tree::Target> main;
    std::map<Shape, Tree::Target> toggled;
    for (const auto& [shape, leaf] : shapes)
        main.emplace(shape, Tree::Target{leaf, false});

    // A path that was registered as it is comes before one that another pattern covers as well: the
    // first to claim a shape keeps it.
    for (const auto& [shape, leaf] : shapes) {
        if (has_wildcards && shape.back() == wildcard) continue;
        Shape other = shape;
        if (shape.back() == U'/')
            other.pop_back();
        else
            other += U'/';
        if (!other.empty()) toggled.emplace(std::move(other), Tree::Target{leaf, false});
    }
    if (trailing_slash == TrailingSlash::ignore) main.insert(toggled.begin(), toggled.end());
    for (const auto& [shape, leaf] : shapes) {
        if (!has_wildcards || shape.back() != wildcard) continue;
        const Shape with_slash = shape.substr(0, shape.size() - 1);
        const Shape without_slash = shape.substr(0, shape.size() - 2);
        main.emplace(with_slash, Tree::Target{leaf, true});
        if (without_slash.empty()) continue;
        toggled.emplace(without_slash, Tree::Target{leaf, true});
        if (trailing_slash == TrailingSlash::ignore) {
            main.emplace(without_slash, Tree::Target{leaf, true});
        }
    }

    tree = Tree{main, constraints};
    if (trailing_slash == TrailingSlash::redirect) other_slash = Tree{toggled, constraints};
}

} // namespace armature

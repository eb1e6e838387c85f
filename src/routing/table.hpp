#pragma once

#include "routing/tree.hpp"

#include <armature/routing/router.hpp>

#include <re2/re2.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

struct Router::Table {
    /// Throws RouteTableError.
    Table(std::vector<Route> all_routes, TrailingSlash trailing_slash);

    Tree tree;
    std::vector<Leaf> leaves;
    Tree other_slash; // leads to the leaves of the paths with a slash more or less at the end
    std::vector<Route> routes;
    std::map<std::string_view, const Route*> names;
    std::map<std::string, std::unique_ptr<re2::RE2>, std::less<>> regexes;

  private:
    using Problems = std::vector<std::string>;

    bool check(const Route& route, Problems& problems);
    void add_name(const Route& route, Problems& problems);
    void add_to_leaf(Leaf& leaf, const Route& route, Problems& problems);
    static void finish(Leaf& leaf);
    void add_trees(const std::map<Shape, std::uint32_t>& shapes,
                   std::span<const Constraint> constraints, TrailingSlash trailing_slash);
};

} // namespace armature

#include <armature/routing/router.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// Input: a byte for the policy on trailing slashes, then lines. Lines up to an empty one are
// patterns, the others are paths to look up.
namespace {

using namespace armature;

void require(bool condition) {
    if (!condition) std::abort();
}

void check_pattern_functions(std::string_view pattern) {
    const bool is_sound = check_pattern(pattern) == PatternError::ok;
    const std::size_t count = pattern_param_count(pattern);
    if (!is_sound) return;
    require(count <= PathParams::max);
    for (std::size_t i = 0; i < count; ++i)
        require(!pattern_param_name(pattern, i).empty());
    require(pattern_param_name(pattern, count).empty());
}

void check_match(const Router& router, std::string_view path) {
    PathParams params;
    const Router::Leaf* leaf = router.match(path, params);
    require(params.size() == (leaf != nullptr ? leaf->param_count() : 0));
    for (std::size_t i = 0; i < params.size(); ++i) {
        const std::string_view value = params[i];
        require(value.data() >= path.data() &&
                value.data() + value.size() <= path.data() + path.size());
    }
    (void)router.match_other_slash(path);
    if (leaf == nullptr) return;
    const Route& route = *leaf->route(Method::get);
    std::vector<UrlParam> values;
    for (std::size_t i = 0; i < params.size(); ++i) {
        values.push_back({pattern_param_name(route.pattern, i), params[i]});
    }
    if (auto url = router.url_for(route.name, values)) require(url->starts_with('/'));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 4096) return 0;
    const auto policy = static_cast<TrailingSlash>(data[0] % 3);
    std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto next_line = [&rest] {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        return line;
    };

    RouterBuilder builder;
    EndpointId next = 0;
    while (!rest.empty()) {
        const std::string_view pattern = next_line();
        if (pattern.empty()) break;
        check_pattern_functions(pattern);
        if (check_pattern(pattern) != PatternError::ok && next % 4 != 0) continue;
        builder.add(Method::get, std::string{pattern}, next, "n" + std::to_string(next), "fuzz");
        ++next;
    }
    try {
        const Router router = builder.build(policy);
        while (!rest.empty())
            check_match(router, next_line());
    } catch (const RouteTableError& error) {
        require(!error.problems().empty());
    }
    return 0;
}

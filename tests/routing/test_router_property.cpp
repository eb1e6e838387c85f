#include <armature/routing/router.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// The router against a matcher that is too simple to be wrong: it tries every pattern on its own
// and takes the one whose segments rank first.
namespace armature {
namespace {

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments{""};
    for (const char c : path.substr(1)) {
        if (c == '/') {
            segments.emplace_back();
        } else {
            segments.back() += c;
        }
    }
    return segments;
}

bool only(std::string_view text, std::string_view characters) {
    return !text.empty() && text.find_first_not_of(characters) == text.npos;
}

/// How a pattern's segment takes a path's: lower goes first; nothing if it doesn't.
std::optional<int> rank(const std::string& pattern, const std::string& segment) {
    if (pattern == "{u:uint}") return only(segment, "0123456789") ? std::optional{2} : std::nullopt;
    if (pattern == "{h:hex}")
        return only(segment, "0123456789abcdefABCDEF") ? std::optional{4} : std::nullopt;
    if (pattern == "{r:regex(a+)}") return only(segment, "a") ? std::optional{7} : std::nullopt;
    if (pattern.starts_with(':')) return !segment.empty() ? std::optional{8} : std::nullopt;
    return pattern == segment ? std::optional{0} : std::nullopt;
}

struct NaiveMatch {
    std::vector<int> ranks;
    std::vector<std::string> values;
};

std::optional<NaiveMatch> naive_match(const std::string& pattern, const std::string& path) {
    const auto parts = split(pattern);
    const auto segments = split(path);
    NaiveMatch match;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i == segments.size()) return std::nullopt;
        if (parts[i].starts_with('*')) {
            std::string rest = segments[i];
            for (std::size_t j = i + 1; j < segments.size(); ++j)
                rest += "/" + segments[j];
            match.ranks.push_back(9);
            match.values.push_back(rest);
            return match;
        }
        const auto place = rank(parts[i], segments[i]);
        if (!place) return std::nullopt;
        match.ranks.push_back(*place);
        if (*place != 0) match.values.push_back(segments[i]);
    }
    if (segments.size() != parts.size()) return std::nullopt;
    return match;
}

// A few, or so many that the router hashes them: beginnings of each other, bytes that sort before a
// slash, and texts that differ in the middle only.
const std::vector<std::string> few_literals = {"a", "aa", "ab", "b", "1", "12", "abc"};
const std::vector<std::string> many_literals = {
    "a",
    "aa",
    "a-",
    "a-b",
    "a b",
    "ab",
    "abcd",
    "abcdefgh",
    "abcdefghi",
    "abcdefg-",
    "b",
    "ba",
    "1",
    "12",
    "123",
    "1234567",
    "z.z",
    "resource",
    "resource1",
    "resource10",
    "a-long-segment-whose-one-middle-differs-from-others",
    "a-long-segment-whose-two-middle-differs-from-others"};

class RouterProperty : public testing::TestWithParam<std::uint32_t> {
  protected:
    std::size_t below(std::size_t bound) { return random_() % bound; }

    std::string random_pattern(const std::vector<std::string>& literals) {
        std::string pattern;
        const std::size_t count = below(5);
        for (std::size_t i = 0; i < count; ++i) {
            switch (below(8)) {
            case 0:
                pattern += "/{u:uint}";
                break;
            case 1:
                pattern += "/{h:hex}";
                break;
            case 2:
                pattern += "/{r:regex(a+)}";
                break;
            case 3:
                pattern += "/:p" + std::to_string(i);
                break;
            default:
                pattern += "/" + literals[below(literals.size())];
            }
        }
        switch (below(6)) {
        case 0:
            return pattern + "/*rest";
        case 1:
            return pattern + "/";
        default:
            return pattern.empty() ? "/" : pattern;
        }
    }

    std::string random_path(const std::vector<std::string>& literals) {
        std::vector<std::string> segments = {"", "z", "A", "a-", "resource2", "0123456789"};
        segments.insert(segments.end(), literals.begin(), literals.end());
        std::string path;
        const std::size_t count = below(6);
        for (std::size_t i = 0; i < count; ++i)
            path += "/" + segments[below(segments.size())];
        return path.empty() ? "/" : path;
    }

    std::mt19937 random_{GetParam()};
};

TEST_P(RouterProperty, AgreesWithALinearMatcher) {
    for (int round = 0; round < 100; ++round) {
        const std::vector<std::string>& literals = below(2) == 0 ? few_literals : many_literals;
        std::set<std::string> patterns;
        for (std::size_t i = 1 + below(60); i > 0; --i) {
            std::string pattern = random_pattern(literals);
            if (check_pattern(pattern) == PatternError::ok) patterns.insert(std::move(pattern));
        }
        std::vector<std::string> order{patterns.begin(), patterns.end()};
        std::shuffle(order.begin(), order.end(), random_);
        RouterBuilder builder;
        for (const std::string& pattern : order)
            builder.add(Method::get, pattern, 0);
        const Router router = builder.build();

        for (int i = 0; i < 40; ++i) {
            const std::string path = random_path(literals);
            std::optional<NaiveMatch> best;
            std::string best_pattern;
            for (const std::string& pattern : order) {
                auto match = naive_match(pattern, path);
                if (!match || (best && best->ranks <= match->ranks)) continue;
                best = std::move(match);
                best_pattern = pattern;
            }
            PathParams params;
            const Router::Leaf* leaf = router.match(path, params);
            ASSERT_EQ(leaf != nullptr, best.has_value())
                << path << " " << (leaf != nullptr ? leaf->pattern() : best_pattern);
            if (leaf == nullptr) continue;
            ASSERT_EQ(leaf->pattern(), best_pattern) << path;
            ASSERT_EQ(params.size(), best->values.size()) << path;
            for (std::size_t k = 0; k < params.size(); ++k)
                EXPECT_EQ(params[k], best->values[k]);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RouterProperty, testing::Range(1u, 9u));

} // namespace
} // namespace armature

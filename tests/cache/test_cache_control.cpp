#include "cache/cache_control.hpp"

#include <gtest/gtest.h>

#include <string>

// RFC 9111 §5.2.
namespace armature {
namespace {

using cache::CacheControl;

CacheControl parse(const std::string& value) {
    Headers fields;
    fields.append("cache-control", value);
    return CacheControl::of(fields);
}

TEST(CacheControl, ReadsSecondsAsTheyAreMeant) {
    struct Case {
        std::string text;
        std::optional<std::int64_t> max_age;
    };
    for (const Case& c : std::initializer_list<Case>{
             {"max-age=60", 60},
             {"MAX-AGE=60", 60},
             {"max-age=0", 0},
             {"max-age=007", 7},
             {"max-age=\"60\"", 60}, // both forms (§5.2)
             {"public,max-age=60,must-revalidate", 60},
             {" ,, max-age=60 ,", 60},
             {"x=\"a, max-age=1\", max-age=60", 60}, // within a quoted string it is only text
             {"max-age=99999999999999999999", cache::most_seconds},
             {"max-age=2147483649", cache::most_seconds},
             {"max-age=60, max-age=10", 10}, // the stricter one
             {"max-age=10, max-age=60", 10},
             {"max-age", 0}, // what can't be read is stale
             {"max-age=", 0},
             {"max-age=-1", 0},
             {"max-age=1.5", 0},
             {"max-age=60s", 0},
             {"max-age='60'", 0},
             {"max-age=\"60", 0},
             {"x-max-age=60", std::nullopt},
             {"max-agee=60", std::nullopt},
             {"s-maxage=60", std::nullopt},
             {"", std::nullopt},
         })
        EXPECT_EQ(parse(c.text).max_age, c.max_age) << c.text;
}

TEST(CacheControl, ReadsDirectives) {
    EXPECT_TRUE(parse("no-store").no_store);
    EXPECT_TRUE(parse("No-Store").no_store);
    EXPECT_TRUE(parse("no-cache").no_cache);
    EXPECT_TRUE(parse("no-cache=\"set-cookie\"").no_cache) << "for some fields: for all";
    EXPECT_TRUE(parse("private").is_private);
    EXPECT_TRUE(parse("private=\"x, y\", max-age=1").is_private);
    EXPECT_TRUE(parse("must-revalidate").must_revalidate);
    EXPECT_TRUE(parse("proxy-revalidate").must_revalidate);
    EXPECT_TRUE(parse("only-if-cached").only_if_cached);
    EXPECT_EQ(parse("max-stale").max_stale, cache::most_seconds);
    EXPECT_EQ(parse("max-stale=5").max_stale, 5);
    EXPECT_EQ(parse("min-fresh=5").min_fresh, 5);
    EXPECT_EQ(parse("s-maxage=5").s_maxage, 5);
    EXPECT_EQ(parse("stale-while-revalidate=5").stale_while_revalidate, 5);
    EXPECT_EQ(parse("stale-if-error=5").stale_if_error, 5);
    const CacheControl other = parse("immutable, no-transform, private2, no-storex, \"no-store\"");
    EXPECT_FALSE(other.no_store || other.is_private || other.no_cache);
}

TEST(CacheControl, ManyLinesAreOneList) {
    Headers fields;
    fields.append("cache-control", "max-age=60");
    fields.append("Cache-Control", "no-store");
    EXPECT_TRUE(CacheControl::of(fields).no_store);
    EXPECT_EQ(CacheControl::of(fields).max_age, 60);
}

} // namespace
} // namespace armature

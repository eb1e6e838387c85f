#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

#include <gtest/gtest.h>

#include <map>

namespace shop {

struct Product {
    std::string name;
    std::optional<int> stock;
    double price{};
};
ARMATURE_DESCRIBE(Product, (name, min_length(1), pattern("^[A-Z]")), stock, (price, min(0.5)));

enum class Color : std::uint8_t { red = 3, green = 7 };
ARMATURE_DESCRIBE_ENUM(Color, red, green);
enum Plain { one, two };
ARMATURE_DESCRIBE_ENUM(Plain, one, two);

// Names that the rules have, in a namespace that has names of its own.
int min_length_of_shop();
struct Limits {
    int min{};
    int max{};
    std::string format;
    std::string pattern;
};
ARMATURE_DESCRIBE(Limits, min, (max, max(10)), format, (pattern, format::uuid));

struct Base {
    int id{};
};
struct Derived : Base {
    int extra{};
};
ARMATURE_DESCRIBE(Derived, id, extra);

struct ByHand {
    int value{};
};
constexpr auto armature_describe(const ByHand*) {
    return armature::describe_struct<ByHand>(
        armature::member("the value", &ByHand::value, armature::rules::min(1)));
}

struct Outer {
    struct Inner {
        int x{};
    };
    Inner inner;
};
ARMATURE_DESCRIBE(Outer::Inner, x);
ARMATURE_DESCRIBE(Outer, inner);

#define SHOP_EIGHT(p) p##0, p##1, p##2, p##3, p##4, p##5, p##6, p##7
struct Wide {
    int SHOP_EIGHT(a), SHOP_EIGHT(b), SHOP_EIGHT(c), SHOP_EIGHT(d);
    int SHOP_EIGHT(e), SHOP_EIGHT(f), SHOP_EIGHT(g), SHOP_EIGHT(h);
};
ARMATURE_DESCRIBE(Wide, SHOP_EIGHT(a), SHOP_EIGHT(b), SHOP_EIGHT(c), SHOP_EIGHT(d), SHOP_EIGHT(e),
                  SHOP_EIGHT(f), SHOP_EIGHT(g), SHOP_EIGHT(h));

} // namespace shop

struct InGlobalNamespace {
    int x{};
};
ARMATURE_DESCRIBE(InGlobalNamespace, x);

namespace armature {
namespace {

struct Hidden {
    int x{};
};
ARMATURE_DESCRIBE(Hidden, x);

static_assert(value_kind<bool> == ValueKind::boolean);
static_assert(value_kind<std::int8_t> == ValueKind::integer);
static_assert(value_kind<char> == ValueKind::unsupported);
static_assert(value_kind<float> == ValueKind::real);
static_assert(value_kind<std::string> == ValueKind::text);
static_assert(value_kind<std::string_view> == ValueKind::text);
static_assert(value_kind<std::optional<int>> == ValueKind::optional);
static_assert(value_kind<std::vector<bool>> == ValueKind::list);
static_assert(value_kind<std::map<std::string, int>> == ValueKind::map);
static_assert(value_kind<std::map<int, int>> == ValueKind::list); // of pairs, which have no form
static_assert(value_kind<shop::Color> == ValueKind::enumeration);
static_assert(value_kind<shop::Product> == ValueKind::object);
static_assert(value_kind<int*> == ValueKind::unsupported);
static_assert(!Described<std::string> && !Described<int>);

TEST(Describe, IsAConstant) {
    constexpr const auto& product = description_of<shop::Product>;
    static_assert(product.size == 3);
    static_assert(product.get<0>().name == "name");
    static_assert(product.get<0>().rules.size() == 2);
    static_assert(product.get<0>().rules[0].kind == RuleKind::min_length);
    static_assert(product.get<0>().rules[0].integer == 1);
    static_assert(product.get<0>().rules[1].text == "^[A-Z]");
    static_assert(product.get<2>().rules[0].is_real && product.get<2>().rules[0].real == 0.5);
    static_assert(product.get<1>().is_optional && !product.get<0>().is_optional);
    static_assert(product.get<2>().pointer == &shop::Product::price);
}

TEST(Describe, VisitsMembersInOrder) {
    std::string names;
    for_each_member<shop::Limits>([&](const auto& member) { (names += member.name) += ' '; });
    EXPECT_EQ(names, "min max format pattern ");
}

TEST(Describe, WorksInAnyNamespaceAndForNestedAndDerivedTypes) {
    EXPECT_EQ(to_json(InGlobalNamespace{1}), R"({"x":1})");
    EXPECT_EQ(to_json(Hidden{2}), R"({"x":2})");
    EXPECT_EQ(to_json(shop::Outer{{3}}), R"({"inner":{"x":3}})");
    EXPECT_EQ(to_json(shop::Derived{{4}, 5}), R"({"id":4,"extra":5})");
}

TEST(Describe, NeedsNoMacro) {
    shop::ByHand value;
    JsonErrors errors;
    EXPECT_EQ(read_json(R"({"the value":0})", value, errors), JsonStatus::invalid);
    EXPECT_EQ(errors.values()[0].pointer, "/the value");
}

TEST(Describe, GivesEnumeratorsTheirNames) {
    EXPECT_EQ(enum_name(shop::Color::green), "green");
    EXPECT_EQ(enum_name(static_cast<shop::Color>(4)), "");
    EXPECT_EQ(to_json(shop::two), "\"two\"");
    shop::Color color{};
    JsonErrors errors;
    ASSERT_EQ(read_json("\"green\"", color, errors), JsonStatus::ok);
    EXPECT_EQ(color, shop::Color::green);
}

TEST(Describe, TakesSixtyFourMembers) {
    shop::Wide wide{};
    wide.a0 = 1;
    wide.h7 = 64;
    shop::Wide copy{};
    JsonErrors errors;
    ASSERT_EQ(read_json(to_json(wide), copy, errors), JsonStatus::ok);
    EXPECT_EQ(copy.a0, 1);
    EXPECT_EQ(copy.h7, 64);
    EXPECT_EQ(read_json("{}", copy, errors), JsonStatus::invalid);
    EXPECT_EQ(errors.values().size(), 64u);
    EXPECT_EQ(errors.values().back().pointer, "/h7");
}

} // namespace
} // namespace armature

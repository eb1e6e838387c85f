#include <armature/describe/type_info.hpp>

#include <gtest/gtest.h>

#include <map>

namespace shop {

enum class Color : std::uint8_t { red = 3, green = 7 };
ARMATURE_DESCRIBE_ENUM(Color, red, green);

struct Product {
    std::string name;
    std::optional<Color> color;
    double price = 0.5;
    int page = 1;
    std::string order = "name";
    std::vector<std::string> tags;
    std::uint64_t id{};
    std::string secret;
};
ARMATURE_DESCRIBE(Product,
                  (name, title("Name"), description("What it is called"), min_length(1),
                   example("Lamp")),
                  color, (price, min(0.5), example(1.5), deprecated), (page, defaulted, max(9)),
                  (order, defaulted), (tags, unique_items, max_items(3), defaulted),
                  (id, read_only, multiple_of(2)), (secret, write_only));

struct Category {
    std::string name;
    std::vector<Category> children;
    std::map<std::string, Category> named;
};
ARMATURE_DESCRIBE(Category, name, children, named);

template <class T>
struct Page {
    std::vector<T> items;
};
ARMATURE_DESCRIBE(Page<Product>, items);

} // namespace shop

namespace armature {
namespace {

TEST(TypeInfo, TellsTheKindOfEveryType) {
    EXPECT_EQ(type_info<bool>().kind, ValueKind::boolean);
    EXPECT_EQ(type_info<float>().format, "float");
    EXPECT_EQ(type_info<std::string>().kind, ValueKind::text);
    EXPECT_EQ(type_info<std::int8_t>().least, -128);
    EXPECT_EQ(type_info<std::int8_t>().greatest, 127u);
    EXPECT_EQ(type_info<std::int64_t>().least, std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(type_info<std::uint64_t>().greatest, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(type_info<std::uint64_t>().least, 0);

    const TypeInfo& triple = type_info<std::array<int, 3>>();
    EXPECT_EQ(triple.kind, ValueKind::list);
    EXPECT_EQ(triple.exact_items, 3u);
    EXPECT_EQ(triple.item, &type_info<int>());
    EXPECT_EQ(type_info<std::vector<bool>>().item, &type_info<bool>());
    EXPECT_EQ(type_info<std::vector<bool>>().exact_items, TypeInfo::any_count);
    const TypeInfo& map = type_info<std::map<std::string, std::optional<int>>>();
    EXPECT_EQ(map.kind, ValueKind::map);
    EXPECT_EQ(map.item->kind, ValueKind::optional);
    EXPECT_EQ(map.item->item, &type_info<int>());
}

TEST(TypeInfo, ListsEnumerators) {
    const TypeInfo& color = type_info<shop::Color>();
    EXPECT_EQ(color.name, "Color");
    ASSERT_EQ(color.enumerators.size(), 2u);
    EXPECT_EQ(color.enumerators[1].name, "green");
    EXPECT_EQ(color.enumerators[1].value, 7);
}

TEST(TypeInfo, ListsMembersWithTheirRulesAndNotes) {
    const TypeInfo& product = type_info<shop::Product>();
    EXPECT_EQ(product.name, "Product");
    ASSERT_EQ(product.members.size(), 8u);
    const MemberInfo& name = product.members[0];
    EXPECT_EQ(name.name, "name");
    EXPECT_TRUE(name.required);
    EXPECT_EQ(name.notes.title, "Name");
    EXPECT_EQ(name.notes.description, "What it is called");
    EXPECT_EQ(name.notes.example.text, "Lamp");
    ASSERT_EQ(name.rules.size(), 1u);
    EXPECT_EQ(name.rules[0].kind, RuleKind::min_length);

    const MemberInfo& color = product.members[1];
    EXPECT_FALSE(color.required);
    EXPECT_EQ(color.type->item, &type_info<shop::Color>());
    EXPECT_TRUE(product.members[2].notes.deprecated);
    EXPECT_EQ(product.members[2].notes.example.real, 1.5);
    EXPECT_TRUE(product.members[6].notes.read_only);
    EXPECT_FALSE(product.members[6].required);
    EXPECT_TRUE(product.members[7].notes.write_only);
}

TEST(TypeInfo, TakesDefaultsFromTheStructItself) {
    const TypeInfo& product = type_info<shop::Product>();
    EXPECT_FALSE(product.members[3].required);
    EXPECT_EQ(product.members[3].initial().integer, 1);
    EXPECT_EQ(product.members[4].initial().text, "name");
    EXPECT_EQ(product.members[5].initial().text, "[]");
    EXPECT_EQ(product.members[2].initial, nullptr);
}

TEST(TypeInfo, LetsTypesContainThemselves) {
    const TypeInfo& category = type_info<shop::Category>();
    EXPECT_EQ(category.members[1].type->item, &category);
    EXPECT_EQ(category.members[2].type->item, &category);
}

TEST(TypeInfo, NamesTemplatesWithTheirArguments) {
    const TypeInfo& page = type_info<shop::Page<shop::Product>>();
    EXPECT_EQ(page.name, "Page<shop::Product>");
    EXPECT_EQ(page.members[0].type->item, &type_info<shop::Product>());
}

} // namespace
} // namespace armature

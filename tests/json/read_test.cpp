#include "json/json_error_matching.hpp"

#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <list>
#include <map>
#include <random>
#include <unordered_map>

namespace armature {

namespace {

using testing::ElementsAre;

struct Address {
    std::string street;
    std::optional<std::string> city;
};
ARMATURE_DESCRIBE(Address, (street, min_length(1)), city);

enum class Role { user, admin };
ARMATURE_DESCRIBE_ENUM(Role, user, admin);

struct NewUser {
    std::string name;
    std::optional<std::string> email;
    int age{};
    std::vector<Address> addresses;
    std::map<std::string, double> scores;
    Role role{};
};
ARMATURE_DESCRIBE(NewUser, (name, min_length(1), max_length(10)), (email, format::email),
                  (age, min(0), max(150)), addresses, scores, role);

struct Tree {
    int value{};
    std::vector<Tree> children;
};
ARMATURE_DESCRIBE(Tree, value, children);

struct Account {
    std::string password;
    std::uint64_t id = 7;
    int page = 1;
    std::string name;
};
ARMATURE_DESCRIBE(Account, (password, write_only, min_length(3)), (id, read_only),
                  (page, defaulted, min(1)), (name, description("How to call it")));

template <class T>
T read(std::string_view text) {
    const std::vector<char> exact(text.begin(), text.end());
    T out{};
    JsonErrors errors;
    EXPECT_EQ(read_json({exact.data(), exact.size()}, out, errors), JsonStatus::ok) << text;
    EXPECT_TRUE(errors.empty());
    return out;
}

template <class T>
std::vector<JsonError> faults(std::string_view text) {
    T out{};
    JsonErrors errors;
    EXPECT_EQ(read_json(text, out, errors), JsonStatus::invalid) << text;
    return errors.values();
}

template <class T>
std::string fault(std::string_view text) {
    const auto all = faults<T>(text);
    EXPECT_EQ(all.size(), 1u) << text;
    return all.empty() ? "" : all[0].detail;
}

template <class T>
JsonSyntaxError syntax_error(std::string_view text) {
    T out{};
    JsonErrors errors;
    EXPECT_EQ(read_json(text, out, errors), JsonStatus::malformed) << text;
    EXPECT_TRUE(errors.values().empty());
    return errors.syntax() != nullptr ? *errors.syntax() : JsonSyntaxError{};
}

TEST(JsonRead, KeepsTheInitialiserOfAnAbsentDefaultedMember) {
    EXPECT_EQ(read<Account>(R"({"password":"abc","name":"n"})").page, 1);
    EXPECT_EQ(read<Account>(R"({"password":"abc","name":"n","page":2})").page, 2);
    Account account;
    JsonErrors errors;
    EXPECT_EQ(read_json(R"({"page":0})", account, errors), JsonStatus::invalid);
    EXPECT_THAT(errors.values(), ElementsAre(JsonError{"/page", "must be at least 1"},
                                             JsonError{"/password", "is required"},
                                             JsonError{"/name", "is required"}));
}

TEST(JsonRead, IgnoresReadOnlyMembers) {
    EXPECT_EQ(read<Account>(R"({"id":"no number","password":"abc","name":"n"})").id, 7u);
    Account account;
    JsonErrors errors;
    EXPECT_EQ(read_json(R"({"id":[1,})", account, errors), JsonStatus::malformed);
}

TEST(JsonRead, ReadsDescribedStructs) {
    const auto user = read<NewUser>(R"( {"name":"Ada","age":36,"role":"admin",
        "addresses":[{"street":"A"},{"city":"B","street":"C"}],
        "scores":{"x":1,"y":-2.5e1}, "email":"ada@example.com"} )");
    EXPECT_EQ(user.name, "Ada");
    EXPECT_EQ(user.email, "ada@example.com");
    EXPECT_EQ(user.age, 36);
    EXPECT_EQ(user.role, Role::admin);
    ASSERT_EQ(user.addresses.size(), 2u);
    EXPECT_EQ(user.addresses[0].city, std::nullopt);
    EXPECT_EQ(user.addresses[1].city, "B");
    EXPECT_EQ(user.scores, (std::map<std::string, double>{{"x", 1}, {"y", -25}}));
}

TEST(JsonRead, ReadsEveryKindOfContainer) {
    EXPECT_EQ(read<std::vector<bool>>("[true,false]"), (std::vector<bool>{true, false}));
    EXPECT_EQ((read<std::array<int, 2>>("[1,2]")), (std::array<int, 2>{1, 2}));
    EXPECT_EQ(read<std::list<std::string>>(R"(["a"])"), std::list<std::string>{"a"});
    EXPECT_EQ((read<std::unordered_map<std::string, int>>(R"({"a":1})")).at("a"), 1);
    EXPECT_EQ(read<std::vector<std::vector<int>>>("[[],[1]]"),
              (std::vector<std::vector<int>>{{}, {1}}));
    EXPECT_EQ(read<std::optional<int>>("null"), std::nullopt);
    EXPECT_EQ(read<std::vector<std::optional<int>>>("[null,1]"),
              (std::vector<std::optional<int>>{std::nullopt, 1}));
    EXPECT_EQ(read<Tree>(R"({"value":1,"children":[{"value":2,"children":[]}]})").children[0].value,
              2);
}

TEST(JsonRead, ReplacesWhatContainersHeld) {
    std::vector<int> out{7, 8, 9};
    JsonErrors errors;
    EXPECT_EQ(read_json("[1]", out, errors), JsonStatus::ok);
    EXPECT_EQ(out, std::vector<int>{1});
}

TEST(JsonRead, KeepsOptionalMembersThatAreAbsent) {
    Address address{"old", "kept"};
    JsonErrors errors;
    EXPECT_EQ(read_json(R"({"street":"new"})", address, errors), JsonStatus::ok);
    EXPECT_EQ(address.city, "kept");
    EXPECT_EQ(read_json(R"({"street":"new","city":null})", address, errors), JsonStatus::ok);
    EXPECT_EQ(address.city, std::nullopt);
}

TEST(JsonRead, IgnoresUnknownMembersButChecksTheirSyntax) {
    EXPECT_EQ(read<Address>(R"({"x":{"y":[1,"\n",null]},"street":"A","x":true})").street, "A");
    EXPECT_EQ(syntax_error<Address>(R"({"street":"A","x":[1,]})").offset, 21u);
}

TEST(JsonRead, KnowsMembersByTheirDecodedName) {
    EXPECT_EQ(read<Address>(R"({"str\u0065et":"A"})").street, "A");
    EXPECT_EQ(read<Address>(R"({ "street" : "A" })").street, "A");
    EXPECT_EQ(fault<Address>(R"({"streets":"A"})"), "is required");
    EXPECT_EQ(fault<Address>(R"({"stree":"A"})"), "is required");
}

TEST(JsonRead, DecodesStrings) {
    EXPECT_EQ(read<std::string>(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(read<std::string>(R"("\u0041\u00e9\u20AC\ud83d\ude00")"),
              "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    EXPECT_EQ(read<std::string>("\"gr\xC3\xBC\xC3\x9F\""), "gr\xC3\xBC\xC3\x9F");
    EXPECT_EQ(read<std::string>(R"("\u0000")"), std::string(1, '\0'));
    EXPECT_EQ(read<std::string>(R"("\n0123456789012345678901234567890123456789\n")"),
              "\n0123456789012345678901234567890123456789\n");
}

TEST(JsonRead, ReadsIntegersExactly) {
    EXPECT_EQ(read<std::int64_t>("-9223372036854775808"), INT64_MIN);
    EXPECT_EQ(read<std::int64_t>("9223372036854775807"), INT64_MAX);
    EXPECT_EQ(read<std::uint64_t>("18446744073709551615"), UINT64_MAX);
    EXPECT_EQ(read<std::int8_t>("-128"), -128);
    EXPECT_EQ(read<std::uint8_t>("255"), 255);
    EXPECT_EQ(read<std::uint8_t>("-0"), 0);
}

TEST(JsonRead, TakesWholeNumbersInAnyNotationAsIntegers) {
    EXPECT_EQ(read<int>("1.0"), 1);
    EXPECT_EQ(read<int>("-1.500e1"), -15);
    EXPECT_EQ(read<int>("1e2"), 100);
    EXPECT_EQ(read<int>("12000e-3"), 12);
    EXPECT_EQ(read<int>("0.00e-5"), 0);
    EXPECT_EQ(read<int>("0e999999999999999999999"), 0);
    EXPECT_EQ(read<std::uint64_t>("1844674407370955161500000000000.0e-11"), 18446744073709551615u);
    EXPECT_EQ(read<std::int64_t>("9.223372036854775807e18"), INT64_MAX);
    EXPECT_EQ(read<int>("0.000000000000000000000000000001e30"), 1);
}

TEST(JsonRead, NeverNarrowsNumbers) {
    EXPECT_EQ(fault<std::int8_t>("128"), "must be between -128 and 127");
    EXPECT_EQ(fault<std::int8_t>("-129"), "must be between -128 and 127");
    EXPECT_EQ(fault<std::uint8_t>("-1"), "must be between 0 and 255");
    EXPECT_EQ(fault<int>("2147483648"), "must be between -2147483648 and 2147483647");
    EXPECT_EQ(fault<std::int64_t>("9223372036854775808"),
              "must be between -9223372036854775808 and 9223372036854775807");
    EXPECT_EQ(fault<std::int64_t>("-9223372036854775809"),
              "must be between -9223372036854775808 and 9223372036854775807");
    EXPECT_EQ(fault<std::uint64_t>("18446744073709551616"),
              "must be between 0 and 18446744073709551615");
    EXPECT_EQ(fault<std::uint64_t>("1e999999999999"), "must be between 0 and 18446744073709551615");
    EXPECT_EQ(fault<int>("1.5"), "must be an integer, not a fraction");
    EXPECT_EQ(fault<int>("1e-1"), "must be an integer, not a fraction");
    EXPECT_EQ(fault<int>("1e-999999999999"), "must be an integer, not a fraction");
    EXPECT_EQ(fault<double>("1e309"), "must be a number of smaller magnitude");
    EXPECT_EQ(fault<float>("1e39"), "must be a number of smaller magnitude");
}

TEST(JsonRead, RoundsNumbersCorrectly) {
    EXPECT_EQ(read<double>("0.1"), 0.1);
    EXPECT_EQ(read<double>("9007199254740993"), 9007199254740992.0);
    EXPECT_EQ(read<double>("9007199254740993.0000000000000000000001"), 9007199254740994.0);
    EXPECT_EQ(read<double>("2.2250738585072011e-308"), 2.2250738585072011e-308);
    EXPECT_EQ(read<double>("1e-400"), 0);
    EXPECT_TRUE(std::signbit(read<double>("-0.0")));
    EXPECT_TRUE(std::signbit(read<double>("-1e-400")));
    EXPECT_EQ(read<float>("16777217.0000001"), 16777218.0f); // by way of double it would be …216
}

TEST(JsonRead, ReadsBackEveryDoubleFloatAndInteger) {
    std::mt19937_64 random(1);
    for (int i = 0; i != 20'000; ++i) {
        const std::uint64_t bits = random();
        EXPECT_EQ(read<std::uint64_t>(to_json(bits)), bits);
        EXPECT_EQ(read<std::int64_t>(to_json(static_cast<std::int64_t>(bits))),
                  static_cast<std::int64_t>(bits));
        if (const auto real = std::bit_cast<double>(bits); std::isfinite(real)) {
            EXPECT_EQ(std::bit_cast<std::uint64_t>(read<double>(to_json(real))), bits);
        }
        const auto real = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
        if (std::isfinite(real)) {
            EXPECT_EQ(std::bit_cast<std::uint32_t>(read<float>(to_json(real))),
                      std::bit_cast<std::uint32_t>(real));
        }
    }
}

TEST(JsonRead, ReadsBackEveryString) {
    std::mt19937_64 random(2);
    const char* const pieces[] = {
        "a",   "\"", "\\", "\n", "\x01", "\xC3\xA9", "\xF0\x9F\x98\x80", "/", "sixteen letters!",
        "\x7F"};
    for (int i = 0; i != 20'000; ++i) {
        std::string text;
        for (std::uint64_t count = random() % 12; count != 0; --count)
            text += pieces[random() % std::size(pieces)];
        EXPECT_EQ(read<std::string>(to_json(text)), text);
    }
}

TEST(JsonRead, SaysWhatIsExpectedAndWhatIsThere) {
    EXPECT_EQ(fault<bool>("1"), "must be a boolean, not a number");
    EXPECT_EQ(fault<int>("\"1\""), "must be an integer, not a string");
    EXPECT_EQ(fault<double>("true"), "must be a number, not a boolean");
    EXPECT_EQ(fault<std::string>("null"), "must be a string, not null");
    EXPECT_EQ(fault<std::vector<int>>("{}"), "must be an array, not an object");
    EXPECT_EQ(fault<Address>("[1]"), "must be an object, not an array");
    EXPECT_EQ((fault<std::map<std::string, int>>("[]")), "must be an object, not an array");
    EXPECT_EQ(fault<Role>("\"root\""), "must be one of user, admin");
    EXPECT_EQ(fault<Role>("1"), "must be a string, not a number");
    EXPECT_EQ((fault<std::array<int, 2>>("[1]")), "must hold exactly 2 items");
    EXPECT_EQ((fault<std::array<int, 2>>("[1,2,3]")), "must hold exactly 2 items");
}

TEST(JsonRead, ReportsEveryFaultAtOnceWithItsPointer) {
    EXPECT_THAT(faults<NewUser>(R"({"name":"","email":"x","age":-1,"addresses":[{"street":"A"},
                            {"street":"","city":5},7],"scores":{"a/b":"1","m~n":2,"":{}}})"),
                ElementsAre(JsonError{"/name", "must have at least 1 character"},
                            JsonError{"/email", "must be an e-mail address"},
                            JsonError{"/age", "must be at least 0"},
                            JsonError{"/addresses/1/street", "must have at least 1 character"},
                            JsonError{"/addresses/1/city", "must be a string, not a number"},
                            JsonError{"/addresses/2", "must be an object, not a number"},
                            JsonError{"/scores/a~1b", "must be a number, not a string"},
                            JsonError{"/scores/", "must be a number, not an object"},
                            JsonError{"/role", "is required"}));
    EXPECT_THAT(faults<std::vector<std::vector<int>>>("[[1],[2,[]]]"),
                ElementsAre(JsonError{"/1/1", "must be an integer, not an array"}));
    EXPECT_THAT((faults<std::map<std::string, int>>(R"({"~/~1":null})")),
                ElementsAre(JsonError{"/~0~1~01", "must be an integer, not null"}));
    EXPECT_THAT(faults<int>("\"x\""),
                ElementsAre(JsonError{"", "must be an integer, not a string"}));
}

TEST(JsonRead, RefusesMembersGivenTwice) {
    EXPECT_THAT(faults<Address>(R"({"street":"A","street":"B"})"),
                ElementsAre(JsonError{"/street", "must not be given twice"}));
    EXPECT_THAT(faults<Address>(R"({"street":"A","str\u0065et":"B"})"),
                ElementsAre(JsonError{"/street", "must not be given twice"}));
    EXPECT_THAT((faults<std::map<std::string, int>>(R"({"a":1,"\u0061":2})")),
                ElementsAre(JsonError{"/a", "must not be given twice"}));
}

TEST(JsonRead, KeepsABoundedNumberOfFaults) {
    std::string text = "[0";
    for (int i = 0; i != 1000; ++i)
        text += ",true";
    EXPECT_EQ(faults<std::vector<int>>(text + "]").size(), JsonErrors::capacity);
}

TEST(JsonRead, ForgetsFaultsWhenTheTextIsMalformed) {
    const auto error = syntax_error<NewUser>(R"({"name":"","age":"x",)");
    EXPECT_EQ(error.detail, "expected a member's name in quotes, found the end of the text");
}

TEST(JsonRead, SaysWhereTheTextIsMalformed) {
    const auto error = syntax_error<Address>("{\n  \"street\": \"\xC3\xA9\xC3\xA9\" ]\n}");
    EXPECT_EQ(error.offset, 21u);
    EXPECT_EQ(error.line, 2u);
    EXPECT_EQ(error.column, 18u);
    EXPECT_EQ(error.detail, "expected ',' or '}', found ']'");

    const auto at_start = syntax_error<int>("");
    EXPECT_EQ(at_start.offset, 0u);
    EXPECT_EQ(at_start.line, 1u);
    EXPECT_EQ(at_start.column, 1u);
    EXPECT_EQ(at_start.detail, "expected a value, found the end of the text");

    EXPECT_EQ(syntax_error<int>("1 x").detail, "expected the end of the text, found 'x'");
    EXPECT_EQ(syntax_error<int>("[01]").offset, 2u);
    EXPECT_EQ(syntax_error<int>("01").detail, "a number must not start with 0");
    EXPECT_EQ(syntax_error<int>("-").detail, "expected a digit, found the end of the text");
    EXPECT_EQ(syntax_error<bool>("trux").detail, "expected 'true', found 'x'");
    EXPECT_EQ(syntax_error<Address>("{\"a\" 1}").detail, "expected ':', found '1'");
    EXPECT_EQ(syntax_error<std::string>("\"a\x01\"").detail,
              "a control character in a string must be escaped");
    EXPECT_EQ(syntax_error<std::string>("\"a\xFF\"").detail, "the text is not valid UTF-8");
    EXPECT_EQ(syntax_error<std::string>(R"("\uD800")").detail,
              "half of a surrogate pair stands alone");
    EXPECT_EQ(syntax_error<std::string>(R"("\x")").detail,
              "expected one of \" \\ / b f n r t u after a backslash, found 'x'");
    EXPECT_EQ(syntax_error<std::string>("\xEF\xBB\xBF\"\"").detail,
              "expected a value, found byte 0xEF");
}

TEST(JsonRead, LimitsTheDepthOfRecursiveTypes) {
    std::string text;
    for (int i = 0; i != 100; ++i)
        text += R"({"value":1,"children":[)";
    EXPECT_EQ(syntax_error<Tree>(text).detail, "nested deeper than 64 levels");
}

} // namespace
} // namespace armature

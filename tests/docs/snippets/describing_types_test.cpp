// The C++ of docs/describing-types.md: compiled and run here, repeated there.
#include <armature/core/decimal.hpp>
#include <armature/core/uuid.hpp>
#include <armature/describe/chrono.hpp>
#include <armature/describe/variant.hpp>
#include <armature/json/read.hpp>
#include <armature/json/schema.hpp>
#include <armature/json/write.hpp>

#include <gtest/gtest.h>

#include <map>

// Types of other pages have the same names.
namespace describing_types {

// [struct]
struct Address {
    std::string street;
    std::optional<std::string> city;
};
ARMATURE_DESCRIBE(Address, street, city);

struct NewUser {
    std::string name;
    std::string email;
    int age = 0;
    std::vector<Address> addresses;
};
ARMATURE_DESCRIBE(NewUser, (name, min_length(1), max_length(100)), (email, format::email),
                  (age, min(0), max(150)), (addresses, max_items(5)));
// [/struct]

// [notes]
struct Login {
    std::uint64_t id = 0;
    std::string name;
    std::string password;
    int page_size = 20;
    std::optional<std::string> nickname;
};
ARMATURE_DESCRIBE(Login, (id, read_only), (name, title("Name"), example("Ada")),
                  (password, write_only, min_length(12), description("Never sent back")),
                  (page_size, defaulted, min(1), max(100)),
                  (nickname, deprecated, description("Use name")));
// [/notes]

// [enum]
enum class Role { reader, editor, admin };
ARMATURE_DESCRIBE_ENUM(Role, reader, editor, admin);
// [/enum]

// [variant]
struct Card {
    std::string number;
};
ARMATURE_DESCRIBE(Card, number);

struct Transfer {
    std::string iban;
};
ARMATURE_DESCRIBE(Transfer, iban);

using Payment = std::variant<Card, Transfer>;
ARMATURE_DESCRIBE_VARIANT(Payment, method, (Card, "card"), (Transfer, "transfer"));
// [/variant]

// [kinds]
struct Invoice {
    armature::Uuid id;                     // "0198c1f2-…"
    armature::Decimal total;               // "12.50"
    std::chrono::sys_seconds created;      // "2024-02-29T12:00:00Z"
    std::chrono::year_month_day due{};     // "2024-03-14"
    std::chrono::seconds grace{};          // "P3D"
    Role owner = Role::reader;             // "reader"
    Payment payment;                       // {"method":"card","number":"…"}
    std::map<std::string, int> quantities; // {"bolt":12}
};
ARMATURE_DESCRIBE(Invoice, id, total, created, due, grace, owner, payment, quantities);
// [/kinds]

// [recursive]
struct Category {
    std::string name;
    std::vector<Category> children;
};
ARMATURE_DESCRIBE(Category, name, (children, defaulted));
// [/recursive]

} // namespace describing_types

// [text_form]
struct Isbn {
    std::string digits;
};

template <>
struct armature::TextForm<Isbn> {
    static constexpr std::string_view format = "isbn";
    static constexpr std::string_view pattern = "^[0-9]{13}$";
    static constexpr std::string_view wanted = "an ISBN of 13 digits";
    static constexpr std::size_t max_size = 13;
    static bool parse(std::string_view text, Isbn& out) {
        if (text.size() != 13 || text.find_first_not_of("0123456789") != text.npos) return false;
        out.digits = text;
        return true;
    }
    static char* write(char* to, const Isbn& value) { return to + value.digits.copy(to, max_size); }
};
// [/text_form]

namespace describing_types {

// [by_hand]
struct Point {
    double x = 0;
    double y = 0;
};
constexpr auto armature_describe(const Point*) {
    return armature::describe_struct<Point>(armature::member("x", &Point::x),
                                            armature::member("y-axis", &Point::y));
}
// [/by_hand]

} // namespace describing_types

namespace {

using namespace armature;
using namespace describing_types;

TEST(DescribingTypes, ReadsAndWritesJson) {
    const std::string_view text =
        R"({"name":"Ada","email":"ada@example.com","age":36,"addresses":[]})";
    // [read]
    NewUser user;
    JsonErrors errors;
    if (read_json(text, user, errors) != JsonStatus::ok) {
        for (const JsonError& error : errors.values())
            std::fprintf(stderr, "%s %s\n", error.pointer.c_str(), error.detail.c_str());
    }
    const std::string copy = to_json(user);
    // [/read]
    EXPECT_EQ(copy, text);

    EXPECT_EQ(read_json(R"({"name":"","email":"ada","age":200,"addresses":[{}]})", user, errors),
              JsonStatus::invalid);
    std::string faults;
    for (const JsonError& error : errors.values())
        faults += error.pointer + " " + error.detail + "\n";
    EXPECT_EQ(faults, "/name must have at least 1 character\n"
                      "/email must be an e-mail address\n"
                      "/age must be at most 150\n"
                      "/addresses/0/street is required\n");
}

TEST(DescribingTypes, KeepsNotes) {
    Login login;
    JsonErrors errors;
    EXPECT_EQ(read_json(R"({"id":7,"name":"Ada","password":"correct horse"})", login, errors),
              JsonStatus::ok);
    EXPECT_EQ(login.id, 0u);
    EXPECT_EQ(login.page_size, 20);
    EXPECT_EQ(to_json(login), R"({"id":0,"name":"Ada","page_size":20})");
}

TEST(DescribingTypes, KnowsManyKinds) {
    using namespace std::chrono;
    Invoice invoice;
    invoice.total = Decimal::scaled(1250, 2);
    invoice.created = sys_days(2024y / 2 / 29) + 12h;
    invoice.due = 2024y / 3 / 14;
    invoice.grace = days(3);
    invoice.payment = Card{"4111"};
    invoice.quantities = {{"bolt", 12}};
    EXPECT_EQ(to_json(invoice),
              R"({"id":"00000000-0000-0000-0000-000000000000","total":"12.50",)"
              R"("created":"2024-02-29T12:00:00Z","due":"2024-03-14","grace":"P3D",)"
              R"("owner":"reader","payment":{"method":"card","number":"4111"},)"
              R"("quantities":{"bolt":12}})");
    Invoice copy;
    JsonErrors errors;
    EXPECT_EQ(read_json(to_json(invoice), copy, errors), JsonStatus::ok);
    EXPECT_EQ(to_json(copy), to_json(invoice));
    EXPECT_EQ(to_json(Category{"a", {{"b", {}}}}),
              R"({"name":"a","children":[{"name":"b","children":[]}]})");
    EXPECT_EQ(to_json(Isbn{"9780131103627"}), R"("9780131103627")");
    Isbn isbn;
    EXPECT_EQ(read_json(R"("97801311036")", isbn, errors), JsonStatus::invalid);
    EXPECT_EQ(errors.values()[0].detail, "must be an ISBN of 13 digits");
    EXPECT_EQ(to_json(Point{1, 2}), R"({"x":1,"y-axis":2})");
}

TEST(DescribingTypes, MakesSchemas) {
    // [schema]
    const std::string schema = json_schema<Address>();
    // [/schema]
    EXPECT_EQ(schema,
              R"({"$schema":"https://json-schema.org/draft/2020-12/schema",)"
              R"("$ref":"#/$defs/Address","$defs":{"Address":{"type":"object",)"
              R"("properties":{"street":{"type":"string"},"city":{"type":["string","null"]}},)"
              R"("required":["street"]}}})");
}

TEST(DescribingTypes, SaysAtRunTimeWhatATypeIs) {
    // [type_info]
    std::string required;
    for (const MemberInfo& member : type_info<NewUser>().members)
        if (member.required) (required += member.name) += ' ';
    // [/type_info]
    EXPECT_EQ(required, "name email age addresses ");
}

} // namespace

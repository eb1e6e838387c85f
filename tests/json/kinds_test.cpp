// Types beside numbers, texts, lists and structs: variants, times, identifiers, decimals.
#include "json/json_error_matching.hpp"

#include <armature/core/decimal.hpp>
#include <armature/core/uuid.hpp>
#include <armature/describe/chrono.hpp>
#include <armature/describe/type_info.hpp>
#include <armature/describe/variant.hpp>
#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace armature {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

struct Circle {
    double radius{};
};
ARMATURE_DESCRIBE(Circle, (radius, exclusive_min(0)));
struct Label {
    std::optional<std::string> text;
    std::optional<std::string> font;
};
ARMATURE_DESCRIBE(Label, text, font);
struct Group;
using Shape = std::variant<Circle, Label, Group>;
struct Group {
    std::vector<Shape> shapes;
};
ARMATURE_DESCRIBE(Group, shapes);
ARMATURE_DESCRIBE_VARIANT(Shape, type, (Circle, "circle"), Label, (Group, "group"));

template <class T>
T read(std::string_view text) {
    T value{};
    JsonErrors errors;
    EXPECT_EQ(read_json(text, value, errors), JsonStatus::ok) << text;
    return value;
}
template <class T>
std::vector<JsonError> faults(std::string_view text) {
    T value{};
    JsonErrors errors;
    EXPECT_EQ(read_json(text, value, errors), JsonStatus::invalid) << text;
    return errors.values();
}

TEST(JsonVariant, WritesTheDiscriminatorFirst) {
    EXPECT_EQ(to_json(Shape{Circle{1.5}}), R"({"type":"circle","radius":1.5})");
    EXPECT_EQ(to_json(Shape{Label{}}), R"({"type":"Label"})");
    EXPECT_EQ(to_json(Shape{Label{{}, "serif"}}), R"({"type":"Label","font":"serif"})");
    EXPECT_EQ(to_json(Shape{Group{{Circle{1}, Group{}}}}),
              R"({"type":"group","shapes":[{"type":"circle","radius":1},)"
              R"({"type":"group","shapes":[]}]})");
}

TEST(JsonVariant, FindsTheDiscriminatorWhereverItStands) {
    EXPECT_EQ(std::get<Circle>(read<Shape>(R"({"radius":2,"type":"circle"})")).radius, 2);
    EXPECT_EQ(std::get<Circle>(read<Shape>(R"({ "type" : "circle" , "radius":2})")).radius, 2);
    EXPECT_EQ(
        std::get<Label>(read<Shape>(R"({"x":{"type":1},"text":"a","typ\u0065":"L\u0061bel"})"))
            .text,
        "a");
    const auto group =
        read<Shape>(R"({"shapes":[{"radius":1,"type":"circle"},{"type":"Label"}],"type":"group"})");
    EXPECT_EQ(std::get<Group>(group).shapes.size(), 2u);
}

TEST(JsonVariant, ReportsWhatIsWrong) {
    EXPECT_THAT(faults<Shape>(R"({"radius":1})"), ElementsAre(JsonError{"/type", "is required"}));
    EXPECT_THAT(faults<Shape>("{}"), ElementsAre(JsonError{"/type", "is required"}));
    EXPECT_THAT(faults<Shape>(R"({"type":"square","radius":"x"})"),
                ElementsAre(JsonError{"/type", "must be one of circle, Label, group"}));
    EXPECT_THAT(faults<Shape>(R"({"type":7})"),
                ElementsAre(JsonError{"/type", "must be a string, not a number"}));
    EXPECT_THAT(faults<Shape>(R"({"type":"circle"})"),
                ElementsAre(JsonError{"/radius", "is required"}));
    EXPECT_THAT(faults<Shape>(R"({"type":"circle","radius":1,"type":"circle"})"),
                ElementsAre(JsonError{"/type", "must not be given twice"}));
    EXPECT_THAT(faults<Shape>("[]"), ElementsAre(JsonError{"", "must be an object, not an array"}));
    EXPECT_THAT(faults<Group>(R"({"shapes":[{"type":"circle","radius":-1},{"type":"group"}]})"),
                ElementsAre(JsonError{"/shapes/0/radius", "must be greater than 0"},
                            JsonError{"/shapes/1/shapes", "is required"}));
    for (const char* text :
         {R"({"type":"circle","radius":1)", R"({"type":"circle",})",
          "{\"type\":", R"({"a":[1,],"type":"circle"})", R"({"type":"none","radius":1]})"}) {
        Shape shape;
        JsonErrors errors;
        EXPECT_EQ(read_json(text, shape, errors), JsonStatus::malformed) << text;
    }
}

TEST(JsonVariant, IsCheckedByItsRules) {
    JsonErrors errors;
    EXPECT_FALSE(validate(Shape{Group{{Circle{1}, Circle{-1}}}}, errors));
    EXPECT_EQ(errors.values()[0].pointer, "/shapes/1/radius");
}

TEST(JsonVariant, IsKnownAtRunTime) {
    const TypeInfo& shape = type_info<Shape>();
    EXPECT_EQ(shape.name, "Shape");
    EXPECT_EQ(shape.discriminator, "type");
    ASSERT_EQ(shape.alternatives.size(), 3u);
    EXPECT_EQ(shape.alternatives[0].tag, "circle");
    EXPECT_EQ(shape.alternatives[0].type, &type_info<Circle>());
    EXPECT_EQ(type_info<Group>().members[0].type->item, &shape);
}

struct Order {
    Uuid id;
    Decimal price;
    std::chrono::sys_seconds created;
    std::chrono::year_month_day day{};
    std::optional<std::chrono::milliseconds> wait;
};
ARMATURE_DESCRIBE(Order, id, price, created, day, wait);

TEST(JsonFormatted, TravelsAsText) {
    const std::string text = R"({"id":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6","price":"12.50",)"
                             R"("created":"2024-02-29T12:00:00Z","day":"2024-02-29",)"
                             R"("wait":"PT1.500S"})";
    const auto order = read<Order>(text);
    EXPECT_EQ(order.price, *Decimal::parse("12.5"));
    EXPECT_EQ(order.wait, 1500ms);
    EXPECT_EQ(to_json(order), text);
    EXPECT_THAT(
        faults<Order>(R"({"id":"f81d","price":12.5,"created":"2024-02-30T12:00:00Z",)"
                      R"("day":"yesterday","wait":"1s"})"),
        ElementsAre(JsonError{"/id", "must be a UUID"},
                    JsonError{"/price", "must be a string, not a number"},
                    JsonError{"/created", "must be a date and time such as 2024-02-29T12:00:00Z"},
                    JsonError{"/day", "must be a date such as 2024-02-29"},
                    JsonError{"/wait", "must be a duration such as PT1H30M"}));
}

template <class T>
std::string text_of(const T& value) {
    char text[TextForm<T>::max_size];
    return {text, TextForm<T>::write(text, value)};
}
template <class T>
std::optional<T> value_of(std::string_view text) {
    T value{};
    if (!TextForm<T>::parse(text, value)) return std::nullopt;
    return value;
}

TEST(TimeText, IsRfc3339) {
    using std::chrono::sys_seconds;
    using Milli = std::chrono::sys_time<std::chrono::milliseconds>;
    using Nano = std::chrono::sys_time<std::chrono::nanoseconds>;
    EXPECT_EQ(text_of(sys_seconds{}), "1970-01-01T00:00:00Z");
    EXPECT_EQ(text_of(sys_seconds{-1s}), "1969-12-31T23:59:59Z");
    EXPECT_EQ(text_of(Milli{1709208000123ms}), "2024-02-29T12:00:00.123Z");
    EXPECT_EQ(text_of(Milli{-1ms}), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(text_of(Nano{1ns}), "1970-01-01T00:00:00.000000001Z");
    EXPECT_EQ(value_of<sys_seconds>("2024-02-29T13:00:00.99+01:00"), sys_seconds{1709208000s});
    EXPECT_EQ(value_of<Milli>("2024-02-29t11:30:00.1234-00:30"), Milli{1709208000123ms});
    EXPECT_EQ(value_of<Nano>("1969-12-31T23:59:59.5Z"), Nano{-500'000'000ns});
    EXPECT_EQ(value_of<sys_seconds>("1998-12-31T23:59:60Z"), sys_seconds{915148800s});
    EXPECT_EQ(value_of<sys_seconds>("0000-01-01T00:00:00Z"), sys_seconds{-62167219200s});
    EXPECT_EQ(value_of<Nano>("9999-01-01T00:00:00Z"), std::nullopt); // beyond 64 bits
    EXPECT_EQ(value_of<sys_seconds>("2024-02-29"), std::nullopt);
    EXPECT_EQ(value_of<sys_seconds>("2024-02-29T12:00:00"), std::nullopt);
    EXPECT_EQ(text_of(sys_seconds{253402300799s}), "9999-12-31T23:59:59Z");
    EXPECT_THROW((void)text_of(sys_seconds{253402300800s}), std::out_of_range);
    EXPECT_THROW((void)text_of(sys_seconds{-62167219201s}), std::out_of_range);
}

TEST(TimeText, OfDaysIsADate) {
    using namespace std::chrono;
    EXPECT_EQ(text_of(2024y / 2 / 29), "2024-02-29");
    EXPECT_EQ(text_of(sys_days(1970y / 1 / 1)), "1970-01-01");
    EXPECT_EQ(value_of<year_month_day>("0001-12-31"), 1y / 12 / 31);
    EXPECT_EQ(value_of<sys_days>("2023-02-29"), std::nullopt);
    EXPECT_THROW((void)text_of(2023y / 2 / 29), std::out_of_range);
    EXPECT_THROW((void)text_of(year(10000) / 1 / 1), std::out_of_range);
}

TEST(TimeText, OfDurationsIsIso8601) {
    using std::chrono::seconds, std::chrono::milliseconds, std::chrono::nanoseconds;
    EXPECT_EQ(text_of(seconds{0}), "PT0S");
    EXPECT_EQ(text_of(seconds{90061}), "P1DT1H1M1S");
    EXPECT_EQ(text_of(seconds{86400}), "P1D");
    EXPECT_EQ(text_of(seconds{3605}), "PT1H5S");
    EXPECT_EQ(text_of(milliseconds{1}), "PT0.001S");
    EXPECT_EQ(text_of(milliseconds{60000}), "PT1M");
    EXPECT_EQ(text_of(nanoseconds{86400s + 5ns}), "P1DT0.000000005S");
    EXPECT_EQ(value_of<seconds>("P2W"), 1209600s);
    EXPECT_EQ(value_of<seconds>("P1DT2H3M4S"), 93784s);
    EXPECT_EQ(value_of<seconds>("PT999999999H"), seconds{999999999LL * 3600});
    EXPECT_EQ(value_of<milliseconds>("PT0.5S"), 500ms);
    EXPECT_EQ(value_of<nanoseconds>("P999999999W"), std::nullopt); // beyond 64 bits
    for (const char* text :
         {"",       "P",     "PT",    "1S",     "PT1",   "P1DT",  "PT1S1M",
          "PT1M1M", "P1H",   "PT1D",  "P1Y",    "P1M",   "P1W1D", "P1D1W",
          "PT1.5M", "PT.5S", "PT1.S", "PT0.5S", "-PT1S", "PT-1S", "PT1000000000S",
          "PT1S ",  "pT1S",  "PTT1S", "P1DT1D"})
        EXPECT_EQ(value_of<seconds>(text), std::nullopt) << text;
    EXPECT_EQ(value_of<milliseconds>("PT0.5000S"), std::nullopt);
    EXPECT_THROW((void)text_of(seconds{-1}), std::out_of_range);
    EXPECT_THROW((void)text_of(seconds{86400LL * 1'000'000'000}), std::out_of_range);
}

} // namespace
} // namespace armature

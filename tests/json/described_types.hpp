#pragma once

#include <armature/core/decimal.hpp>
#include <armature/core/uuid.hpp>
#include <armature/describe/chrono.hpp>
#include <armature/describe/type_info.hpp>
#include <armature/describe/variant.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

// One type for each thing that a description can say; what the tests of schemas work on.
namespace armature::described {

struct Numbers {
    std::int8_t tiny{};
    std::uint8_t byte{};
    std::int16_t small{};
    std::uint16_t port{};
    std::int32_t medium{};
    std::uint32_t count{};
    std::int64_t large{};
    std::uint64_t id{};
    float ratio{};
    double real{};
    bool flag{};
};
ARMATURE_DESCRIBE(Numbers, tiny, byte, small, port, medium, count, large, id, ratio, real, flag);

struct Bounds {
    int from_five{};
    int to_five{};
    int above_five{};
    int below_five{};
    int between{};
    std::uint8_t wide{}; // bounds beyond the type's
    int half{};
    double unit{};
    float tenth{};
    std::int64_t fives{};
    std::optional<int> maybe;
};
ARMATURE_DESCRIBE(Bounds, (from_five, min(5)), (to_five, max(5)), (above_five, exclusive_min(5)),
                  (below_five, exclusive_max(5)), (between, min(-3), max(3), multiple_of(3)),
                  (wide, min(-1), max(1000)), (half, min(0.5), exclusive_max(7.5)),
                  (unit, exclusive_min(0), max(0.75)), (tenth, max(0.1)), (fives, multiple_of(5)),
                  (maybe, min(5), max(6)));

struct Texts {
    std::string any;
    std::string short_one;
    std::string word;
    std::string has_digit;
    std::optional<std::string> maybe;
};
ARMATURE_DESCRIBE(Texts, any, (short_one, min_length(2), max_length(4)),
                  (word, pattern("^[a-z]+$"), max_length(6), example("word")),
                  (has_digit, pattern("[0-9]"), example("a1")), (maybe, min_length(1)));

struct Formats {
    std::string email;
    std::string uuid;
    std::string uri;
    std::string date;
    std::string date_time;
    std::string time;
    std::string duration;
    std::string ipv4;
    std::string ipv6;
    std::string hostname;
};
ARMATURE_DESCRIBE(Formats, (email, format::email), (uuid, format::uuid), (uri, format::uri),
                  (date, format::date), (date_time, format::date_time), (time, format::time),
                  (duration, format::duration), (ipv4, format::ipv4), (ipv6, format::ipv6),
                  (hostname, format::hostname));

struct Lists {
    std::vector<int> numbers;
    std::vector<std::string> set;
    std::array<double, 2> point{};
    std::vector<std::vector<bool>> grid;
    std::vector<std::optional<int>> gaps;
    std::map<std::string, int> scores;
    std::optional<std::vector<std::string>> maybe;
};
ARMATURE_DESCRIBE(Lists, (numbers, min_items(1), max_items(3)), (set, unique_items), point, grid,
                  gaps, (scores, min_items(1), max_items(2)), (maybe, max_items(1)));

enum class Color { red, green, blue };
ARMATURE_DESCRIBE_ENUM(Color, red, green, blue);

struct Kinds {
    Uuid uuid;
    Decimal decimal;
    std::chrono::sys_seconds second;
    std::chrono::sys_time<std::chrono::milliseconds> instant;
    std::chrono::year_month_day date{};
    std::chrono::seconds span{};
    std::chrono::milliseconds fine_span{};
    Color color{};
    std::optional<Color> maybe_color;
    std::optional<Uuid> maybe_uuid;
};
ARMATURE_DESCRIBE(Kinds, uuid, decimal, second, instant, date, span, fine_span, color, maybe_color,
                  maybe_uuid);

struct Circle {
    double radius{};
};
ARMATURE_DESCRIBE(Circle, (radius, exclusive_min(0)));
struct Label {
    std::optional<std::string> text;
};
ARMATURE_DESCRIBE(Label, (text, max_length(3)));
struct Group;
using Shape = std::variant<Circle, Label, Group>;
struct Group {
    std::string name;
    std::vector<Shape> shapes;
};
ARMATURE_DESCRIBE(Group, name, shapes);
ARMATURE_DESCRIBE_VARIANT(Shape, type, (Circle, "circle"), Label, (Group, "group"));

struct Category {
    std::string name;
    std::vector<Category> children;
    std::map<std::string, Category> named;
};
ARMATURE_DESCRIBE(Category, (name, min_length(1)), (children, max_items(2)), named);

struct Noted {
    std::uint64_t id = 0;
    std::string password;
    int page = 1;
    std::string order = "name";
    Color color = Color::green;
    std::vector<int> filter;
    std::string name;
    std::optional<Label> label;
};
ARMATURE_DESCRIBE(Noted, (id, read_only), (password, write_only, min_length(3), example("secret")),
                  (page, defaulted, min(1), description("Counted from 1")), (order, defaulted),
                  (color, defaulted), (filter, defaulted), (name, title("Name"), deprecated),
                  label);

} // namespace armature::described

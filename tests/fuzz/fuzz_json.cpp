// Any bytes: the reader must answer, agree with itself, and what it accepts must survive a round
// trip through the writer.
#include <armature/core/decimal.hpp>
#include <armature/core/uuid.hpp>
#include <armature/describe/chrono.hpp>
#include <armature/describe/variant.hpp>
#include <armature/json/read.hpp>
#include <armature/json/write.hpp>

#include <cstdlib>
#include <map>

namespace {

enum class Kind { one, two };
ARMATURE_DESCRIBE_ENUM(Kind, one, two);

struct Document {
    std::optional<std::string> text;
    std::optional<std::int16_t> small;
    std::optional<std::uint64_t> natural;
    std::optional<double> real;
    std::optional<float> single;
    std::optional<bool> flag;
    std::optional<Kind> kind;
    std::optional<std::array<int, 2>> pair;
    std::vector<Document> list;
    std::map<std::string, std::optional<std::string>> map;
};
ARMATURE_DESCRIBE(Document, (text, min_length(1), max_length(9), pattern("^a*b"), format::email),
                  (small, min(-5), max(0.5)), (natural, exclusive_max(100)), real, single, flag,
                  kind, pair, (list, max_items(3)), map);

struct Formats {
    std::vector<std::string> any;
    std::optional<std::string> uri;
    std::optional<std::string> date;
    std::optional<std::string> date_time;
    std::optional<std::string> uuid;
    std::optional<std::string> duration;
    std::optional<std::string> ipv6;
    std::optional<std::string> hostname;
    std::vector<std::string> set;
};
ARMATURE_DESCRIBE(Formats, any, (uri, format::uri), (date, format::date),
                  (date_time, format::date_time), (uuid, format::uuid),
                  (duration, format::duration), (ipv6, format::ipv6), (hostname, format::hostname),
                  (set, unique_items, defaulted));

struct Leaf {
    std::optional<armature::Uuid> uuid;
    std::optional<armature::Decimal> decimal;
    std::optional<std::chrono::sys_time<std::chrono::milliseconds>> time;
    std::optional<std::chrono::nanoseconds> span;
    std::optional<std::chrono::year_month_day> day;
};
ARMATURE_DESCRIBE(Leaf, uuid, decimal, time, span, day);
struct Branch;
using Tree = std::variant<Leaf, Branch>;
struct Branch {
    std::vector<Tree> trees;
};
ARMATURE_DESCRIBE(Branch, (trees, defaulted));
ARMATURE_DESCRIBE_VARIANT(Tree, type, (Leaf, "leaf"), (Branch, "branch"));

template <class T>
void check(std::string_view text, armature::JsonStatus expected) {
    using armature::JsonStatus;
    T value{};
    armature::JsonErrors errors;
    const JsonStatus status = armature::read_json(text, value, errors);
    if ((status == JsonStatus::malformed) != (expected == JsonStatus::malformed)) std::abort();
    if ((status == JsonStatus::ok) != errors.empty()) std::abort();
    if (status != JsonStatus::ok) return;
    if (!armature::validate(value, errors)) std::abort();
    const std::string written = armature::to_json(value);
    T again{};
    if (armature::read_json(written, again, errors) != JsonStatus::ok) std::abort();
    if (armature::to_json(again) != written) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    armature::JsonErrors errors;
    const armature::JsonStatus status = armature::check_json(text, errors);
    check<Document>(text, status);
    check<Formats>(text, status);
    check<std::vector<double>>(text, status);
    check<Tree>(text, status);
    // As a value, any bytes must become valid JSON.
    if (armature::check_json(armature::to_json(text), errors) != armature::JsonStatus::ok)
        std::abort();
    return 0;
}

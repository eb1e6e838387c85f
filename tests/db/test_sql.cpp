#include "db/support.hpp"

namespace db_tests {
namespace {

using db::detail::count_placeholders;

TEST(SqlText, CountsPlaceholdersOutsideOfWhatIsQuoted) {
    static_assert(count_placeholders("SELECT 1") == 0);
    static_assert(count_placeholders("SELECT $1, $3") == 3);
    static_assert(count_placeholders("SELECT '$1', \"$2\", -- $3\n /* $4 /* $5 */ */ $1") == 1);
    static_assert(count_placeholders("SELECT E'\\'$1', '\\', $1") == 1);
    static_assert(count_placeholders("SELECT 'it''s $1', $1") == 1);
    static_assert(count_placeholders("DO $$ SELECT $1 $$") == 0);
    static_assert(count_placeholders("DO $body$ SELECT $1 $$ $2 $body$, $1") == 1);
    static_assert(count_placeholders("SELECT a$1 FROM t") == 0, "part of a name");
    static_assert(count_placeholders("SELECT 'no end $1") == 0);
    static_assert(count_placeholders("SELECT $1::text || $2") == 2);
}

// A std::string isn't taken, nor a literal with another number of placeholders than values.
template <class Session, class Sql>
concept TakesText = requires(Session& session, Sql sql) { session.query(sql); };
static_assert(!TakesText<Database, std::string>);
static_assert(!TakesText<Database, std::string_view>);
static_assert(!TakesText<Database, const char*>);
static_assert(TakesText<Database, Sql>);

TEST(QuotedName, IsOneNameWhateverIsInIt) {
    EXPECT_EQ(db::quoted_name("users"), "\"users\"");
    EXPECT_EQ(db::quoted_name("a\"b"), "\"a\"\"b\"");
    EXPECT_EQ(db::quoted_name("a.b"), "\"a.b\"");
    EXPECT_EQ(db::quoted_name("a.b", true), "\"a\".\"b\"");
    EXPECT_THROW((void)db::quoted_name(""), std::invalid_argument);
    EXPECT_THROW((void)db::quoted_name("a.", true), std::invalid_argument);
    EXPECT_THROW((void)db::quoted_name(std::string_view{"a\0b", 3}), std::invalid_argument);
}

} // namespace
} // namespace db_tests

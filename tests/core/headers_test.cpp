#include <armature/core/headers.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace armature {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> lines(const Headers& headers) {
    std::vector<std::string> result;
    for (const Headers::Entry& entry : headers)
        result.push_back(std::string(entry.name()) + ": " + std::string(entry.value()));
    return result;
}

std::vector<std::string> values(const Headers& headers, std::string_view name) {
    std::vector<std::string> result;
    headers.all(name, [&](std::string_view value) { result.emplace_back(value); });
    return result;
}

TEST(Headers, LookUpNamesInAnyCase) {
    Headers headers;
    headers.append("Content-Type", "text/plain");
    headers.append("X-Custom", "1");
    EXPECT_EQ(headers.get(Field::content_type), "text/plain");
    EXPECT_EQ(headers.get("CONTENT-TYPE"), "text/plain");
    EXPECT_EQ(headers.get("x-CUSTOM"), "1");
    EXPECT_EQ(headers.get("x-other"), std::nullopt);
    EXPECT_EQ(headers.get(Field::accept), std::nullopt);
    EXPECT_EQ(headers.get(std::string_view{}), std::nullopt);
}

TEST(Headers, KeepOrderAndRepeatedLines) {
    Headers headers;
    headers.append(Field::set_cookie, "a=1");
    headers.append("x-custom", "x");
    headers.append(Field::set_cookie, "b=2");
    EXPECT_THAT(lines(headers), ElementsAre("set-cookie: a=1", "x-custom: x", "set-cookie: b=2"));
    EXPECT_THAT(values(headers, "Set-Cookie"), ElementsAre("a=1", "b=2"));
    std::vector<std::string> cookies;
    headers.all(Field::set_cookie, [&](std::string_view value) { cookies.emplace_back(value); });
    EXPECT_THAT(cookies, ElementsAre("a=1", "b=2"));
    EXPECT_EQ(headers.get(Field::set_cookie), "a=1");
}

TEST(Headers, SetReplacesAllLinesAtThePlaceOfTheFirst) {
    Headers headers;
    headers.append("x-custom", "1");
    headers.append("date", "now");
    headers.append("x-custom", "2");
    headers.append("x-custom", "3");
    headers.set("X-Custom", "4");
    EXPECT_THAT(lines(headers), ElementsAre("x-custom: 4", "date: now"));
    headers.set(Field::date, "later");
    headers.set(Field::etag, "\"e\"");
    EXPECT_THAT(lines(headers), ElementsAre("x-custom: 4", "date: later", "etag: \"e\""));
}

TEST(Headers, SetMayReadTheValueItReplaces) {
    Headers headers;
    headers.append(Field::vary, "accept");
    headers.set(Field::vary, *headers.get(Field::vary));
    EXPECT_EQ(headers.get(Field::vary), "accept");
}

TEST(Headers, EraseRemovesEveryLineOfAField) {
    Headers headers;
    headers.append("a", "1");
    headers.append("vary", "x");
    headers.append("A", "2");
    headers.append("b", "3");
    EXPECT_EQ(headers.erase("a"), 2u);
    EXPECT_EQ(headers.erase("a"), 0u);
    EXPECT_EQ(headers.erase(Field::accept), 0u);
    EXPECT_EQ(headers.get("b"), "3");
    EXPECT_EQ(headers.erase(Field::vary), 1u);
    EXPECT_FALSE(headers.contains(Field::vary));
    EXPECT_THAT(lines(headers), ElementsAre("b: 3"));
}

TEST(Headers, RefuseLineBreaksInValues) {
    Headers headers;
    for (const char* bad : {"a\r\nb: c", "a\nb", "a\rb", "\x7f", "\x01"}) {
        EXPECT_THROW(headers.append("x", bad), std::invalid_argument);
        EXPECT_THROW(headers.set(Field::etag, bad), std::invalid_argument);
        EXPECT_FALSE(headers.try_append("x", bad));
        EXPECT_FALSE(headers.try_set("x", bad));
    }
    EXPECT_THROW(headers.append("x", std::string_view("a\0b", 3)), std::invalid_argument);
    EXPECT_TRUE(headers.empty());
}

TEST(Headers, RefuseNamesThatAreNoTokens) {
    Headers headers;
    for (const char* bad : {"", " ", "a b", "a:", "a\r\n", "\xc3\xa4", "a\"", "(a)", ":path"}) {
        EXPECT_THROW(headers.append(bad, "v"), std::invalid_argument) << bad;
        EXPECT_THROW(headers.set(bad, "v"), std::invalid_argument) << bad;
        EXPECT_FALSE(headers.try_append(bad, "v")) << bad;
        EXPECT_FALSE(headers.try_set(bad, "v")) << bad;
    }
    EXPECT_THROW(headers.append(Field::other, "v"), std::invalid_argument);
    EXPECT_FALSE(headers.try_append(std::string(65536, 'a'), "v"));
    EXPECT_TRUE(headers.empty());
}

TEST(Headers, AllowTabsAndBytesAboveAscii) {
    Headers headers;
    EXPECT_TRUE(headers.try_append("x", "a\tb \xc3\xa4"));
    EXPECT_EQ(headers.get("x"), "a\tb \xc3\xa4");
}

TEST(Headers, KeepOwnedTextAsHttp2WantsIt) {
    Headers headers;
    headers.append("X-CUSTOM-Name", " \tvalue\t ");
    headers.append("Content-Length", "0");
    headers.append("x-empty", "  ");
    EXPECT_THAT(lines(headers),
                ElementsAre("x-custom-name: value", "content-length: 0", "x-empty: "));
}

TEST(Headers, OwnTextBeyondTheCallersLife) {
    Headers headers;
    for (int i = 0; i < 100; ++i) {
        const std::string name = "x-" + std::to_string(i);
        headers.append(name, std::string(static_cast<std::size_t>(i) * 7, 'v'));
    }
    ASSERT_EQ(headers.size(), 100u);
    for (std::size_t i = 0; i < 100; ++i)
        EXPECT_EQ(headers.get("X-" + std::to_string(i)), std::string(i * 7, 'v'));
}

TEST(Headers, CopiesOwnWhatTheOriginalViews) {
    Headers copy;
    {
        std::string buffer = "X-Viewed: value of some length, longer than any small buffer";
        Headers headers;
        headers.append_view(Field::other, std::string_view(buffer).substr(0, 8),
                            std::string_view(buffer).substr(10));
        headers.append_view(Field::accept, "*/*");
        copy = headers;
        buffer.assign(buffer.size(), '?');
    }
    EXPECT_EQ(copy.get("x-viewed"), "value of some length, longer than any small buffer");
    EXPECT_EQ(copy.get(Field::accept), "*/*");
    const Headers again(copy);
    EXPECT_EQ(lines(again), lines(copy));
    copy = *&copy;
    EXPECT_EQ(lines(again), lines(copy));
}

TEST(Headers, MoveWithFewAndWithManyFields) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{3}, std::size_t{40}}) {
        Headers headers;
        for (std::size_t i = 0; i < count; ++i)
            headers.append("x-" + std::to_string(i), "v");
        const auto expected = lines(headers);
        Headers moved(std::move(headers));
        EXPECT_EQ(lines(moved), expected);
        EXPECT_THAT(lines(headers), IsEmpty()); // NOLINT(bugprone-use-after-move): it is promised
        headers.append("again", "1");
        EXPECT_EQ(headers.get("again"), "1");
        headers = std::move(moved);
        EXPECT_EQ(lines(headers), expected);
        EXPECT_FALSE(headers.contains("again"));
    }
}

TEST(Headers, ClearForgetsFieldsAndCanBeUsedAgain) {
    Headers headers;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 20; ++i)
            headers.append("x-a", std::string(500, 'v'));
        headers.append(Field::host, "h");
        headers.clear();
        EXPECT_TRUE(headers.empty());
        EXPECT_FALSE(headers.contains(Field::host));
        EXPECT_FALSE(headers.contains("x-a"));
        headers.append("x-b", "short");
        EXPECT_EQ(headers.get("x-b"), "short");
    }
}

TEST(Headers, RebaseFollowsAMovedBuffer) {
    const std::string old_buffer = "host: example.org";
    const std::string new_buffer = "HOST: EXAMPLE.ORG";
    Headers headers;
    headers.append("x-owned", "owned");
    headers.append_view(Field::host, std::string_view(old_buffer).substr(0, 4),
                        std::string_view(old_buffer).substr(6));
    headers.rebase(old_buffer.data(), old_buffer.size(), new_buffer.data());
    EXPECT_THAT(lines(headers), ElementsAre("x-owned: owned", "HOST: EXAMPLE.ORG"));
}

Headers joined_lines() {
    Headers headers;
    headers.append("x-a", "1");
    headers.append("vary", "Origin");
    headers.append("x-empty", "");
    headers.join();
    return headers;
}

TEST(Headers, JoinLaysTheLinesOutInOnePiece) {
    const Headers headers = joined_lines();
    EXPECT_THAT(lines(headers), ElementsAre("x-a: 1", "vary: Origin", "x-empty: "));
    ASSERT_EQ(headers.begin()->joined(), 3u);
    constexpr std::string_view text = "x-a: 1\r\nvary: Origin\r\nx-empty: \r\n";
    EXPECT_EQ(std::string_view(headers.begin()->name().data(), text.size()), text);
}

TEST(Headers, AppendViewsAddsAllLinesOfAnother) {
    const Headers block = joined_lines();
    for (const std::size_t before : {0u, 1u, 4u, 6u, 40u}) {
        Headers headers;
        for (std::size_t i = 0; i < before; ++i)
            headers.append("x-" + std::to_string(i), "v");
        EXPECT_EQ(headers.may_share(block), before != 0);
        headers.append_views(block);
        headers.append("x-last", "2");
        ASSERT_EQ(headers.size(), before + 4);
        EXPECT_EQ((headers.begin() + before)->joined(), 3u);
        EXPECT_EQ(headers.get("vary"), "Origin");
        EXPECT_EQ(headers.get("X-A"), "1");
        EXPECT_GE(headers.text_bound(), block.text_bound());
    }
}

TEST(Headers, JoinedLinesThatChangeAreJoinedNoMore) {
    const Headers block = joined_lines();
    const auto changed = [&](auto&& change) {
        Headers headers;
        headers.append_views(block);
        change(headers);
        for (const Headers::Entry& entry : headers)
            EXPECT_EQ(entry.joined(), 0u);
        return lines(headers);
    };
    EXPECT_THAT(changed([](Headers& headers) { headers.set(Field::vary, "*"); }),
                ElementsAre("x-a: 1", "vary: *", "x-empty: "));
    EXPECT_THAT(changed([](Headers& headers) { headers.erase("x-a"); }),
                ElementsAre("vary: Origin", "x-empty: "));
    EXPECT_THAT(changed([](Headers& headers) { headers = Headers(headers); }),
                ElementsAre("x-a: 1", "vary: Origin", "x-empty: "));
    EXPECT_THAT(lines(block), ElementsAre("x-a: 1", "vary: Origin", "x-empty: "));
}

TEST(Headers, CompareNamesWithoutCase) {
    EXPECT_TRUE(Headers::equal_names("X-a", "x-A"));
    EXPECT_FALSE(Headers::equal_names("x-a", "x-ab"));
    EXPECT_FALSE(Headers::equal_names("x@", "x`")); // differ by the case bit, but aren't letters
}

} // namespace
} // namespace armature

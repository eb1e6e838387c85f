#include <armature/http1/head_writer.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace armature;
using namespace armature::http1;

// Each writer gets exactly the room that its bound asks for, so the address sanitizer sees more.
std::string written(const ResponseHead& head) {
    std::vector<char> room(head_bound(head));
    return {room.data(), write_head(room.data(), head)};
}

TEST(HeadWriter, WritesStatusCommonFieldsFieldsAndLength) {
    Headers fields;
    fields.append(Field::content_type, "text/plain");
    fields.append("x-empty", "");
    EXPECT_EQ(written({.status = Status::ok,
                       .framing = Framing::length,
                       .content_length = 13,
                       .common_fields = "server: a\r\n",
                       .fields = &fields}),
              "HTTP/1.1 200 OK\r\nserver: a\r\ncontent-type: text/plain\r\nx-empty: \r\n"
              "content-length: 13\r\n\r\n");
}

TEST(HeadWriter, WritesHowTheContentIsFramedAndWhetherTheConnectionPersists) {
    EXPECT_EQ(written({.framing = Framing::chunked, .persistence = Persistence::close}),
              "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n");
    EXPECT_EQ(written({.status = Status::no_content,
                       .framing = Framing::none,
                       .persistence = Persistence::keep_alive}),
              "HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n");
}

TEST(HeadWriter, NeedsNoMoreRoomThanItSays) {
    for (const std::uint64_t length : {std::uint64_t{0}, UINT64_MAX}) {
        for (const Status status : {Status::ok, Status::request_header_fields_too_large,
                                    Status::network_authentication_required}) {
            const ResponseHead head{
                .status = status, .persistence = Persistence::keep_alive, .content_length = length};
            EXPECT_LE(written(head).size(), head_bound(head));
        }
    }
}

TEST(HeadWriter, RendersEveryStatusLine) {
    const auto line = [](unsigned code) {
        char room[status_line_bound];
        return std::string(room, write_status_line(room, static_cast<Status>(code)));
    };
    EXPECT_EQ(line(200), "HTTP/1.1 200 OK\r\n");
    EXPECT_EQ(line(431), "HTTP/1.1 431 Request Header Fields Too Large\r\n");
    EXPECT_EQ(line(299), "HTTP/1.1 299 \r\n");
    EXPECT_EQ(line(999), "HTTP/1.1 999 \r\n");
    for (unsigned code = 100; code < 1000; ++code)
        EXPECT_EQ(line(code), "HTTP/1.1 " + std::to_string(code) + " " +
                                  std::string(reason(static_cast<Status>(code))) + "\r\n");
}

TEST(HeadWriter, TurnsACodeThatIsNoStatusIntoAServerError) {
    char room[status_line_bound];
    for (const unsigned code : {0u, 99u, 1000u})
        EXPECT_EQ(std::string(room, write_status_line(room, static_cast<Status>(code))),
                  "HTTP/1.1 500 Internal Server Error\r\n");
}

TEST(HeadWriter, WritesDecimalNumbers) {
    const auto decimal = [](std::uint64_t number) {
        char room[decimal_bound];
        return std::string(room, write_decimal(room, number));
    };
    std::uint64_t power = 1;
    for (int digits = 1; digits <= 20; ++digits, power *= 10) {
        EXPECT_EQ(decimal(power), std::to_string(power));
        EXPECT_EQ(decimal(power - 1), std::to_string(power - 1));
        EXPECT_EQ(decimal(power * 7 + 3), std::to_string(power * 7 + 3));
    }
    EXPECT_EQ(decimal(UINT64_MAX), "18446744073709551615");
}

TEST(HeadWriter, WritesChunkSizes) {
    const auto size = [](std::uint64_t number) {
        char room[chunk_size_bound];
        return std::string(room, write_chunk_size(room, number));
    };
    EXPECT_EQ(size(1), "1\r\n");
    EXPECT_EQ(size(0xabcdef), "abcdef\r\n");
    EXPECT_EQ(size(UINT64_MAX), "ffffffffffffffff\r\n");
}

TEST(HeadWriter, WritesJoinedLinesAsTheOthers) {
    for (const std::size_t joined : {1u, 2u, 12u, 300u}) {
        Headers block;
        for (std::size_t i = 0; i < joined; ++i)
            block.append("x-" + std::to_string(i), std::string(i % 50, 'v'));
        Headers one_by_one;
        one_by_one.append("before", "1");
        Headers headers = one_by_one;
        for (const Headers::Entry& line : block)
            one_by_one.append(line.name(), line.value());
        block.join();
        headers.append_views(block);
        headers.append("after", "2");
        one_by_one.append("after", "2");
        const auto written = [](const Headers& fields) {
            std::string room(fields_bound(fields), '\0');
            return room.substr(
                0, static_cast<std::size_t>(write_fields(room.data(), fields) - room.data()));
        };
        EXPECT_EQ(written(headers), written(one_by_one)) << joined;
    }
}

TEST(HeadWriter, CopiesTextOfEverySize) {
    for (std::size_t size = 0; size < 70; ++size) {
        std::string text;
        for (std::size_t i = 0; i < size; ++i)
            text.push_back(static_cast<char>('!' + i));
        std::vector<char> room(size + 1);
        const char* const end = write_text(room.data(), text);
        EXPECT_EQ(std::string(room.data(), static_cast<std::size_t>(end - room.data())), text);
    }
}

} // namespace

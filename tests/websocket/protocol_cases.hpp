#pragma once

#include "websocket/deflate.hpp"
#include "websocket/frames.hpp"

#include <string>
#include <vector>

// What a server must do with what a client sends, class by class of the Autobahn suite, as one
// table: the decoder is tested with it, and a running server is over a socket.
namespace armature::ws::testing {

/// What the decoder gives for it, in the form "T:text", "B:binary", "P:ping", "O:pong",
/// "C:1000:reason", "F:1002" (failed; the last thing).
struct ProtocolCase {
    const char* name;
    std::string bytes;
    std::string events;
};

inline std::string deflated(std::string_view text, unsigned opcode = 1) {
    return bytes_of({.opcode = opcode, .payload = deflate_message(text, 15), .rsv = 4});
}

inline std::string x(std::size_t count) { return std::string(count, 'x'); }

/// Messages of up to 100,000 bytes are allowed, and compression was agreed on.
inline constexpr std::uint64_t case_max_message = 100'000;

inline std::vector<ProtocolCase> protocol_cases() {
    const auto part = [](unsigned opcode, std::string payload, bool final) {
        return bytes_of({.opcode = opcode, .payload = std::move(payload), .final = final});
    };
    std::vector<ProtocolCase> cases;
    const auto add = [&](const char* name, std::string bytes, std::string events) {
        cases.push_back({name, std::move(bytes), std::move(events)});
    };
    // 1: framing; every form of the length, at its limits
    for (const std::size_t size : {0, 1, 125, 126, 127, 128, 65535, 65536}) {
        add("1 text of any length", text(x(size)), "T:" + x(size));
        add("1 binary of any length", binary(x(size)), "B:" + x(size));
    }
    // 2: pings and pongs
    add("2 ping without payload", ping(), "P:");
    add("2 ping with text", ping("Hello"), "P:Hello");
    add("2 ping with any bytes", ping("\xff\xfe"), "P:\xff\xfe");
    add("2 longest ping", ping(x(125)), "P:" + x(125));
    add("2 ping that is too long", ping(x(126)), "F:1002");
    add("2 pong that nobody asked for", bytes_of({.opcode = 10, .payload = "a"}) + text("b"),
        "O:a T:b");
    add("2 many pings", ping("1") + ping("2") + ping("3"), "P:1 P:2 P:3");
    // 3: reserved bits
    for (const unsigned rsv : {1U, 2U, 3U, 5U, 6U, 7U})
        add("3 reserved bits", text("a") + bytes_of({.payload = "b", .rsv = rsv}), "T:a F:1002");
    add("3 reserved bit of a ping", bytes_of({.opcode = 9, .rsv = 4}), "F:1002");
    add("3 reserved bit of a close", bytes_of({.opcode = 8, .rsv = 1}), "F:1002");
    add("3 reserved bit of a continuation",
        part(1, "a", false) + bytes_of({.opcode = 0, .payload = "b", .rsv = 4}), "F:1002");
    // 4: unknown opcodes
    for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U})
        add("4 unknown opcode", text("a") + bytes_of({.opcode = opcode}) + text("b"), "T:a F:1002");
    // 5: fragmentation
    add("5 ping in two", part(9, "a", false) + part(0, "b", true), "F:1002");
    add("5 pong in two", part(10, "a", false) + part(0, "b", true), "F:1002");
    add("5 close in two", part(8, "", false) + part(0, "", true), "F:1002");
    add("5 text in two", part(1, "ab", false) + part(0, "cd", true), "T:abcd");
    add("5 binary in three", part(2, "a", false) + part(0, "b", false) + part(0, "c", true),
        "B:abc");
    add("5 ping between", part(1, "ab", false) + ping("p") + part(0, "cd", true), "P:p T:abcd");
    add("5 empty fragments", part(1, "", false) + part(0, "", false) + part(0, "", true), "T:");
    add("5 nothing to continue", part(0, "a", true), "F:1002");
    add("5 nothing to continue, unfinished", part(0, "a", false), "F:1002");
    add("5 nothing to continue after a message",
        part(1, "a", false) + part(0, "b", true) + part(0, "c", true), "T:ab F:1002");
    add("5 a message within another", part(1, "a", false) + text("b"), "F:1002");
    // 6: UTF-8
    const auto valid = [&](const std::string& characters) {
        add("6 UTF-8", text(characters), "T:" + characters);
        std::string pieces = part(1, "", false);
        for (const char byte : characters)
            pieces += part(0, std::string(1, byte), false);
        add("6 UTF-8 in pieces", pieces + part(0, "", true), "T:" + characters);
    };
    valid("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5");
    valid(std::string{"\0", 1});
    valid("\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80");
    valid("\x7f\xdf\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf");
    valid("\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbd");
    const auto invalid = [&](const std::string& bytes) {
        add("6 not UTF-8", text(bytes), "F:1007");
        add("6 not UTF-8, behind text", text("fine so far, eight and more " + bytes), "F:1007");
        add("6 binary may be anything", binary(bytes), "B:" + bytes);
        add("6 not UTF-8, inflated", deflated(bytes), "F:1007");
    };
    invalid("\xed\xa0\x80");         // a surrogate
    invalid("\xf4\x90\x80\x80");     // beyond U+10FFFF
    invalid("\xc0\x80");             // overlong
    invalid("\xe0\x80\xaf");         // overlong
    invalid("\xf0\x80\x80\xaf");     // overlong
    invalid("\x80");                 // no beginning
    invalid("\xc3");                 // no end
    invalid("\xe2\x82");             // no end
    invalid("\xfe");                 // never allowed
    invalid("\xf8\x88\x80\x80\x80"); // five bytes
    invalid("\xce\xba\xff"
            "abc");
    add("6 refused at the first wrong byte", part(1, "\xf4\x90", false), "F:1007");
    // 7: closing
    add("7 close without a code", bytes_of({.opcode = 8}), "C:1005:");
    add("7 close with a code", close(1000), "C:1000:");
    add("7 close with a reason", close(1000, "bye"), "C:1000:bye");
    add("7 close with the longest reason", close(1000, x(123)), "C:1000:" + x(123));
    add("7 close that is too long", close(1000, x(124)), "F:1002");
    add("7 close with one byte", bytes_of({.opcode = 8, .payload = "a"}), "F:1002");
    add("7 close with a reason that is not UTF-8", close(1000, "\xce\xba\xff"), "F:1007");
    for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
                           3000, 3999, 4000, 4999})
        add("7 valid code", close(static_cast<std::uint16_t>(code)),
            "C:" + std::to_string(code) + ":");
    for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
        add("7 invalid code", close(static_cast<std::uint16_t>(code)), "F:1002");
    // 9: sizes
    add("9 longest message", text(x(100'000)), "T:" + x(100'000));
    add("9 too long, seen in its length", bytes_of({.payload = "", .claimed = 100'001}), "F:1009");
    add("9 too long in fragments", part(1, x(60'000), false) + part(0, x(40'001), true), "F:1009");
    add("9 as long as can be claimed", bytes_of({.claimed = UINT64_MAX >> 1}), "F:1009");
    // 10: masks and lengths
    add("10 without a mask", bytes_of({.payload = "a", .masked = false}), "F:1002");
    add("10 mask of zeros", bytes_of({.payload = "ab", .key = std::string(4, '\0')}), "T:ab");
    add("10 length longer than needed, 2 bytes", bytes_of({.payload = "a", .length_bytes = 2}),
        "F:1002");
    add("10 length longer than needed, 8 bytes", bytes_of({.payload = x(200), .length_bytes = 8}),
        "F:1002");
    add("10 negative length", bytes_of({.claimed = UINT64_MAX - 1}), "F:1002");
    // 12, 13: compression
    const std::string long_text = [] {
        std::string made;
        for (int i = 0; i < 2000; ++i)
            made += "{\"n\":" + std::to_string(i) + "},";
        return made;
    }();
    add("12 compressed text", deflated("Hello"), "T:Hello");
    add("12 compressed binary", deflated("\xff\xfe", 2), "B:\xff\xfe");
    add("12 compressed, long", deflated(long_text), "T:" + long_text);
    add("12 compressed, empty", deflated(""), "T:");
    add("12 as in RFC 7692, section 7.2.3.1",
        bytes_of({.payload = std::string{"\xf2\x48\xcd\xc9\xc9\x07\x00", 7}, .rsv = 4}), "T:Hello");
    add("12 without compression, as in section 7.2.3.3",
        bytes_of(
            {.payload = std::string{"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11}, .rsv = 4}),
        "T:Hello");
    add("12 ended stream, as in section 7.2.3.4",
        bytes_of({.payload = std::string{"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8}, .rsv = 4}),
        "T:Hello");
    add("12 two blocks, as in section 7.2.3.5",
        bytes_of(
            {.payload = std::string{"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13},
             .rsv = 4}),
        "T:Hello");
    const std::string halves = deflate_message(long_text, 15);
    add("13 compressed in fragments",
        bytes_of({.payload = halves.substr(0, 100), .final = false, .rsv = 4}) + ping("p") +
            part(0, halves.substr(100), true),
        "P:p T:" + long_text);
    add("13 not every message is compressed", text("a") + deflated("b") + text("c"), "T:a T:b T:c");
    add("13 inflates to more than is allowed", deflated(x(100'001)), "F:1009");
    add("13 inflates to the most that is allowed", deflated(x(100'000)), "T:" + x(100'000));
    add("13 broken data", bytes_of({.payload = "\xff\xff\xff\xff", .rsv = 4}), "F:1007");
    return cases;
}

} // namespace armature::ws::testing

#include "websocket/decoder.hpp"
#include "websocket/mask.hpp"
#include "websocket/protocol_cases.hpp"
#include "websocket/utf8.hpp"

#include <gtest/gtest.h>

#include <random>

namespace armature::ws {
namespace {

using testing::bytes_of;
using testing::protocol_cases;
using testing::ProtocolCase;

// Everything the decoder says about bytes that arrive `step` at a time.
std::string events_of(Decoder& decoder, std::string_view bytes, std::size_t step) {
    std::string events;
    const auto say = [&](std::string_view kind, std::string_view what) {
        if (!events.empty()) events += ' ';
        events.append(kind).append(what);
    };
    while (!bytes.empty()) {
        std::string_view piece = bytes.substr(0, step);
        bytes.remove_prefix(piece.size());
        // Once more without bytes: a frame may be complete when the last byte was taken before.
        for (bool more = true; more;) {
            switch (decoder.next(piece)) {
            case Decoder::Event::starved:
                EXPECT_TRUE(piece.empty());
                more = false;
                break;
            case Decoder::Event::message:
                say(decoder.is_text() ? "T:" : "B:", decoder.message());
                decoder.message().clear();
                break;
            case Decoder::Event::ping:
                say("P:", decoder.control());
                break;
            case Decoder::Event::pong:
                say("O:", decoder.control());
                break;
            case Decoder::Event::close:
                say("C:", std::to_string(decoder.close_code()) + ":");
                events += decoder.control();
                break;
            case Decoder::Event::failed:
                say("F:", std::to_string(decoder.close_code()));
                return events;
            }
        }
    }
    return events;
}

TEST(WebSocketDecoder, DecodesEveryCaseOfTheProtocolHoweverItIsCut) {
    for (const ProtocolCase& the_case : protocol_cases()) {
        for (const std::size_t step : {std::size_t{1} << 30, std::size_t{1}, std::size_t{7}}) {
            Decoder decoder{testing::case_max_message, true};
            EXPECT_EQ(events_of(decoder, the_case.bytes, step), the_case.events)
                << the_case.name << ", step " << step;
        }
    }
}

TEST(WebSocketDecoder, RefusesCompressionThatWasNotAgreedOn) {
    Decoder decoder{1000, false};
    EXPECT_EQ(events_of(decoder, testing::deflated("Hello"), 1000), "F:1002");
}

TEST(WebSocketDecoder, StaysFailed) {
    Decoder decoder{1000, false};
    EXPECT_EQ(events_of(decoder, bytes_of({.opcode = 3}), 1000), "F:1002");
    EXPECT_EQ(events_of(decoder, testing::text("fine"), 1000), "F:1002");
}

TEST(WebSocketDecoder, ReservesNothingForALengthThatIsOnlyClaimed) {
    Decoder decoder{std::uint64_t{1} << 30, false};
    const std::string start = bytes_of({.payload = "a", .claimed = std::uint64_t{1} << 30});
    EXPECT_EQ(events_of(decoder, start, 1000), "");
    EXPECT_LT(decoder.message().capacity(), 1000U);
}

TEST(WebSocketMask, IsTheSameForEveryLengthAndOffset) {
    const char key[4] = {'\x37', '\xfa', '\x21', '\x3d'};
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += static_cast<char>(i * 7);
    for (std::size_t size = 0; size <= text.size(); ++size) {
        for (std::size_t offset = 0; offset < 5; ++offset) {
            std::string expected = text.substr(0, size);
            for (std::size_t i = 0; i < size; ++i)
                expected[i] = static_cast<char>(expected[i] ^ key[(offset + i) % 4]);
            std::string masked(size, '\0');
            apply_mask(text.data(), masked.data(), size, key, offset);
            ASSERT_EQ(masked, expected) << size << " from " << offset;
        }
    }
}

// All of Unicode, and an independent rule for what is none of it.
TEST(WebSocketUtf8, TakesEveryCharacterAndNothingElse) {
    const auto is_utf8 = [](std::string_view text) {
        Utf8Checker checker;
        return checker.feed(text) && checker.at_end_of_character();
    };
    for (std::uint32_t character = 0; character < 0x110000; ++character) {
        std::string text;
        if (character < 0x80) {
            text += static_cast<char>(character);
        } else if (character < 0x800) {
            text += static_cast<char>(0xC0 | character >> 6);
            text += static_cast<char>(0x80 | (character & 0x3F));
        } else if (character < 0x10000) {
            text += static_cast<char>(0xE0 | character >> 12);
            text += static_cast<char>(0x80 | (character >> 6 & 0x3F));
            text += static_cast<char>(0x80 | (character & 0x3F));
        } else {
            text += static_cast<char>(0xF0 | character >> 18);
            text += static_cast<char>(0x80 | (character >> 12 & 0x3F));
            text += static_cast<char>(0x80 | (character >> 6 & 0x3F));
            text += static_cast<char>(0x80 | (character & 0x3F));
        }
        const bool is_surrogate = character >= 0xD800 && character < 0xE000;
        ASSERT_EQ(is_utf8(text), !is_surrogate) << character;
        ASSERT_FALSE(text.size() > 1 && is_utf8(text.substr(0, text.size() - 1)));
    }
    std::mt19937 random{1};
    int valid = 0;
    for (int i = 0; i < 200'000; ++i) { // any bytes: no more of them pass than there are characters
        std::string text;
        for (int j = 0; j < 3; ++j)
            text += static_cast<char>(0x80 | random());
        valid += is_utf8(text) ? 1 : 0;
    }
    EXPECT_LT(valid, 200'000 / 30);
}

TEST(WebSocketFrame, CutsAReasonAtTheEndOfACharacter) {
    const std::string reason = std::string(122, 'r') + "\xc3\xa4";
    EXPECT_EQ(close_payload(1000, reason).size(), 124U);
    EXPECT_EQ(close_payload(1000, reason.substr(0, 122)), "\x03\xe8" + std::string(122, 'r'));
}

} // namespace
} // namespace armature::ws

#include "body_cases.hpp"
#include "harness.hpp"
#include "head_cases.hpp"
#include "strictness.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <gtest/gtest.h>
#include <http_parser.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

// Boost.Beast is included here only: it is slow to compile.

namespace {

using namespace armature;
using namespace armature::http1;
using namespace armature::http1::testing;

/// One whole request as a parser understood it.
struct Message {
    bool accepted = false;
    ParseError error = ParseError::none;
    bool is_upgrade = false;
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> fields; // of the head
    std::string body;
};

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

// Beast keeps lines of one name together.
void sort_fields(Message& message) { std::sort(message.fields.begin(), message.fields.end()); }

Message parse_ours(std::string_view bytes) {
    Message message;
    const Buffer buffer(bytes);
    HeadParser parser;
    FullHead head;
    const ParseStatus status = parser.parse(buffer.data(), bytes.size(), {}, head, head.headers);
    message.error = parser.error();
    if (status != ParseStatus::complete) return message;
    message.method = head.method_text;
    message.target = head.target;
    message.is_upgrade =
        head.method == Method::connect || (head.upgrade && head.headers.contains(Field::upgrade));
    for (const Headers::Entry& entry : head.headers)
        message.fields.emplace_back(lower(entry.name()), entry.value());
    sort_fields(message);
    BodyDecoder decoder;
    if (head.chunked)
        decoder.start_chunked();
    else
        decoder.start(head.content_length);
    const BodyOutcome body = decode_in_pieces(decoder, bytes.substr(head.size), 0);
    message.error = body.error;
    message.body = body.content;
    message.accepted = body.status == BodyDecoder::Status::done;
    return message;
}

Message parse_with_http_parser(std::string_view bytes) {
    struct Context {
        Message message;
        bool after_value = true;
        bool in_head = true;
    } context;
    const auto of = [](http_parser* parser) { return static_cast<Context*>(parser->data); };
    static const auto context_of = of;
    http_parser_settings settings;
    http_parser_settings_init(&settings);
    settings.on_url = [](http_parser* parser, const char* at, std::size_t size) {
        context_of(parser)->message.target.append(at, size);
        return 0;
    };
    settings.on_header_field = [](http_parser* parser, const char* at, std::size_t size) {
        Context& c = *context_of(parser);
        if (!c.in_head) return 0;
        if (std::exchange(c.after_value, false)) c.message.fields.emplace_back();
        c.message.fields.back().first += lower({at, size});
        return 0;
    };
    settings.on_header_value = [](http_parser* parser, const char* at, std::size_t size) {
        Context& c = *context_of(parser);
        if (!c.in_head) return 0;
        c.after_value = true;
        c.message.fields.back().second.append(at, size);
        return 0;
    };
    settings.on_headers_complete = [](http_parser* parser) {
        context_of(parser)->in_head = false;
        return 0;
    };
    settings.on_body = [](http_parser* parser, const char* at, std::size_t size) {
        context_of(parser)->message.body.append(at, size);
        return 0;
    };
    settings.on_message_complete = [](http_parser* parser) {
        context_of(parser)->message.accepted = true;
        http_parser_pause(parser, 1);
        return 0;
    };
    http_parser parser;
    http_parser_init(&parser, HTTP_REQUEST);
    parser.data = &context;
    http_parser_execute(&parser, &settings, bytes.data(), bytes.size());
    Message& message = context.message;
    message.method = http_method_str(static_cast<http_method>(parser.method));
    // It leaves the spaces at the end of a value to its user.
    for (auto& [name, value] : message.fields) {
        const std::size_t last = value.find_last_not_of(" \t");
        value.resize(last == std::string::npos ? 0 : last + 1);
    }
    sort_fields(message);
    return message;
}

Message parse_with_beast(std::string_view bytes) {
    namespace http = boost::beast::http;
    http::request_parser<http::string_body> parser;
    parser.eager(true);
    parser.header_limit(1 << 20);
    parser.body_limit(1 << 20);
    boost::beast::error_code error;
    std::size_t at = 0;
    while (!parser.is_done() && !error) {
        const std::size_t used =
            parser.put(boost::asio::buffer(bytes.data() + at, bytes.size() - at), error);
        at += used;
        if (used == 0) break;
    }
    Message message;
    message.accepted = !error && parser.is_done();
    const auto& request = parser.get();
    message.method = std::string(request.method_string());
    message.target = std::string(request.target());
    message.body = request.body();
    for (const auto& field : request)
        message.fields.emplace_back(lower({field.name_string().data(), field.name_string().size()}),
                                    std::string(field.value()));
    sort_fields(message);
    return message;
}

bool knows_method(std::string_view method) {
#define ARMATURE_TEST_METHOD(number, name, string)                                                 \
    if (method == #string) return true;
    HTTP_METHOD_MAP(ARMATURE_TEST_METHOD)
#undef ARMATURE_TEST_METHOD
    return false;
}

// http_parser has a closed list of methods, and takes a field whose name only begins with
// "Transfer-Encoding" for that field.
bool http_parser_errs(const Message& ours) {
    return !knows_method(ours.method) ||
           std::any_of(ours.fields.begin(), ours.fields.end(), [](const auto& field) {
               return field.first.starts_with("transfer-encoding") &&
                      field.first != "transfer-encoding";
           });
}

// Every field of the head is among those the other found; it may also have trailer fields.
bool includes_fields(const Message& other, const Message& ours) {
    std::size_t found = 0;
    for (const auto& field : other.fields)
        if (found < ours.fields.size() && field == ours.fields[found]) ++found;
    return found == ours.fields.size();
}

void expect_agreement(std::string_view bytes) {
    const Message ours = parse_ours(bytes);
    // Beast doesn't know that an empty line may come first (RFC 9112 §2.2).
    const std::string_view for_beast = bytes.starts_with("\r\n") ? bytes.substr(2) : bytes;
    const Message theirs[] = {parse_with_http_parser(bytes), parse_with_beast(for_beast)};
    if (ours.accepted) {
        for (std::size_t i = 0; i < 2; ++i) {
            if (i == 0 && http_parser_errs(ours)) continue;
            const Message& other = theirs[i];
            SCOPED_TRACE(std::string(i == 0 ? "http_parser: " : "Beast: ") + escaped(bytes));
            ASSERT_TRUE(other.accepted);
            EXPECT_EQ(other.method, ours.method);
            EXPECT_EQ(other.target, ours.target);
            EXPECT_TRUE(includes_fields(other, ours));
            // http_parser leaves what follows an upgrade's head to the next protocol.
            if (i == 1 || !ours.is_upgrade) {
                EXPECT_EQ(other.body, ours.body);
            }
        }
        return;
    }
    if (ours.error == ParseError::none) return; // incomplete
    const auto explained = [&](bool Stricter::* accepts) {
        return std::any_of(stricter.begin(), stricter.end(), [&](const Stricter& row) {
            return row.ours == ours.error && row.*accepts;
        });
    };
    if (theirs[0].accepted) {
        EXPECT_TRUE(explained(&Stricter::http_parser_accepts))
            << "http_parser accepts " << escaped(bytes) << ": " << describe(ours.error);
    }
    if (theirs[1].accepted) {
        EXPECT_TRUE(explained(&Stricter::beast_accepts))
            << "Beast accepts " << escaped(bytes) << ": " << describe(ours.error);
    }
}

std::vector<std::string> corpus() {
    std::vector<std::string> requests;
    for (const HeadCase& c : head_cases) {
        requests.emplace_back(c.bytes);
        requests.emplace_back(std::string(c.bytes) + "hello");
        requests.emplace_back(std::string(c.bytes) + "5\r\nhello\r\n0\r\n\r\n");
    }
    for (const BodyCase& c : body_cases)
        requests.emplace_back("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                              std::string(c.bytes));
    return requests;
}

TEST(Differential, WhatWeAcceptOthersUnderstandInTheSameWay) {
    for (const std::string& request : corpus())
        expect_agreement(request);
}

TEST(Differential, WhatWeAcceptOfMutatedRequestsOthersUnderstandInTheSameWay) {
    const std::vector<std::string> requests = corpus();
    std::mt19937 random(9112);
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    constexpr std::string_view telling = "\r\n\t :/?%#[]@,;=\"0aF\0\x7f\x80"sv;
    constexpr std::string_view pieces[] = {
        "\r\n", "Content-Length: 5\r\n",          "chunked", "Host: b\r\n", "\r\n\r\n",
        ", ",   "Transfer-Encoding: chunked\r\n", "HTTP/1.0"};
    for (int round = 0; round < 30000 && !HasFailure(); ++round) {
        std::string bytes = requests[below(requests.size())];
        for (std::size_t changes = 1 + below(3); changes-- > 0;) {
            const std::size_t at = below(bytes.size() + 1);
            switch (below(4)) {
            case 0:
                bytes.insert(at, 1, telling[below(telling.size())]);
                break;
            case 1:
                bytes.insert(at, pieces[below(std::size(pieces))]);
                break;
            case 2:
                bytes.erase(at, 1 + below(3));
                break;
            default:
                if (at < bytes.size()) bytes[at] = telling[below(telling.size())];
            }
        }
        expect_agreement(bytes);
    }
}

TEST(Differential, EachReasonToBeStricterIsReal) {
    for (const Stricter& row : stricter) {
        const Message ours = parse_ours(row.request);
        EXPECT_FALSE(ours.accepted) << escaped(row.request);
        EXPECT_EQ(ours.error, row.ours) << escaped(row.request);
        EXPECT_EQ(parse_with_http_parser(row.request).accepted, row.http_parser_accepts)
            << escaped(row.request);
        EXPECT_EQ(parse_with_beast(row.request).accepted, row.beast_accepts)
            << escaped(row.request);
    }
}

TEST(Differential, TheDocumentListsTheReasons) {
    const std::ifstream file(ARMATURE_SOURCE_DIR "/docs/http1-strictness.md");
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), render_strictness());
}

} // namespace

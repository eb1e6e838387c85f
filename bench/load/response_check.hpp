#pragma once

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

[[noreturn]] inline void fail(const std::string& why) {
    std::fprintf(stderr, "load: %s\n", why.c_str());
    std::exit(1);
}

// Accepts `HTTP/1.1 STATUS …`, header lines with a colon, exactly one Content-Length of plain
// digits and a body of that length. Anything else is a wrong answer.
class ResponseCheck {
  public:
    // An empty body stands for that of the first response.
    ResponseCheck(unsigned status, std::string body)
        : status_line_("HTTP/1.1 " + std::to_string(status) + " "), body_(std::move(body)),
          any_body_(body_.empty()) {}

    // The size of the response at the front of `data`, or 0 if it is not complete yet.
    std::size_t check(std::string_view data) {
        if (!known_.empty() && data.size() >= known_.size() &&
            std::memcmp(data.data(), known_.data(), known_.size()) == 0)
            return known_.size();
        const std::size_t head_end = data.find("\r\n\r\n");
        if (head_end == data.npos) {
            if (data.size() > 16 * 1024) fail("a response head of more than 16 KiB");
            return 0;
        }
        const std::size_t head_bytes = head_end + 4;
        const std::size_t body_bytes = content_length(data.substr(0, head_end + 2));
        if (data.size() < head_bytes + body_bytes) return 0;
        const std::string_view body = data.substr(head_bytes, body_bytes);
        if (any_body_) {
            body_ = body;
            any_body_ = false;
        }
        if (body != body_)
            fail("expected the body \"" + body_.substr(0, 200) + "\", got \"" +
                 std::string(body.substr(0, 200)) + "\"");
        known_ = data.substr(0, head_bytes + body_bytes);
        return known_.size();
    }

    // What every response looks like until the date changes; empty before the first one.
    std::string_view known() const { return known_; }

  private:
    std::size_t content_length(std::string_view head) const {
        if (!head.starts_with(status_line_))
            fail("another status line: " + std::string(head.substr(0, head.find('\r'))));
        std::size_t length = 0;
        bool found = false;
        for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
            const std::size_t line_end = head.find("\r\n", at);
            const std::string_view line = head.substr(at, line_end - at);
            const std::size_t colon = line.find(':');
            if (colon == line.npos || colon == 0)
                fail("a header line without a name: " + std::string(line));
            if (is_content_length(line.substr(0, colon))) {
                const char* first = line.data() + colon + 1;
                const char* last = line.data() + line.size();
                first = std::find_if(first, last, [](char c) { return c != ' '; });
                const auto [end, error] = std::from_chars(first, last, length);
                if (found || error != std::errc{} || end != last)
                    fail("a repeated or malformed Content-Length: " + std::string(line));
                found = true;
            }
            at = line_end + 2;
        }
        if (!found) fail("a response without Content-Length");
        return length;
    }

    static bool is_content_length(std::string_view name) {
        constexpr std::string_view wanted = "content-length";
        return std::equal(
            name.begin(), name.end(), wanted.begin(), wanted.end(),
            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; });
    }

    std::string status_line_;
    std::string body_;
    bool any_body_;
    std::string known_;
};

// The same bytes each time, of a protocol that this program doesn't know.
class ExactCheck {
  public:
    explicit ExactCheck(std::string expected) : expected_(std::move(expected)) {}

    std::size_t check(std::string_view data) const {
        if (data.size() < expected_.size()) return 0;
        if (!data.starts_with(expected_)) fail("other bytes than those expected");
        return expected_.size();
    }

    std::string_view known() const { return expected_; }

  private:
    std::string expected_;
};

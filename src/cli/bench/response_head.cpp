#include "cli/bench/response_head.hpp"

#include <armature/core/headers.hpp>

#include <charconv>

namespace armature::cli::bench {

namespace {

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

// Calls `visit` with each item of a list, "gzip, chunked".
template <class Visit>
void each_item(std::string_view list, Visit visit) {
    for (;;) {
        const std::size_t comma = list.find(',');
        visit(trimmed(list.substr(0, comma)));
        if (comma == list.npos) return;
        list.remove_prefix(comma + 1);
    }
}

bool read_length(std::string_view text, ResponseHead& head) noexcept {
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return false;
    if (head.length && *head.length != length) return false;
    head.length = length;
    return true;
}

} // namespace

std::optional<ResponseHead> read_response_head(std::string_view text) noexcept {
    // "HTTP/1.1 200 OK"
    ResponseHead head;
    const std::size_t line = text.find("\r\n");
    if (line == text.npos || line < 12 || !text.starts_with("HTTP/1.") || text[8] != ' ' ||
        (text[7] != '0' && text[7] != '1') || (line > 12 && text[12] != ' '))
        return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + 9, text.data() + 12, head.status);
    if (error != std::errc{} || end != text.data() + 12 || head.status < 100) return std::nullopt;
    head.keeps_alive = text[7] == '1';
    text.remove_prefix(line + 2);

    bool other_coding = false;
    for (;;) {
        const std::size_t size = text.find("\r\n");
        if (size == text.npos) return std::nullopt;
        if (size == 0) break;
        const std::string_view field = text.substr(0, size);
        text.remove_prefix(size + 2);
        const std::size_t colon = field.find(':');
        if (colon == field.npos || colon == 0) return std::nullopt;
        const std::string_view name = field.substr(0, colon);
        const std::string_view value = trimmed(field.substr(colon + 1));
        if (Headers::equal_names(name, "content-length")) {
            if (!read_length(value, head)) return std::nullopt;
        } else if (Headers::equal_names(name, "transfer-encoding")) {
            each_item(value, [&](std::string_view coding) {
                if (head.is_chunked) other_coding = true; // chunked is the last, or it isn't
                if (Headers::equal_names(coding, "chunked"))
                    head.is_chunked = true;
                else
                    other_coding = true;
            });
        } else if (Headers::equal_names(name, "connection")) {
            each_item(value, [&](std::string_view option) {
                if (Headers::equal_names(option, "close")) head.keeps_alive = false;
                if (Headers::equal_names(option, "keep-alive")) head.keeps_alive = true;
            });
        }
    }
    // Nobody asked for another coding, and both together are how responses are smuggled.
    if (other_coding || (head.is_chunked && head.length)) return std::nullopt;
    return head;
}

} // namespace armature::cli::bench

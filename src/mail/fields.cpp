#include "mail/fields.hpp"

#include <armature/core/base64.hpp>
#include <armature/core/url.hpp>

#include <algorithm>
#include <ctime>

namespace armature::mail {

namespace {

constexpr std::string_view fold = "\r\n ";

bool is_ascii(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

// RFC 2047: each word has whole characters, and at most 75 bytes.
std::string encoded_words(std::string_view text) {
    constexpr std::size_t most = 42; // of which base64 makes 56
    std::string words;
    while (!text.empty()) {
        std::size_t size = std::min(most, text.size());
        while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
            --size;
        if (!words.empty()) words += fold;
        words += "=?UTF-8?B?" + to_base64(text.substr(0, size)) + "?=";
        text.remove_prefix(size);
    }
    return words;
}

// At blanks, so that no line is longer than 78 bytes if it needn't be (RFC 5322 §2.2.3).
std::string folded(std::string_view text) {
    constexpr std::size_t most = 60;
    std::string lines;
    while (text.size() > most) {
        std::size_t blank = text.rfind(' ', most);
        if (blank == text.npos || blank == 0) blank = text.find(' ', most);
        if (blank == text.npos) break;
        lines.append(text.substr(0, blank)).append("\r\n");
        text.remove_prefix(blank); // the blank begins the next line
        // A line of blanks only would be none.
        if (text.find_first_not_of(' ') == text.npos) break;
    }
    return lines.append(text);
}

std::string phrase(std::string_view name) {
    if (!is_ascii(name)) return encoded_words(name);
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

} // namespace

std::string encoded_text(std::string_view text) {
    // What looks like an encoded word would be taken for one.
    const bool is_plain = is_ascii(text) && text.find("=?") == text.npos &&
                          text.find("  ") == text.npos && !text.starts_with(' ') &&
                          !text.ends_with(' ');
    return is_plain ? folded(text) : encoded_words(text);
}

std::string address_list(std::span<const MailAddress> addresses) {
    std::string list;
    for (const MailAddress& one : addresses) {
        if (!list.empty()) list.append(",").append(fold);
        if (one.name().empty())
            list += one.address();
        else
            list.append(phrase(one.name())).append(" <").append(one.address()).append(">");
    }
    return list;
}

std::string disposition(std::string_view file_name) {
    if (is_ascii(file_name)) return "attachment; filename=\"" + std::string{file_name} + '"';
    return "attachment;\r\n filename*=UTF-8''" +
           percent_encode(file_name, EncodeSet::query_component);
}

std::string date() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char time[16];
    std::strftime(time, sizeof time, "%H:%M:%S", &parts);
    return std::string{days[parts.tm_wday]} + ", " + std::to_string(parts.tm_mday) + ' ' +
           months[parts.tm_mon] + ' ' + std::to_string(parts.tm_year + 1900) + ' ' + time +
           " +0000";
}

std::string with_line_ends(std::string_view text) {
    std::string lines;
    lines.reserve(text.size() + text.size() / 32);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
        if (c == '\r' || c == '\n')
            lines += "\r\n";
        else
            lines += c;
    }
    return lines;
}

} // namespace armature::mail

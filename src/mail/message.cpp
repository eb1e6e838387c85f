#include <armature/core/utf8.hpp>
#include <armature/mail/message.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace armature {

namespace {

void demand(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument{what};
}

bool has_control(std::string_view text) noexcept {
    return std::any_of(text.begin(), text.end(),
                       [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool is_alphanumeric(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Dots stand between others only (RFC 5321 §4.1.2).
bool has_good_dots(std::string_view text) noexcept {
    return !text.empty() && text.front() != '.' && text.back() != '.' &&
           text.find("..") == text.npos;
}

bool is_address(std::string_view text) noexcept {
    const std::size_t at = text.rfind('@');
    if (at == text.npos || text.size() > 254 || at > 64) return false;
    const std::string_view local = text.substr(0, at);
    const std::string_view domain = text.substr(at + 1);
    constexpr std::string_view specials = "!#$%&'*+-/=?^_`{|}~.";
    return has_good_dots(local) && has_good_dots(domain) &&
           std::all_of(
               local.begin(), local.end(),
               [&](char c) { return is_alphanumeric(c) || specials.find(c) != specials.npos; }) &&
           std::all_of(domain.begin(), domain.end(),
                       [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; }) &&
           domain.front() != '-';
}

bool is_media_type(std::string_view text) noexcept {
    constexpr std::string_view specials = "!#$&^_.+-/";
    const std::size_t slash = text.find('/');
    return slash != text.npos && slash > 0 && slash + 1 < text.size() && slash == text.rfind('/') &&
           text.size() <= 127 && std::all_of(text.begin(), text.end(), [&](char c) {
               return is_alphanumeric(c) || specials.find(c) != specials.npos;
           });
}

bool equal_in_any_case(std::string_view text, std::string_view lower) noexcept {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
    });
}

} // namespace

MailAddress::MailAddress(std::string address) : address_(std::move(address)) {
    demand(is_address(address_), "armature: an address of mail is local@domain, in ASCII");
}

MailAddress::MailAddress(std::string name, std::string address) : MailAddress(std::move(address)) {
    demand(name.size() <= 200 && !has_control(name) && is_utf8(name),
           "armature: a name in mail is UTF-8 without control characters, of at most 200 bytes");
    name_ = std::move(name);
}

MailMessage&& MailMessage::from(MailAddress address) && {
    parts_.from.assign(1, std::move(address));
    return std::move(*this);
}
MailMessage&& MailMessage::reply_to(MailAddress address) && {
    parts_.reply_to.assign(1, std::move(address));
    return std::move(*this);
}
MailMessage&& MailMessage::to(MailAddress address) && {
    parts_.to.push_back(std::move(address));
    return std::move(*this);
}
MailMessage&& MailMessage::cc(MailAddress address) && {
    parts_.cc.push_back(std::move(address));
    return std::move(*this);
}
MailMessage&& MailMessage::bcc(MailAddress address) && {
    parts_.bcc.push_back(std::move(address));
    return std::move(*this);
}

MailMessage&& MailMessage::subject(std::string text) && {
    demand(text.size() <= 900 && !has_control(text) && is_utf8(text),
           "armature: a subject is UTF-8 without control characters, of at most 900 bytes");
    parts_.subject = std::move(text);
    return std::move(*this);
}

MailMessage&& MailMessage::text(std::string content) && {
    demand(is_utf8(content), "armature: the text of mail is UTF-8");
    parts_.text = std::move(content);
    return std::move(*this);
}
MailMessage&& MailMessage::html(std::string content) && {
    demand(is_utf8(content), "armature: the HTML of mail is UTF-8");
    parts_.html = std::move(content);
    return std::move(*this);
}

MailMessage&& MailMessage::attach(std::string name, std::string_view type, std::string content) && {
    demand(
        !name.empty() && name.size() <= 200 && !has_control(name) && is_utf8(name) &&
            name.find_first_of("/\\\"") == name.npos,
        "armature: an attachment's name is UTF-8 without slashes, quotes and control characters, "
        "of at most 200 bytes");
    demand(is_media_type(type), "armature: an attachment's type is type/subtype");
    parts_.attachments.push_back({std::move(name), std::string{type}, std::move(content)});
    return std::move(*this);
}

MailMessage&& MailMessage::embed(std::string id, std::string_view type, std::string content) && {
    const bool is_id =
        !id.empty() && id.size() <= 100 && std::all_of(id.begin(), id.end(), [](char c) {
            return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
        });
    demand(is_id, "armature: what is embedded in mail has an id of letters, digits and -_.");
    demand(is_media_type(type), "armature: the type of what is embedded in mail is type/subtype");
    parts_.embedded.push_back({std::move(id), std::string{type}, std::move(content)});
    return std::move(*this);
}

MailMessage&& MailMessage::header(std::string name, std::string value) && {
    constexpr std::array<std::string_view, 12> own = {
        "from",       "sender",       "reply-to",     "to",
        "cc",         "bcc",          "subject",      "date",
        "message-id", "mime-version", "content-type", "content-transfer-encoding"};
    demand(!name.empty() && name.size() <= 76 &&
               std::all_of(name.begin(), name.end(),
                           [](char c) { return is_alphanumeric(c) || c == '-'; }),
           "armature: a field of mail has a name of letters, digits and hyphens");
    demand(std::none_of(own.begin(), own.end(),
                        [&](std::string_view one) { return equal_in_any_case(name, one); }),
           "armature: this field of mail is written from what the message has");
    demand(
        !value.empty() && value.size() <= 900 && !has_control(value) &&
            std::all_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x80; }),
        "armature: the value of a field of mail is ASCII without control characters, of 1 to 900 "
        "bytes");
    parts_.headers.push_back({std::move(name), std::move(value)});
    return std::move(*this);
}

} // namespace armature

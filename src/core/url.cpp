#include "core/characters.hpp"

#include <armature/core/arena.hpp>
#include <armature/core/url.hpp>

#include <algorithm>

namespace armature {
namespace {

constexpr CharacterSet unreserved = CharacterSet::alphanumeric_and("-._~");
constexpr CharacterSet scheme_characters = CharacterSet::alphanumeric_and("+-.");
constexpr CharacterSet segment_characters = CharacterSet::alphanumeric_and("-._~!$&'()*+,;=:@");
constexpr CharacterSet host_name_characters = CharacterSet::alphanumeric_and("-._~!$&'()*+,;=%");
constexpr CharacterSet userinfo_characters = CharacterSet::alphanumeric_and("-._~!$&'()*+,;=:%");
constexpr CharacterSet path_characters = CharacterSet::alphanumeric_and("-._~!$&'()*+,;=:@/%");
constexpr CharacterSet query_characters = CharacterSet::alphanumeric_and("-._~!$&'()*+,;=:@/%?");
constexpr CharacterSet target_path_characters =
    CharacterSet::alphanumeric_and("-._~!$&'()*+,;=:@/%[]^{|}");
constexpr CharacterSet target_query_characters =
    CharacterSet::alphanumeric_and("-._~!$&'()*+,;=:@/%?[]^{|}`\\");

// The byte of the escape that `text` starts with, or -1.
int escape_value(std::string_view text) noexcept {
    if (text.size() < 3 || text[0] != '%') return -1;
    const int high = hex_value(text[1]);
    const int low = hex_value(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool escapes_are_valid(std::string_view text) noexcept {
    for (std::size_t i = text.find('%'); i != text.npos; i = text.find('%', i + 1))
        if (escape_value(text.substr(i)) < 0) return false;
    return true;
}

// A scheme is ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ), RFC 3986 §3.1.
bool is_scheme(std::string_view text) noexcept {
    return !text.empty() && is_alpha(text[0]) && scheme_characters.contains_all(text);
}

std::optional<std::uint16_t> parse_port(std::string_view digits) noexcept {
    std::uint32_t port = 0;
    if (digits.empty()) return std::nullopt;
    for (const char c : digits) {
        if (!is_digit(c)) return std::nullopt;
        port = port * 10 + static_cast<std::uint32_t>(c - '0');
        if (port > 65535) return std::nullopt;
    }
    return static_cast<std::uint16_t>(port);
}

bool is_ipv4(std::string_view text) noexcept {
    for (int part = 0; part < 4; ++part) {
        const std::size_t size = std::min(text.find('.'), text.size());
        if (size == 0 || size > 3 || (size > 1 && text[0] == '0')) return false;
        int value = 0;
        for (const char c : text.substr(0, size)) {
            if (!is_digit(c)) return false;
            value = value * 10 + (c - '0');
        }
        if (value > 255) return false;
        if (part == 3) return size == text.size();
        if (size == text.size()) return false;
        text.remove_prefix(size + 1);
    }
    return false;
}

// Eight groups of up to four digits, the last two perhaps an IPv4 address; one "::" stands for one
// group or more.
bool is_ipv6(std::string_view text) noexcept {
    int groups = 0;
    bool compressed = false;
    if (text.starts_with("::")) {
        compressed = true;
        text.remove_prefix(2);
    }
    while (!text.empty()) {
        if (text.find('.') != text.npos && text.find(':') == text.npos) {
            if (!is_ipv4(text)) return false;
            groups += 2;
            break;
        }
        const std::size_t size = std::min(text.find(':'), text.size());
        if (size == 0 || size > 4) return false;
        for (const char c : text.substr(0, size))
            if (hex_value(c) < 0) return false;
        ++groups;
        text.remove_prefix(size);
        if (text.empty()) break;
        text.remove_prefix(1);
        if (text.empty()) return false;
        if (text[0] == ':') {
            if (compressed) return false;
            compressed = true;
            text.remove_prefix(1);
        }
    }
    return compressed ? groups < 8 : groups == 8;
}

// IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ), RFC 3986 §3.2.2.
bool is_ip_future(std::string_view text) noexcept {
    const std::size_t dot = text.find('.');
    if (dot == text.npos || dot < 2 || dot + 1 == text.size()) return false;
    if (to_lower(text[0]) != 'v') return false;
    for (const char c : text.substr(1, dot - 1))
        if (hex_value(c) < 0) return false;
    for (const char c : text.substr(dot + 1))
        if (!segment_characters.contains(c) || c == '@') return false;
    return true;
}

struct HostAndPort {
    std::string_view host;
    std::optional<std::string_view> port; // "example.org:" has an empty one
};

// Splits and checks; an empty host passes, as `file:///x` has one.
std::optional<HostAndPort> split_host(std::string_view text) noexcept {
    HostAndPort result;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == text.npos) return std::nullopt;
        const std::string_view address = text.substr(1, end - 1);
        if (!is_ipv6(address) && !is_ip_future(address)) return std::nullopt;
        result.host = text.substr(0, end + 1);
    } else {
        result.host = text.substr(0, text.find(':'));
        if (!host_name_characters.contains_all(result.host)) return std::nullopt;
        if (!escapes_are_valid(result.host)) return std::nullopt;
    }
    text.remove_prefix(result.host.size());
    if (text.empty()) return result;
    if (text[0] != ':') return std::nullopt;
    text.remove_prefix(1);
    if (!text.empty() && !parse_port(text)) return std::nullopt;
    result.port = text;
    return result;
}

// `path[?query]`, checked.
bool split_path_and_query(std::string_view text, TargetParts& parts) noexcept {
    std::size_t i = 0;
    while (i < text.size() && target_path_characters.contains(text[i]))
        ++i;
    parts.path = text.substr(0, i);
    if (i == text.size()) return true;
    if (text[i] != '?') return false;
    parts.query = text.substr(i + 1);
    return target_query_characters.contains_all(*parts.query);
}

enum class BadEscape { fails, is_kept };

template <BadEscape bad_escape>
std::optional<std::size_t> decode(std::string_view text, char* out, bool plus_is_space) noexcept {
    char* to = out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const int value = escape_value(text.substr(i));
            if (value >= 0) {
                c = static_cast<char>(value);
                i += 2;
            } else if (bad_escape == BadEscape::fails) {
                return std::nullopt;
            }
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        *to++ = c;
    }
    return static_cast<std::size_t>(to - out);
}

} // namespace

bool percent_decode(std::string_view text, std::string& out, bool plus_is_space) {
    out.resize(text.size());
    const auto size = percent_decode(text, out.data(), plus_is_space);
    out.resize(size.value_or(0));
    return size.has_value();
}

std::optional<std::size_t> percent_decode(std::string_view text, char* out,
                                          bool plus_is_space) noexcept {
    return decode<BadEscape::fails>(text, out, plus_is_space);
}

std::size_t form_decode(std::string_view text, char* out) noexcept {
    return *decode<BadEscape::is_kept>(text, out, true);
}

std::string form_decode(std::string_view text) {
    std::string out(text.size(), '\0');
    out.resize(form_decode(text, out.data()));
    return out;
}

std::string_view form_decode(std::string_view text, Arena& arena) {
    if (text.find_first_of("%+") == std::string_view::npos) return text;
    char* out = static_cast<char*>(arena.allocate(text.size(), 1));
    return {out, form_decode(text, out)};
}

std::string percent_encode(std::string_view text, EncodeSet set) {
    constexpr char digits[] = "0123456789ABCDEF";
    const CharacterSet& kept = set == EncodeSet::path_segment ? segment_characters : unreserved;
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (kept.contains(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::optional<TargetParts> split_target(std::string_view target) noexcept {
    TargetParts parts;
    if (target.starts_with('/')) {
        if (!split_path_and_query(target, parts)) return std::nullopt;
        return parts;
    }
    if (target == "*") {
        parts.form = TargetForm::asterisk;
        parts.path = target;
        return parts;
    }
    const std::size_t colon = target.find("://");
    if (colon == target.npos) {
        const auto host = split_host(target);
        if (!host || host->host.empty() || !host->port || host->port->empty()) return std::nullopt;
        parts.form = TargetForm::authority;
        parts.authority = target;
        return parts;
    }
    parts.form = TargetForm::absolute;
    parts.scheme = target.substr(0, colon);
    target.remove_prefix(colon + 3);
    parts.authority = target.substr(0, target.find_first_of("/?"));
    if (!is_scheme(parts.scheme) || !valid_host(parts.authority)) return std::nullopt;
    if (!split_path_and_query(target.substr(parts.authority.size()), parts)) return std::nullopt;
    if (parts.path.empty()) parts.path = "/"; // RFC 9110 §4.2.3
    return parts;
}

bool valid_host(std::string_view host_and_port) noexcept {
    const auto host = split_host(host_and_port);
    return host && !host->host.empty();
}

void QueryView::const_iterator::advance() noexcept {
    while (rest_.starts_with('&'))
        rest_.remove_prefix(1);
    if (rest_.empty()) {
        pair_ = {};
        return;
    }
    const std::string_view text = rest_.substr(0, rest_.find('&'));
    rest_.remove_prefix(text.size());
    pair_.name = text.substr(0, text.find('='));
    pair_.value = text.substr(std::min(pair_.name.size() + 1, text.size()));
}

QueryPairs QueryPairs::parse(std::string_view text, std::size_t max_pairs) {
    QueryPairs query;
    for (const QueryView::Pair& pair : QueryView(text)) {
        if (query.size() == max_pairs) {
            query.truncated_ = true;
            break;
        }
        query.pairs_.push_back({form_decode(pair.name), form_decode(pair.value)});
    }
    return query;
}

std::optional<std::string_view> QueryPairs::get(std::string_view name) const noexcept {
    for (const Pair& pair : pairs_)
        if (pair.name == name) return pair.value;
    return std::nullopt;
}

std::vector<std::string_view> QueryPairs::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const Pair& pair : pairs_)
        if (pair.name == name) values.push_back(pair.value);
    return values;
}

QueryPairs& QueryPairs::append(std::string_view name, std::string_view value) {
    pairs_.push_back({std::string(name), std::string(value)});
    return *this;
}

std::string QueryPairs::to_string() const {
    std::string text;
    for (const Pair& pair : pairs_) {
        if (!text.empty()) text += '&';
        text += percent_encode(pair.name, EncodeSet::query_component);
        text += '=';
        text += percent_encode(pair.value, EncodeSet::query_component);
    }
    return text;
}

std::string remove_dot_segments(std::string_view path) {
    std::string out;
    out.reserve(path.size());
    const auto remove_last_segment = [&] {
        const std::size_t slash = out.rfind('/');
        out.resize(slash == out.npos ? 0 : slash);
    };
    while (!path.empty()) {
        if (path.starts_with("../")) {
            path.remove_prefix(3);
        } else if (path.starts_with("./") || path.starts_with("/./")) {
            path.remove_prefix(2);
        } else if (path == "/.") {
            path = "/";
        } else if (path.starts_with("/../")) {
            path.remove_prefix(3);
            remove_last_segment();
        } else if (path == "/..") {
            path = "/";
            remove_last_segment();
        } else if (path == "." || path == "..") {
            path = {};
        } else {
            const std::size_t size = std::min(path.find('/', 1), path.size());
            out += path.substr(0, size);
            path.remove_prefix(size);
        }
    }
    return out;
}

bool Url::parse_authority(std::string_view text) {
    has_authority_ = true;
    if (const std::size_t at = text.rfind('@'); at != text.npos) {
        const std::string_view userinfo = text.substr(0, at);
        if (!userinfo_characters.contains_all(userinfo) || !escapes_are_valid(userinfo))
            return false;
        userinfo_ = userinfo;
        text.remove_prefix(at + 1);
    }
    const auto parts = split_host(text);
    if (!parts) return false;
    host_.resize(parts->host.size());
    std::transform(parts->host.begin(), parts->host.end(), host_.begin(), to_lower);
    if (parts->port) port_ = parse_port(*parts->port);
    return true;
}

std::optional<Url> Url::parse(std::string_view text) {
    Url url;
    const auto take_suffix = [&](char mark, std::optional<std::string>& part) {
        const std::size_t position = text.find(mark);
        if (position == text.npos) return true;
        part = text.substr(position + 1);
        text = text.substr(0, position);
        return query_characters.contains_all(*part) && escapes_are_valid(*part);
    };
    if (!take_suffix('#', url.fragment_) || !take_suffix('?', url.query_)) return std::nullopt;

    const std::size_t colon = text.find_first_of(":/");
    if (colon != text.npos && text[colon] == ':') {
        // A first segment with a colon would be taken for a scheme (RFC 3986 §4.2).
        if (!is_scheme(text.substr(0, colon))) return std::nullopt;
        url.scheme_.resize(colon);
        std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                       url.scheme_.begin(), to_lower);
        text.remove_prefix(colon + 1);
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        const std::string_view authority = text.substr(0, text.find('/'));
        if (!url.parse_authority(authority)) return std::nullopt;
        text.remove_prefix(authority.size());
    }
    if (!path_characters.contains_all(text) || !escapes_are_valid(text)) return std::nullopt;
    url.path_ = text;
    return url;
}

Url Url::resolve(const Url& reference) const {
    Url target = reference;
    if (reference.is_absolute()) {
        target.path_ = remove_dot_segments(reference.path_);
        return target;
    }
    target.scheme_ = scheme_;
    if (reference.has_authority_) {
        target.path_ = remove_dot_segments(reference.path_);
        return target;
    }
    target.has_authority_ = has_authority_;
    target.userinfo_ = userinfo_;
    target.host_ = host_;
    target.port_ = port_;
    if (reference.path_.empty()) {
        target.path_ = path_;
        if (!reference.query_) target.query_ = query_;
    } else if (reference.path_.starts_with('/')) {
        target.path_ = remove_dot_segments(reference.path_);
    } else if (has_authority_ && path_.empty()) {
        target.path_ = remove_dot_segments("/" + reference.path_);
    } else {
        const std::size_t slash = path_.rfind('/');
        const std::string folder = slash == path_.npos ? "" : path_.substr(0, slash + 1);
        target.path_ = remove_dot_segments(folder + reference.path_);
    }
    return target;
}

std::string Url::to_string() const {
    std::string text;
    if (is_absolute()) text += scheme_ + ':';
    if (has_authority_) {
        text += "//";
        if (userinfo_) text += *userinfo_ + '@';
        text += host_;
        if (port_) text += ':' + std::to_string(*port_);
    } else if (path_.starts_with("//")) {
        text += "/."; // else the path would be taken for an authority (WHATWG URL serialising)
    }
    text += path_;
    if (query_) text += '?' + *query_;
    if (fragment_) text += '#' + *fragment_;
    return text;
}

} // namespace armature

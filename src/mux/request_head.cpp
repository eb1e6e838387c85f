#include "mux/request_head.hpp"

#include "core/characters.hpp"

#include <armature/core/error.hpp>
#include <armature/core/url.hpp>

#include <array>
#include <charconv>
#include <cstring>

namespace armature::mux {

namespace {

enum Pseudo : unsigned { method = 1, scheme = 2, path = 4, authority = 8, protocol = 16 };

constexpr auto lower_token_characters = [] {
    std::array<bool, 256> members{};
    for (unsigned c = 0; c < 256; ++c)
        members[c] = token_characters.contains(static_cast<char>(c)) && !(c >= 'A' && c <= 'Z');
    return members;
}();

} // namespace

bool may_be_sent(Field field, std::string_view name, std::string_view value) noexcept {
    switch (field) {
    case Field::other:
        for (const char c : name)
            if (!lower_token_characters[static_cast<unsigned char>(c)]) return false;
        if (name.empty()) return false;
        break;
    case Field::connection:
    case Field::keep_alive:
    case Field::proxy_connection:
    case Field::transfer_encoding:
    case Field::upgrade:
        return false;
    case Field::te:
        if (value != "trailers") return false;
        [[fallthrough]];
    default:
        if (name != field_name(field)) return false; // capitals
    }
    if (value.empty()) return true;
    return !is_space(value.front()) && !is_space(value.back()) && is_field_value(value);
}

bool KnownHost::check(std::string_view host) noexcept {
    if (host == std::string_view{text, size} && size > 0) return true;
    if (!valid_host(host)) return false;
    if (host.size() <= sizeof text) {
        std::memcpy(text, host.data(), host.size());
        size = static_cast<std::uint8_t>(host.size());
    }
    return true;
}

void RequestHeadBuilder::begin(Protocol protocol, bool secure, const HeadLimits& limits,
                               KnownHost& known_host) noexcept {
    RequestHead& head = x_.request.head();
    head = {};
    head.protocol = protocol;
    head.secure = secure;
    limits_ = &limits;
    known_host_ = &known_host;
    bytes_ = 0;
    count_ = 0;
    seen_ = 0;
    seen_regular_ = broken_ = false;
    content_length_.reset();
    path_ = authority_ = protocol_ = cookie_ = {};
    cookie_room_ = 0;
}

void RequestHeadBuilder::add(std::string_view name, std::string_view value) {
    bytes_ += name.size() + value.size() + 4;
    ++count_;
    if (name.starts_with(':')) return add_pseudo(name, value);
    seen_regular_ = true;
    const Field field = field_from_name(name);
    if (!may_be_sent(field, name, value)) broken_ = true;
    if (broken_ || bytes_ > limits_->head_bytes || count_ > limits_->field_count) return;
    Request& request = x_.request;
    if (field == Field::cookie) return add_cookie(value);
    // A message that was HTTP/1.1 on its way here may have left it; it must agree with :authority.
    if (field == Field::host) {
        if (authority_.empty())
            authority_ = request.arena().copy(value);
        else if (authority_ != value)
            authority_ = "\n"; // which no host is
        return;
    }
    if (field == Field::content_length) read_content_length(value);
    const std::string_view kept_name =
        field == Field::other ? request.arena().copy(name) : field_name(field);
    request.mutable_headers().append_view(field, kept_name, request.arena().copy(value));
}

// Each once, before the other fields (RFC 9113 §8.3).
void RequestHeadBuilder::add_pseudo(std::string_view name, std::string_view value) {
    Request& request = x_.request;
    RequestHead& head = request.head();
    const bool is_kept = bytes_ <= limits_->head_bytes;
    unsigned which = 0;
    if (name == ":method") {
        which = method;
        head.method = method_from_token(value);
        if (head.method == Method::other && !is_token(value)) broken_ = true;
        head.method_text = head.method != Method::other ? to_string(head.method)
                           : is_kept                    ? request.arena().copy(value)
                                                        : std::string_view{};
    } else if (name == ":path") {
        which = path;
        if (value.empty()) broken_ = true;
        if (is_kept) path_ = request.arena().copy(value);
    } else if (name == ":authority") {
        which = authority;
        if (is_kept) authority_ = request.arena().copy(value);
    } else if (name == ":scheme") {
        which = scheme; // it is what the connection is, whatever the client says
    } else if (name == ":protocol") {
        which = protocol;
        if (!is_token(value)) broken_ = true;
        if (is_kept) protocol_ = request.arena().copy(value);
    }
    if (which == 0 || (seen_ & which) != 0 || seen_regular_) broken_ = true;
    seen_ |= static_cast<std::uint8_t>(which);
}

bool RequestHeadBuilder::is_malformed() const noexcept {
    if (broken_) return true;
    constexpr unsigned needed = method | scheme | path;
    if (x_.request.method() != Method::connect) return (seen_ & (needed | protocol)) != needed;
    if ((seen_ & protocol) == 0) return seen_ != (method | authority);
    return seen_ != (needed | authority | protocol);
}

void RequestHeadBuilder::read_content_length(std::string_view value) {
    std::uint64_t length = 0;
    const char* end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, length);
    if (error != std::errc{} || rest != end || content_length_) broken_ = true;
    content_length_ = length;
}

// Clients split cookies so that each compresses by itself; handlers get one field
// (RFC 9113 §8.2.3, RFC 9114 §4.2.1).
void RequestHeadBuilder::add_cookie(std::string_view value) {
    Arena& arena = x_.request.arena();
    const std::size_t wanted = cookie_.size() + 2 + value.size();
    if (wanted > cookie_room_) {
        cookie_room_ = cookie_.empty() ? value.size() + 64 : wanted * 2;
        auto* larger = static_cast<char*>(arena.allocate(cookie_room_, 1));
        if (!cookie_.empty()) std::memcpy(larger, cookie_.data(), cookie_.size());
        cookie_ = {larger, cookie_.size()};
    }
    char* at = const_cast<char*>(cookie_.data()) + cookie_.size(); // ours, in the arena
    if (!cookie_.empty()) {
        *at++ = ';';
        *at++ = ' ';
    }
    if (!value.empty()) std::memcpy(at, value.data(), value.size());
    cookie_ = {cookie_.data(), static_cast<std::size_t>(at - cookie_.data()) + value.size()};
}

void RequestHeadBuilder::finish() {
    if (bytes_ > limits_->head_bytes || count_ > limits_->field_count)
        throw Error{Status::request_header_fields_too_large,
                    "The request's head is larger than this server accepts"};
    if (path_.size() > limits_->target_bytes)
        throw Error{Status::uri_too_long, "The target is longer than this server accepts"};
    Request& request = x_.request;
    RequestHead& head = request.head();
    if (!known_host_->check(authority_))
        throw Error::bad_request("The request names no valid host, or two different ones");
    head.authority = authority_;
    request.mutable_headers().append_view(Field::host, authority_);
    if (!cookie_.empty()) request.mutable_headers().append_view(Field::cookie, cookie_);
    if (head.method == Method::connect && protocol_.empty()) {
        head.target = authority_;
        head.path = {};
        head.path_has_percent = head.path_has_dot = false;
        return;
    }
    const auto parts = split_target(path_);
    const bool is_asterisk = parts && parts->form == TargetForm::asterisk;
    if (!parts || (parts->form != TargetForm::origin && !is_asterisk) ||
        (is_asterisk && head.method != Method::options))
        throw Error::bad_request("The target holds a character that no target may have");
    head.target = path_;
    head.path = parts->path;
    head.query = parts->query.value_or(std::string_view{});
    head.path_has_percent = head.path.find('%') != std::string_view::npos;
    head.path_has_dot = head.path.find("/.") != std::string_view::npos;
    if (!protocol_.empty()) {
        head.method = Method::get;
        head.method_text = "GET";
        request.mutable_headers().append_view(Field::upgrade, protocol_);
    }
}

} // namespace armature::mux

#include "mux/request_head.hpp"

#include <armature/core/error.hpp>
#include <armature/core/url.hpp>

#include <cstring>

namespace armature::mux {

void RequestHeadBuilder::begin(Protocol protocol, bool secure, const HeadLimits& limits) noexcept {
    RequestHead& head = x_.request.head();
    head = {};
    head.protocol = protocol;
    head.secure = secure;
    limits_ = &limits;
    bytes_ = 0;
    count_ = 0;
    path_ = authority_ = protocol_ = cookie_ = {};
    cookie_room_ = 0;
}

void RequestHeadBuilder::add(std::string_view name, std::string_view value) {
    bytes_ += name.size() + value.size() + 4;
    ++count_;
    if (bytes_ > limits_->head_bytes || count_ > limits_->field_count)
        return; // `finish` refuses it
    if (name.starts_with(':')) return add_pseudo(name, value);
    Request& request = x_.request;
    const Field field = field_from_name(name);
    if (field == Field::cookie) return add_cookie(value);
    // A message that was HTTP/1.1 on its way here may have left it; it must agree with :authority.
    if (field == Field::host) {
        if (authority_.empty())
            authority_ = request.arena().copy(value);
        else if (authority_ != value)
            authority_ = "\n"; // which no host is
        return;
    }
    const std::string_view kept_name =
        field == Field::other ? request.arena().copy(name) : field_name(field);
    request.mutable_headers().append_view(field, kept_name, request.arena().copy(value));
}

void RequestHeadBuilder::add_pseudo(std::string_view name, std::string_view value) {
    Request& request = x_.request;
    RequestHead& head = request.head();
    switch (name.size()) {
    case 5: // :path
        path_ = request.arena().copy(value);
        break;
    case 7: // :method or :scheme; the scheme is what the connection is, whatever the client says
        if (name[1] != 'm') break;
        head.method = method_from_token(value);
        head.method_text =
            head.method == Method::other ? request.arena().copy(value) : to_string(head.method);
        break;
    case 9: // :protocol
        protocol_ = request.arena().copy(value);
        break;
    default: // :authority
        authority_ = request.arena().copy(value);
    }
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
    if (!valid_host(authority_))
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

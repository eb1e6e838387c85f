#include <armature/middleware/security_headers.hpp>

#include <sys/random.h>

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace armature {
namespace {

constexpr std::string_view policy_field = "content-security-policy";
constexpr std::string_view report_field = "content-security-policy-report-only";

std::string_view make_nonce(Arena& arena) {
    constexpr std::size_t size = 16;
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // Two more, zero, so that whole groups of three are written; their digits are padding.
    std::uint8_t random[size + 2] = {};
    if (getrandom(random, size, 0) != static_cast<ssize_t>(size))
        throw std::system_error(errno, std::generic_category(), "armature: no randomness");
    auto* const text = static_cast<char*>(arena.allocate(24, 1));
    char* at = text;
    for (std::size_t i = 0; i < sizeof random; i += 3) {
        const std::uint32_t group = static_cast<std::uint32_t>(random[i]) << 16 |
                                    static_cast<std::uint32_t>(random[i + 1]) << 8 | random[i + 2];
        for (const unsigned shift : {18u, 12u, 6u, 0u})
            *at++ = digits[group >> shift & 63];
    }
    text[22] = text[23] = '=';
    return {text, 24};
}

// The policy with its nonce, in memory of the request's.
std::string_view policy_text(const std::vector<std::string>& pieces, std::string_view nonce,
                             Arena& arena) {
    std::size_t size = nonce.size() * (pieces.size() - 1);
    for (const std::string& piece : pieces)
        size += piece.size();
    auto* const text = static_cast<char*>(arena.allocate(size, 1));
    char* at = text;
    for (const std::string& piece : pieces) {
        if (at != text) at += nonce.copy(at, nonce.size());
        at += piece.copy(at, piece.size());
    }
    return {text, size};
}

// All of `fields` that the response doesn't have yet.
[[gnu::noinline]] void add_missing(const Headers& fields, Headers& to) {
    for (const Headers::Entry& entry : fields) {
        const bool is_there =
            entry.field() != Field::other ? to.contains(entry.field()) : to.contains(entry.name());
        if (!is_there) to.append_view(entry.field(), entry.name(), entry.value());
    }
}

} // namespace

struct SecurityHeaders::Fields {
    Headers always;
    Headers secure;                  ///< the same with those for TLS only
    std::vector<std::string> policy; ///< in pieces around the nonce; empty when there is none
    Field policy_field = Field::content_security_policy;
};

void SecurityHeaders::finish(Fields& fields) {
    fields.always = fields.secure;
    fields.always.erase(Field::strict_transport_security);
    fields.always.join();
    fields.secure.join();
    has_nonce_ = !fields.policy.empty();
}

SecurityHeaders::SecurityHeaders() {
    auto made = std::make_shared<Fields>();
    Headers& fields = made->secure;
    fields.set(policy_field, ContentSecurityPolicy{}.text());
    for (const auto& [field, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"cross-origin-opener-policy", "same-origin"},
             {"cross-origin-resource-policy", "same-origin"},
             {"origin-agent-cluster", "?1"},
             {"referrer-policy", "no-referrer"},
             {"strict-transport-security", "max-age=31536000; includeSubDomains"},
             {"x-content-type-options", "nosniff"},
             {"x-dns-prefetch-control", "off"},
             {"x-download-options", "noopen"},
             {"x-frame-options", "SAMEORIGIN"},
             {"x-permitted-cross-domain-policies", "none"},
             {"x-xss-protection", "0"}})
        fields.set(field, value);
    finish(*made);
    fields_ = std::move(made);
}

// A copy of what it knows, to be changed; `finish` makes it ready.
SecurityHeaders::Fields& SecurityHeaders::change() {
    auto copy = std::make_shared<Fields>(*fields_);
    Fields& fields = *copy;
    fields_ = std::move(copy);
    return fields;
}

SecurityHeaders& SecurityHeaders::set(std::string_view field, std::string_view value) & {
    Fields& fields = change();
    fields.secure.set(field, value);
    if (field_from_name(field) == fields.policy_field) fields.policy.clear();
    finish(fields);
    return *this;
}

SecurityHeaders& SecurityHeaders::remove(std::string_view field) & {
    Fields& fields = change();
    std::size_t removed = fields.secure.erase(field);
    if (has_nonce_ && field_from_name(field) == fields.policy_field) {
        fields.policy.clear();
        ++removed;
    }
    if (removed == 0)
        throw std::invalid_argument("armature: SecurityHeaders has no " + std::string{field} +
                                    " to remove");
    finish(fields);
    return *this;
}

SecurityHeaders& SecurityHeaders::csp(const ContentSecurityPolicy& policy) & {
    Fields& fields = change();
    fields.secure.erase(policy_field);
    fields.secure.erase(report_field);
    fields.policy = policy.pieces();
    fields.policy_field = policy.is_report_only() ? Field::content_security_policy_report_only
                                                  : Field::content_security_policy;
    if (fields.policy.size() == 1) { // no nonce: a field as the others
        if (!fields.policy.front().empty())
            fields.secure.set(fields.policy_field, fields.policy.front());
        fields.policy.clear();
    }
    finish(fields);
    return *this;
}

void SecurityHeaders::add_nonce(Request& request) {
    if (request.find<CspNonce>() == nullptr) // from a scope around
        request.attach(CspNonce{make_nonce(request.arena())});
}

void SecurityHeaders::after(Request& request, Response& response) const {
    if (has_nonce_) [[unlikely]]
        add_policy(request, response);
    const Headers& fields = request.head().secure ? fields_->secure : fields_->always;
    Headers& to = response.headers();
    if (to.may_share(fields)) [[unlikely]]
        return add_missing(fields, to);
    to.append_views(fields);
}

void SecurityHeaders::add_policy(Request& request, Response& response) const {
    Headers& to = response.headers();
    if (to.contains(fields_->policy_field)) return;
    if (const CspNonce* const nonce = request.find<CspNonce>())
        to.append_view(fields_->policy_field,
                       policy_text(fields_->policy, nonce->text, request.arena()));
}

} // namespace armature

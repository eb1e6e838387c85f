#include "core/characters.hpp"

#include <armature/core/url.hpp>
#include <armature/middleware/cors.hpp>

#include <algorithm>
#include <stdexcept>

namespace armature {
namespace {

constexpr std::string_view everything = "*";
constexpr std::string_view opaque = "null";
constexpr std::size_t longest_origin = 512;
constexpr CharacterSet scheme_characters = CharacterSet::alphanumeric_and("+-.");

[[noreturn]] void refuse(std::string_view what, std::string_view why) {
    throw std::invalid_argument(
        std::string{"armature: Cors: "}.append(what).append(" ").append(why));
}

bool has_upper_case(std::string_view text) noexcept {
    return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Why no browser sends `origin` as one, or an empty text when it can: a tuple origin is serialised
// as scheme "://" host [ ":" port ], in lower case and ASCII, without the scheme's own port (HTML
// §7.1.1, URL §4.7).
std::string_view fault_of(std::string_view origin) noexcept {
    const std::size_t colon = origin.find("://");
    if (colon == std::string_view::npos || colon == 0)
        return "has no scheme: write it as https://shop.example";
    const std::string_view scheme = origin.substr(0, colon);
    const std::string_view authority = origin.substr(colon + 3);
    if (has_upper_case(origin)) return "has to be in lower case, as browsers send it";
    for (const char c : origin) {
        if (static_cast<unsigned char>(c) >= 0x80)
            return "has to be in ASCII: write the host's name as xn--…";
        if (c == '*') return "is a pattern, which a list doesn't have: give a rule as allow_if";
    }
    if (!is_alpha(scheme.front()) || !scheme_characters.contains_all(scheme))
        return "has a malformed scheme";
    if (authority.find('/') != std::string_view::npos)
        return "has a path: an origin ends after its host and port, without a slash";
    if (authority.find_first_of("?#") != std::string_view::npos)
        return "has a query or fragment: an origin ends after its host and port";
    if (authority.find('@') != std::string_view::npos)
        return "has a user's name: an origin is scheme, host and port";
    if (!valid_host(authority) || authority.find('%') != std::string_view::npos)
        return "has a malformed host or port";
    const std::string_view port =
        authority.back() == ']' ? std::string_view{} : authority.substr(authority.rfind(':') + 1);
    const bool has_port = authority.back() != ']' && port.size() != authority.size();
    if (!has_port) return {};
    if (port.empty() || port.front() == '0') return "has a malformed port";
    if ((scheme == "https" && port == "443") || (scheme == "http" && port == "80"))
        return "names its scheme's own port, which browsers leave out";
    return {};
}

bool has(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

std::string joined(const std::vector<std::string>& list, std::string_view what) {
    std::string text;
    for (const std::string& item : list) {
        if (!is_token(item)) refuse(std::string{what} + " \"" + item + '"', "is no token");
        if (!text.empty()) text += ", ";
        text += item;
    }
    return text;
}

// Whether a list of field names in a field's value has `name`, or "*".
bool lists(std::string_view value, std::string_view name) noexcept {
    while (!value.empty()) {
        const std::string_view part = take_part(value, ',');
        if (part == everything || equal_ignoring_case(part, name)) return true;
    }
    return false;
}

void add_vary(Headers& fields) {
    bool is_there = false;
    fields.all(Field::vary, [&](std::string_view value) { is_there |= lists(value, "origin"); });
    if (!is_there) fields.append_view(Field::vary, "Origin");
}

} // namespace

Cors::Cors(CorsOptions options)
    : origins_(std::move(options.origins)), allow_if_(std::move(options.allow_if)),
      methods_(joined(options.methods, "the method")),
      headers_(joined(options.headers, "the field")),
      exposed_(joined(options.exposed_headers, "the exposed field")),
      any_origin_(has(origins_, everything)), credentials_(options.credentials),
      private_network_(options.private_network) {
    if (origins_.empty() && !allow_if_)
        refuse("no origin is allowed:", "give origins, allow_if, or Cors::permissive()");
    if (any_origin_ && (origins_.size() > 1 || allow_if_))
        refuse("the origin \"*\"", "is everybody: nothing else belongs beside it");
    if (credentials_ &&
        (any_origin_ || has(options.methods, everything) || has(options.headers, everything) ||
         has(options.exposed_headers, everything)))
        refuse("credentials", "don't go with \"*\": name the origins, methods and fields");
    if (!any_origin_)
        for (const std::string& origin : origins_)
            if (const std::string_view fault = origin == opaque ? "" : fault_of(origin);
                !fault.empty())
                refuse("the origin \"" + origin + '"', fault);
    if (options.max_age < Duration{}) refuse("max_age", "can't be negative");
    max_age_ = std::to_string(options.max_age.count() / 1000);
}

Cors Cors::permissive() {
    CorsOptions options;
    options.origins = options.methods = options.exposed_headers = {"*"};
    options.headers = {"*", "authorization"};
    return Cors{std::move(options)};
}

// The value for Access-Control-Allow-Origin, or nothing for an origin that isn't allowed. It lives
// as long as the request and this object.
std::string_view Cors::allowed_origin(Request& request) const {
    if (any_origin_) return everything;
    std::string_view origin;
    unsigned count = 0;
    request.headers().all(Field::origin, [&](std::string_view value) {
        origin = value;
        ++count;
    });
    if (count != 1) return {};
    for (const std::string& listed : origins_)
        if (listed == origin) return listed;
    if (allow_if_ && origin.size() <= longest_origin && fault_of(origin).empty() &&
        allow_if_(origin))
        return request.arena().copy(origin);
    return {};
}

void Cors::add_origin(Request& request, Headers& fields) const {
    if (const std::string_view origin = allowed_origin(request); !origin.empty()) {
        fields.append_view(Field::access_control_allow_origin, origin);
        if (credentials_) fields.append_view(Field::access_control_allow_credentials, "true");
    }
}

Response Cors::preflight(Request& request) const {
    Response response = Response::no_content();
    Headers& fields = response.headers();
    fields.reserve(8);
    add_origin(request, fields);
    if (!fields.empty()) {
        fields.append_view(Field::access_control_allow_methods, methods_);
        if (!headers_.empty()) fields.append_view(Field::access_control_allow_headers, headers_);
        fields.append_view(Field::access_control_max_age, max_age_);
        if (private_network_ &&
            request.header(Field::access_control_request_private_network) == "true")
            fields.append_view(Field::access_control_allow_private_network, "true");
    }
    if (!any_origin_) add_vary(fields);
    return response;
}

std::optional<Response> Cors::answer(Request& request) const {
    if (!request.headers().contains(Field::access_control_request_method) ||
        !request.headers().contains(Field::origin))
        return std::nullopt;
    return preflight(request);
}

void Cors::add_fields(Request& request, Headers& fields) const {
    // To "*" the origin makes no difference, so a cache may give this answer to one later.
    if ((any_origin_ || request.headers().contains(Field::origin)) &&
        !fields.contains(Field::access_control_allow_origin)) {
        const std::size_t size = fields.size();
        add_origin(request, fields);
        if (fields.size() != size && !exposed_.empty())
            fields.append_view(Field::access_control_expose_headers, exposed_);
    }
    if (!any_origin_) add_vary(fields);
}

} // namespace armature

#include "cli/bench/plan.hpp"

#include "terminal/command.hpp"

#include <armature/core/url.hpp>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>
#include <numeric>

#ifdef ARMATURE_CLI_HAS_OPENAPI
#include "cli/openapi/document.hpp"
#endif

namespace armature::cli::bench {

using terminal::CommandError;
using terminal::UsageError;

namespace {

bool is_loopback(const sockaddr_storage& address) {
    if (address.ss_family == AF_INET) {
        const auto& four = reinterpret_cast<const sockaddr_in&>(address);
        return (ntohl(four.sin_addr.s_addr) >> 24) == 127;
    }
    const auto& six = reinterpret_cast<const sockaddr_in6&>(address);
    if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) return six.sin6_addr.s6_addr[12] == 127;
    return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr) != 0;
}

void resolve(Origin& origin) {
    std::string host = origin.host;
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    if (host.find(':') != std::string::npos) hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    const int result =
        ::getaddrinfo(host.c_str(), std::to_string(origin.port).c_str(), &hints, &found);
    if (result != 0)
        throw CommandError{origin.host + ": has no address: " + ::gai_strerror(result)};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    std::memcpy(&origin.address, found->ai_addr, found->ai_addrlen);
    origin.address_size = found->ai_addrlen;
    origin.is_loopback = is_loopback(origin.address);
}

std::optional<Url> http_url(const std::string& text) {
    std::optional<Url> url = Url::parse(text);
    if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->host().empty())
        return std::nullopt;
    if (url->userinfo())
        throw UsageError{"a URL with a password in it is written down everywhere; use --header "
                         "'Authorization: …'"};
    return url;
}

std::uint16_t port_of(const Url& url) {
    return url.port().value_or(url.scheme() == "https" ? 443 : 80);
}

bool is_method(const std::string& word) {
    return !word.empty() &&
           std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

} // namespace

std::string Origin::authority() const {
    const bool is_default = port == (is_tls ? 443 : 80);
    return is_default ? host : host + ':' + std::to_string(port);
}
std::string Origin::url() const { return (is_tls ? "https://" : "http://") + authority(); }

GivenTarget target_of(const std::string& text) {
    std::vector<std::string> words;
    for (std::size_t at = text.find_first_not_of(' '); at != std::string::npos;) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        words.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(' ', end);
    }
    GivenTarget target;
    std::size_t next = 0;
    if (words.size() > 1) {
        const std::string& word = words[0];
        const char* const end = word.data() + word.size();
        const auto [behind, error] = std::from_chars(word.data(), end, target.weight);
        if (error == std::errc{} && behind == end) ++next;
        if (target.weight == 0 || target.weight > 1000)
            throw UsageError{"--target '" + text + "': a weight is from 1 to 1000"};
    }
    if (next + 1 < words.size() && is_method(words[next])) target.method = words[next++];
    if (next + 1 != words.size())
        throw UsageError{"--target '" + text +
                         "' is none: write [WEIGHT] [METHOD] URL, such as '3 POST /orders'"};
    target.url = words[next];
    return target;
}

std::chrono::nanoseconds duration_of(const std::string& text, const char* option) {
    const std::size_t end = text.find_first_not_of("0123456789.");
    const std::pair<std::string_view, double> units[] = {
        {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
    double value = 0;
    if (end != std::string::npos && end > 0)
        for (const auto& [name, factor] : units) {
            if (text.substr(end) != name) continue;
            const auto [behind, error] = std::from_chars(text.data(), text.data() + end, value);
            const double nanoseconds = value * factor;
            if (error == std::errc{} && behind == text.data() + end && nanoseconds >= 1e3 &&
                nanoseconds <= 24 * 3600e9)
                return std::chrono::nanoseconds{std::llround(nanoseconds)};
        }
    throw UsageError{std::string{option} + " '" + text +
                     "': is no time; write a number and us, ms, s, m or h: 50ms"};
}

Origin origin_of(const std::string& url) {
    const std::optional<Url> parsed = http_url(url);
    if (!parsed)
        throw UsageError{"'" + url + "' is no http or https URL, such as http://127.0.0.1:8080/"};
    Origin origin;
    origin.is_tls = parsed->scheme() == "https";
    origin.host = parsed->host();
    origin.port = port_of(*parsed);
    resolve(origin);
    return origin;
}

std::string path_of(const std::string& url, const Origin& origin) {
    std::optional<Url> parsed = url.starts_with('/') ? Url::parse(url) : http_url(url);
    if (!parsed)
        throw UsageError{"'" + url + "' is neither a URL nor a path, such as /products?limit=10"};
    if (parsed->has_authority() &&
        (parsed->host() != origin.host || port_of(*parsed) != origin.port ||
         (parsed->scheme() == "https") != origin.is_tls))
        throw UsageError{"all targets are asked of one server, and " + url + " isn't at " +
                         origin.url()};
    std::string path = parsed->path().empty() ? "/" : parsed->path();
    if (parsed->query()) path += '?' + *parsed->query();
    return path;
}

std::vector<std::uint16_t> order_of(const std::vector<Target>& targets) {
    // Smooth weighted round robin, as nginx has it: 3 and 1 give 0 0 1 0.
    unsigned divisor = 0;
    for (const Target& target : targets)
        divisor = std::gcd(divisor, target.weight);
    std::vector<std::int64_t> credit(targets.size());
    std::int64_t total = 0;
    for (const Target& target : targets)
        total += target.weight / divisor;
    std::vector<std::uint16_t> order;
    for (std::int64_t i = 0; i < total; ++i) {
        for (std::size_t j = 0; j < targets.size(); ++j)
            credit[j] += targets[j].weight / divisor;
        const auto most = std::max_element(credit.begin(), credit.end());
        *most -= total;
        order.push_back(static_cast<std::uint16_t>(most - credit.begin()));
    }
    return order;
}

#ifdef ARMATURE_CLI_HAS_OPENAPI
namespace {

std::optional<std::string> text_of(const spec::Node* node) {
    if (node == nullptr || node->is_null() || node->is_list() || node->is_map())
        return std::nullopt;
    return node->text;
}

// A value that a parameter may have.
std::optional<std::string> value_for(const spec::Parameter& parameter) {
    for (const spec::Example& example : parameter.examples)
        if (auto text = text_of(example.value)) return text;
    if (parameter.schema == nullptr) return std::nullopt;
    const spec::Schema schema = spec::merged(*parameter.schema);
    for (const spec::Node* example : schema.examples)
        if (auto text = text_of(example)) return text;
    if (auto text = text_of(schema.default_value)) return text;
    for (const spec::Node* value : schema.enumeration)
        if (auto text = text_of(value)) return text;
    using spec::Types;
    if (schema.types.is_only(Types::boolean)) return "true";
    if (schema.types.has(Types::integer) || schema.types.has(Types::number)) {
        const double least = schema.minimum.value_or(schema.exclusive_minimum.value_or(0));
        const double value = std::max(1.0, std::floor(least) + (schema.exclusive_minimum ? 1 : 0));
        if (value <= schema.maximum.value_or(value) &&
            value < schema.exclusive_maximum.value_or(value + 1))
            return std::to_string(static_cast<long long>(std::ceil(value)));
    }
    return std::nullopt; // a text might be anything
}

} // namespace

std::vector<GivenTarget> targets_of_document(const std::string& location,
                                             std::vector<std::string>& skipped) {
    const spec::Document document = spec::Document::read(location);
    std::vector<GivenTarget> targets;
    for (const spec::Operation& operation : document.operations()) {
        if (operation.method != "get") continue;
        std::string path = operation.path;
        std::string query;
        std::string missing;
        for (const spec::Parameter& parameter : operation.parameters) {
            if (!parameter.is_required) continue;
            const std::optional<std::string> value = value_for(parameter);
            using In = spec::Parameter::In;
            const std::string place = '{' + parameter.name + '}';
            const std::size_t at = path.find(place);
            if (value && parameter.in == In::path && at != std::string::npos)
                path.replace(at, place.size(), percent_encode(*value, EncodeSet::path_segment));
            else if (value && parameter.in == In::query)
                query += (query.empty() ? '?' : '&') +
                         percent_encode(parameter.name, EncodeSet::query_component) + '=' +
                         percent_encode(*value, EncodeSet::query_component);
            else
                missing += (missing.empty() ? "" : ", ") + parameter.name;
        }
        if (missing.empty())
            targets.push_back({path + query, std::nullopt, 1});
        else
            skipped.push_back("GET " + operation.path + ": the document has no example of " +
                              missing);
    }
    return targets;
}
#endif

} // namespace armature::cli::bench

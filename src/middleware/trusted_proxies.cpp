#include "core/characters.hpp"

#include <armature/core/error.hpp>
#include <armature/core/url.hpp>
#include <armature/middleware/trusted_proxies.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace armature {

namespace {

// The elements of a list field, of all its lines, at its right end. Those further left than any
// chain of proxies is long are dropped.
class LastElements {
  public:
    void add(std::string_view text) noexcept {
        if (!text.empty()) texts_[count_++ % most] = text;
    }
    [[nodiscard]] std::size_t size() const noexcept { return std::min(count_, most); }
    /// 1 is the last one, `size` the first.
    [[nodiscard]] std::string_view from_right(std::size_t position) const noexcept {
        return texts_[(count_ - position) % most];
    }

  private:
    static constexpr std::size_t most = 32;
    std::array<std::string_view, most> texts_;
    std::size_t count_ = 0;
};

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

// node = IPv4 [":" port] / "[" IPv6 "]" [":" port] (RFC 7239 §6), and IPv6 as it is. A port that is
// hidden ("_x") counts as 0. Null for "unknown", hidden nodes, and anything else.
std::optional<PeerAddress> parse_node(std::string_view text) noexcept {
    std::string_view host = text;
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == text.npos) return std::nullopt;
        host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (host.find(':') == host.npos || (!port.empty() && port[0] != ':')) return std::nullopt;
    } else if (const std::size_t colon = text.find(':');
               colon != text.npos && text.find(':', colon + 1) == text.npos) {
        host = text.substr(0, colon);
        port = text.substr(colon);
    }
    std::uint16_t number = 0;
    if (!port.empty()) {
        port.remove_prefix(1);
        const auto parsed = parse_port(port);
        if (!parsed && !port.starts_with('_')) return std::nullopt;
        number = parsed.value_or(0);
    }
    return parse_address(host, number);
}

// No quotes are known in X-Forwarded fields, so that a stray one hides nothing.
LastElements plain_elements(const Headers& headers, Field field) noexcept {
    LastElements elements;
    headers.all(field, [&](std::string_view list) {
        while (!list.empty()) {
            const std::size_t comma = std::min(list.find(','), list.size());
            elements.add(trim(list.substr(0, comma)));
            list.remove_prefix(std::min(comma + 1, list.size()));
        }
    });
    return elements;
}

void set_scheme(Request& request, std::string_view scheme) noexcept {
    if (equal_ignoring_case(scheme, "https"))
        request.head().secure = true;
    else if (equal_ignoring_case(scheme, "http"))
        request.head().secure = false;
}

void set_host(Request& request, std::string_view host) noexcept {
    // The field lives as long as the request.
    if (valid_host(host)) request.head().authority = host;
}

// The value of a parameter of a Forwarded element; quoted ones are unquoted into the arena.
std::string_view unquoted(std::string_view value, Arena& arena) {
    if (value.size() < 2 || value.front() != '"') return value;
    value = value.substr(1, value.size() - 2);
    if (value.find('\\') == value.npos) return value;
    auto* const copy = static_cast<char*>(arena.allocate(value.size(), 1));
    std::size_t size = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '\\' && i + 1 < value.size()) ++i;
        copy[size++] = value[i];
    }
    return {copy, size};
}

struct ForwardedElement {
    std::string_view node;
    std::string_view scheme;
    std::string_view host;
};

ForwardedElement parse_element(std::string_view text, Arena& arena) {
    ForwardedElement element;
    while (!text.empty()) {
        const std::string_view pair = take_part(text, ';');
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (equals == pair.size()) continue;
        const std::string_view parameter = pair.substr(0, equals);
        const std::string_view value = unquoted(pair.substr(equals + 1), arena);
        if (equal_ignoring_case(parameter, "for"))
            element.node = value;
        else if (equal_ignoring_case(parameter, "proto"))
            element.scheme = value;
        else if (equal_ignoring_case(parameter, "host"))
            element.host = value;
    }
    return element;
}

// A quote that doesn't end would swallow what trusted proxies added behind it.
bool quotes_end(std::string_view text) noexcept {
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            quoted = !quoted;
    }
    return !quoted;
}

LastElements forwarded_elements(const Headers& headers) {
    LastElements elements;
    headers.all(Field::forwarded, [&](std::string_view list) {
        if (!quotes_end(list))
            throw Error::bad_request("The Forwarded field has a quote that doesn't end");
        while (!list.empty())
            elements.add(take_part(list, ','));
    });
    return elements;
}

} // namespace

TrustedProxies::TrustedProxies(AddressRanges proxies, TrustedProxiesOptions options)
    : proxies_(std::move(proxies)), options_(options) {
    if (proxies_.empty())
        throw std::invalid_argument("armature: TrustedProxies needs the addresses of the proxies, "
                                    "such as \"10.0.0.0/8\" or \"loopback\"");
}

void TrustedProxies::believe(Request& request) const {
    request.attach(ProxyAddress{request.peer()});
    if (options_.fields == ForwardingFields::forwarded)
        believe_forwarded(request);
    else
        believe_x_forwarded(request);
}

bool TrustedProxies::follow(Request& request, std::string_view node) const noexcept {
    const auto address = parse_node(node);
    if (!address) return false;
    request.set_peer(*address);
    return proxies_.contains(*address);
}

void TrustedProxies::believe_x_forwarded(Request& request) const noexcept {
    const Headers& headers = request.headers();
    const LastElements nodes = plain_elements(headers, Field::x_forwarded_for);
    std::size_t hops = 1; // trusted proxies, the last of which the client is connected to
    while (hops <= nodes.size() && follow(request, nodes.from_right(hops)))
        ++hops;
    // What the client's own proxy said, which is that many elements from the right. One that
    // replaces the field instead of adding to it leaves fewer.
    const auto of_the_clients_proxy = [&](Field field) {
        const LastElements values = plain_elements(headers, field);
        return values.size() == 0 ? std::string_view{}
                                  : values.from_right(std::min(hops, values.size()));
    };
    if (options_.scheme) set_scheme(request, of_the_clients_proxy(Field::x_forwarded_proto));
    if (options_.host) set_host(request, of_the_clients_proxy(Field::x_forwarded_host));
}

void TrustedProxies::believe_forwarded(Request& request) const {
    const LastElements list = forwarded_elements(request.headers());
    ForwardedElement element;
    for (std::size_t hop = 1; hop <= list.size(); ++hop) {
        element = parse_element(list.from_right(hop), request.arena());
        if (!follow(request, element.node)) break;
    }
    if (options_.scheme) set_scheme(request, element.scheme);
    if (options_.host) set_host(request, element.host);
}

} // namespace armature

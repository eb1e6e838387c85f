#include "redis/endpoint.hpp"

#include <armature/core/url.hpp>
#include <armature/redis/redis.hpp>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <stdexcept>

namespace armature::redis {

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw std::invalid_argument(
        "armature: " + what +
        "; a Redis server's URL is redis://[[user]:password@]host[:port][/database] or "
        "unix://[[user]:password@]/path/of/socket[?db=database]");
}

std::string decode(std::string_view text) {
    std::string decoded;
    if (!percent_decode(text, decoded)) refuse("A Redis URL has a % that encodes nothing");
    return decoded;
}

unsigned read_database(std::string_view text) {
    unsigned database = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, database);
    if (error != std::errc{} || rest != end) refuse("The database of a Redis URL is a number");
    return database;
}

std::optional<SocketAddress> literal_address(const std::string& host, std::uint16_t port) {
    SocketAddress address{};
    sockaddr_in v4{};
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&address.storage, &v4, sizeof v4);
        address.size = sizeof v4;
        return address;
    }
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        std::memcpy(&address.storage, &v6, sizeof v6);
        address.size = sizeof v6;
        return address;
    }
    return std::nullopt;
}

SocketAddress unix_address(const std::string& path) {
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    if (path.size() < 2 || path.size() >= sizeof local.sun_path)
        refuse("The path of a Redis server's socket has 2 to 107 bytes");
    std::memcpy(local.sun_path, path.data(), path.size());
    SocketAddress address{};
    std::memcpy(&address.storage, &local, sizeof local);
    address.size = sizeof local;
    return address;
}

} // namespace

Endpoint::Endpoint(const std::string& text) {
    const std::optional<Url> url = Url::parse(text);
    if (!url || !url->is_absolute()) refuse("A Redis URL is no URL");
    unsigned database = 0;
    if (url->scheme() == "rediss")
        refuse("Redis over TLS isn't supported: end TLS in a proxy beside the program");
    if (url->scheme() == "redis") {
        if (url->query() || url->host().empty()) refuse("A Redis URL names a host and no query");
        host_ = decode(url->host());
        if (host_.starts_with('[')) host_ = host_.substr(1, host_.size() - 2);
        port_ = url->port().value_or(6379);
        name_ = url->host() + ":" + std::to_string(port_);
        if (url->path().size() > 1) database = read_database(url->path().substr(1));
        if (const auto address = literal_address(host_, port_)) addresses_.push_back(*address);
    } else if (url->scheme() == "unix") {
        if (!url->host().empty() || url->port())
            refuse("A Redis URL of a socket has three slashes before its path");
        name_ = decode(url->path());
        addresses_.push_back(unix_address(name_));
        if (url->query()) {
            if (!url->query()->starts_with("db=")) refuse("A Redis URL's query is db=NUMBER");
            database = read_database(url->query()->substr(3));
        }
    } else {
        refuse("A Redis URL has the scheme redis or unix");
    }
    if (const auto& userinfo = url->userinfo()) {
        const std::size_t colon = userinfo->find(':');
        if (colon == std::string::npos) refuse("A Redis URL names a user without a password");
        const std::string user = decode(userinfo->substr(0, colon));
        RedisCommand auth{"AUTH"};
        if (!user.empty()) auth.add(user);
        auth.add(decode(userinfo->substr(colon + 1)));
        greeting_ += auth.encoded();
        ++greeting_replies_;
    }
    if (database != 0) {
        greeting_ += RedisCommand{"SELECT", database}.encoded();
        ++greeting_replies_;
    }
    // The last one, which may be refused: a server before Redis 6 stays with RESP2.
    greeting_ += RedisCommand{"HELLO", 3}.encoded();
    ++greeting_replies_;
}

std::vector<SocketAddress> Endpoint::look_up() const {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    std::vector<SocketAddress> addresses;
    if (::getaddrinfo(host_.c_str(), std::to_string(port_).c_str(), &hints, &found) != 0)
        return addresses;
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        SocketAddress address{};
        std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
        address.size = one->ai_addrlen;
        addresses.push_back(address);
    }
    ::freeaddrinfo(found);
    return addresses;
}

} // namespace armature::redis

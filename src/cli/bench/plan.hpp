#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace armature::cli::bench {

/// One kind of request of a run.
struct Target {
    std::string method = "GET";
    std::string path;    ///< with its query, as it is sent
    std::string body;    ///< sent with Content-Length
    unsigned weight = 1; ///< how often, beside those of the others

    [[nodiscard]] std::string name() const { return method + ' ' + path; }
};

/// The server that is asked: one for all targets.
struct Origin {
    bool is_tls = false;
    std::string host; ///< as a Host field has it, without the port; IPv6 in brackets
    std::uint16_t port = 0;
    sockaddr_storage address{};
    socklen_t address_size = 0;
    bool is_loopback = false;

    [[nodiscard]] std::string authority() const;
    [[nodiscard]] std::string url() const;
};

/// A target as the command line has it: "[WEIGHT] [METHOD] URL-or-path".
struct GivenTarget {
    std::string url; ///< absolute, or a path
    std::optional<std::string> method;
    unsigned weight = 1;
};

/// What a run does.
struct LoadPlan {
    Origin origin;
    std::vector<Target> targets;
    std::vector<std::pair<std::string, std::string>> fields; ///< of each request
    unsigned connections = 10;
    unsigned depth = 1; ///< requests under way on a connection
    unsigned threads = 1;
    bool is_http2 = false;
    bool keeps_alive = true;
    std::chrono::nanoseconds duration = std::chrono::seconds{10};
    std::uint64_t requests = 0; ///< instead of the duration; 0: as many as fit
    double rate = 0;            ///< requests per second, whatever the server does; 0: closed loop
    std::chrono::nanoseconds timeout = std::chrono::seconds{10};
    std::string authorities; ///< a PEM file; empty: the system's
};

// Throw terminal::UsageError for a wrong word, CommandError for what isn't there.

/// "3 POST /orders".
[[nodiscard]] GivenTarget target_of(const std::string& text);
/// "50ms", "1.5s", "2m".
[[nodiscard]] std::chrono::nanoseconds duration_of(const std::string& text, const char* option);
/// Scheme, host and port of a URL, and where they lead.
[[nodiscard]] Origin origin_of(const std::string& url);
/// What a URL or path asks the origin for; throws UsageError for a URL of another one.
[[nodiscard]] std::string path_of(const std::string& url, const Origin& origin);
/// The order in which targets of these weights are asked, again and again: as even as can be.
[[nodiscard]] std::vector<std::uint16_t> order_of(const std::vector<Target>& targets);

#ifdef ARMATURE_CLI_HAS_OPENAPI
/// The GET operations of an OpenAPI document, their parameters filled in by examples, defaults and
/// what their schemas allow; `skipped` gets those for which there is nothing to fill in.
[[nodiscard]] std::vector<GivenTarget> targets_of_document(const std::string& location,
                                                           std::vector<std::string>& skipped);
#endif

} // namespace armature::cli::bench

#pragma once

#include <armature/core/body.hpp>
#include <armature/core/duration.hpp>
#include <armature/core/error.hpp>
#include <armature/core/headers.hpp>
#include <armature/core/method.hpp>
#include <armature/core/status.hpp>
#include <armature/core/task.hpp>
#include <armature/core/url.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace armature {

/// How a `Client` behaves. Servers are always verified: their certificate must be signed by an
/// authority and name the host; there is no switch that turns that off.
struct ClientOptions {
    /// The User-Agent of requests that have none.
    std::string user_agent = "armature";
    /// PEM certificates of the only authorities to trust; empty: the system's.
    std::string authorities{};
    /// Until a connection is made, with its TLS handshake.
    Duration connect_timeout = Duration::seconds(5);
    /// From the request to the end of its response's content.
    Duration timeout = Duration::seconds(30);
    /// Redirects that are followed; then the redirect itself is an error. From https only to https.
    unsigned redirects = 5;
    /// How often a request is tried that may be repeated: one with an idempotent method or an
    /// Idempotency-Key whose content is at hand, when it failed before a response began, or with
    /// 429, 502, 503 or 504. Retry-After is obeyed up to `longest_wait`; otherwise tries are
    /// `first_wait` apart, then twice that, and so on, each up to a half shorter by chance.
    unsigned attempts = 3;
    Duration first_wait = Duration::milliseconds(100);
    Duration longest_wait = Duration::seconds(5);
    /// After that many failures in a row a host is left alone for `circuit_pause`: requests to it
    /// fail at once. Then one may try. 0: never.
    unsigned circuit_failures = 10;
    Duration circuit_pause = Duration::seconds(10);
    /// Open connections to one host, and response fields, in bytes.
    unsigned connections_per_host = 64;
    std::uint32_t head_bytes = 64 * 1024;
    /// Connects to addresses of the public Internet only: none that is private, of this machine, or
    /// reserved (RFC 6890). For URLs that strangers chose. It is the address of the connection that
    /// counts, whatever the host's name meant a moment ago.
    bool public_addresses_only = false;
};

/// Why there is no response. In a handler that lets it pass it becomes 502 or 504.
class ClientError : public Error {
  public:
    enum class Kind : std::uint8_t {
        url,       ///< not an absolute http or https URL
        resolve,   ///< the host's name has no address
        connect,   ///< nobody listens, or not in time
        tls,       ///< the server can't prove who it is
        timeout,   ///< `ClientOptions::timeout`, or that of the request
        protocol,  ///< what came is not HTTP, or more than the limits allow
        redirects, ///< more than `ClientOptions::redirects`, or from https to http
        circuit,   ///< the host is being left alone
        address,   ///< the host isn't on the public Internet, and has to be
        broken,    ///< the connection ended early
    };
    ClientError(Kind kind, std::string detail);
    [[nodiscard]] Kind kind() const noexcept { return kind_; }

  private:
    Kind kind_;
};

/// One request to send. Moves; a body that is a stream can be sent once only.
class ClientRequest {
  public:
    /// `url` is absolute: http or https.
    ClientRequest(Method method, std::string_view url) : method_(method), url_(url) {}

    [[nodiscard]] Method method() const noexcept { return method_; }
    [[nodiscard]] const std::string& url() const noexcept { return url_; }

    /// Adds a field. Throws std::invalid_argument as `Headers::append` does.
    ClientRequest& header(FieldName name, std::string_view value) & {
        headers_.append(name, value);
        return *this;
    }
    ClientRequest&& header(FieldName name, std::string_view value) && {
        return std::move(header(name, value));
    }
    /// The content and its type.
    ClientRequest& body(std::string_view type, Body content) & {
        headers_.set(Field::content_type, type);
        body_ = std::move(content);
        return *this;
    }
    ClientRequest&& body(std::string_view type, Body content) && {
        return std::move(body(type, std::move(content)));
    }
    /// Instead of `ClientOptions::timeout`.
    ClientRequest& timeout(Duration timeout) & noexcept {
        timeout_ = timeout;
        return *this;
    }
    ClientRequest&& timeout(Duration timeout) && noexcept {
        return std::move(this->timeout(timeout));
    }

  private:
    friend class Client;
    Method method_;
    std::string url_;
    Headers headers_;
    Body body_;
    std::optional<Duration> timeout_;
};

/// A response whose head has come. Its content is pulled as it is wanted: who doesn't read makes
/// the server wait. Dropping it closes the stream.
class ClientResponse {
  public:
    [[nodiscard]] Status status() const noexcept { return status_; }
    [[nodiscard]] const Headers& headers() const noexcept { return headers_; }
    [[nodiscard]] std::optional<std::string_view> header(FieldName name) const noexcept {
        return headers_.get(name);
    }
    /// How long Retry-After asks to wait, in seconds or until a date (RFC 9110 §10.2.3), a day at
    /// most; nullopt without that field.
    [[nodiscard]] std::optional<Duration> retry_after() const;
    /// Where it came from in the end, after redirects.
    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    /// 1 or 2.
    [[nodiscard]] int http_version() const noexcept { return http_version_; }
    /// The content, decompressed. It may become the body of a response of ours as it is.
    [[nodiscard]] Body& body() noexcept { return body_; }
    /// All of the content. Throws `Error` 413 if it is more than `limit` bytes.
    [[nodiscard]] Task<std::string> text(std::uint64_t limit = 1024 * 1024) {
        return body_.stream().read_all(limit);
    }

  private:
    friend class Client;
    Status status_ = Status::ok;
    Headers headers_;
    std::string url_;
    int http_version_ = 1;
    Body body_;
};

/// Sends HTTP/1.1 and HTTP/2 requests from tasks, over connections that it keeps.
///
/// Threads: any; each loop has connections of its own. It must outlive the requests, and be
/// destroyed when none of them is under way.
class Client {
  public:
    explicit Client(ClientOptions options = {});
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

    /// Ends when the response's head has come, whatever its status. Throws `ClientError`, and
    /// `Cancelled` when the task is cancelled.
    [[nodiscard]] Task<ClientResponse> send(ClientRequest request);
    [[nodiscard]] Task<ClientResponse> get(std::string_view url) {
        return send(ClientRequest{Method::get, url});
    }
    [[nodiscard]] Task<ClientResponse> post(std::string_view url, std::string_view type,
                                            Body content) {
        return send(ClientRequest{Method::post, url}.body(type, std::move(content)));
    }

    class Impl; // inside of the library only

  private:
    static void follow(ClientRequest& request, Url& url, std::string_view location, Status status);

    std::unique_ptr<Impl> impl_;
};

} // namespace armature

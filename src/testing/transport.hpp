#pragma once

#include <armature/core/duration.hpp>
#include <armature/core/headers.hpp>
#include <armature/core/status.hpp>
#include <armature/testing/cookie_jar.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the client's parts need of the way to the application: by memory or by sockets.
namespace armature::testkit {

/// A request that is complete but for content that follows.
struct Outgoing {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> fields; ///< without Host
    std::string host;                                        ///< empty: the transport's own
    std::optional<std::string> content;
    bool content_follows = false;
};

/// Waiting for the whole of a response ends after that much of the application's time.
inline constexpr Duration longest_wait = Duration::seconds(24 * 3600);

/// One request and its response.
class Call {
  public:
    Call() noexcept = default;
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    virtual ~Call() = default;

    virtual void write(std::string_view bytes) = 0;
    virtual void trailer(std::string_view name, std::string_view value) = 0;
    virtual void finish() = 0;

    /// The head is here. Lets run what can, but no time pass.
    [[nodiscard]] virtual bool has_head() = 0;
    /// Throws `TestFailure`.
    virtual void wait_for_head() = 0;

    enum class Got : std::uint8_t { bytes, end, nothing };
    /// The next content, waiting for it up to `within`. Throws `TestFailure` when it broke off.
    [[nodiscard]] virtual Got read(std::string& bytes, Duration within) = 0;

    Status status = Status::ok;
    Headers headers;
    Headers trailers;
};

/// What wants to read as soon as there is something, also while time is made to pass: a WebSocket
/// answers pings whatever its test does.
class Reader {
  public:
    virtual void read_what_is_there() = 0;

  protected:
    ~Reader() = default;
};

class Transport {
  public:
    Transport() noexcept = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    [[nodiscard]] virtual std::unique_ptr<Call> begin(const Outgoing& request) = 0;
    /// The call's content is the socket's bytes, both ways, if its status is 101.
    [[nodiscard]] virtual std::unique_ptr<Call> begin_websocket(const Outgoing& request) = 0;

    /// Lets run what can run now, where that is ours to do.
    virtual void settle() = 0;
    virtual void advance(Duration by) = 0;
    [[nodiscard]] virtual Duration elapsed() const = 0;
    [[nodiscard]] virtual std::int64_t unix_seconds() const = 0;
    virtual void begin_shutdown() = 0;

    [[nodiscard]] const std::string& host() const noexcept { return host_; }
    [[nodiscard]] bool is_secure() const noexcept { return secure_; }
    [[nodiscard]] std::string origin() const { return (secure_ ? "https://" : "http://") + host_; }

    void add(Reader& reader) { readers_.push_back(&reader); }
    void remove(Reader& reader) noexcept { std::erase(readers_, &reader); }

  protected:
    void let_readers_read() {
        for (std::size_t i = 0; i < readers_.size(); ++i)
            readers_[i]->read_what_is_there();
    }

    std::string host_;
    bool secure_ = false;

  private:
    std::vector<Reader*> readers_;
};

/// What the requests of one client share.
struct Session {
    std::shared_ptr<Transport> transport;
    TestCookieJar cookies;
    std::vector<std::pair<std::string, std::string>> fields; ///< of every request

    /// What cookies look at of a request for `target`, which must outlive it.
    [[nodiscard]] CookieTarget cookie_target(std::string_view target) const;
    /// The cookies of a response, which go into the jar too.
    [[nodiscard]] std::vector<TestCookie> take_cookies(const Headers& headers,
                                                       std::string_view target);
};

[[nodiscard]] std::shared_ptr<Session> session_over(std::shared_ptr<Transport> transport);

} // namespace armature::testkit

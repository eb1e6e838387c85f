#pragma once

#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace armature {

/// Where lines of an access log go to. Written by one thread, several lines at once.
class AccessOutput {
  public:
    /// A file, appended to, made with mode 0640 if absent. Throws std::system_error.
    AccessOutput(const char* path);        // NOLINT: as natural as the path itself
    AccessOutput(const std::string& path); // NOLINT
    /// A descriptor, which is duplicated: 1 is standard output. Throws std::system_error.
    AccessOutput(int descriptor); // NOLINT
    /// A function that gets whole lines, each with its line break. What it throws counts the lines
    /// as lost. It must not wait for a request.
    template <class Sink>
        requires std::is_invocable_v<const Sink&, std::string_view>
    AccessOutput(Sink sink) // NOLINT
        : object_(std::make_shared<const Sink>(std::move(sink))),
          call_([](const void* object, std::string_view lines) {
              (*static_cast<const Sink*>(object))(lines);
          }) {}

  private:
    friend class AccessLog;
    std::shared_ptr<const void> object_;
    void (*call_)(const void* object, std::string_view lines) = nullptr;
};

struct AccessLogOptions {
    /// Logs the query of the target and of the Referer too. Without it they are cut before '?':
    /// tokens and personal data often stand in queries.
    bool query = false;
    /// Requests that may wait to be written, 1 KiB each; a power of two, 16 to 65,536. When all of
    /// them wait, further ones are left out and counted.
    std::size_t capacity = 1024;
};

/// Middleware that logs each request once its response is there. Wrap the App with it, as the
/// outermost, to have those without a route as well:
///
///     app.wrap(AccessLog{});                                 // to the program's log
///     app.wrap(AccessLog::combined("/var/log/app/access"));  // for the tools that read Apache's
///     app.wrap(AccessLog::json(1));                          // a line of JSON each
///
/// The event loop copies what is to be logged into a ring of fixed size; a thread of its own makes
/// the lines and writes them, a tenth of a second's together, and all that wait when the
/// application goes. The loop never waits for it.
///
/// No client can forge a line: control characters, quotes, backslashes and bytes that are no ASCII
/// are escaped in the combined format, as Apache does; JSON is valid UTF-8 without line breaks.
/// Targets longer than 400 bytes, agents and referers longer than 184 end in "...".
///
/// The time is that from the request to its response, and the size is that of the content as the
/// application gave it: of a stream of unknown length it is left out.
class AccessLog {
  public:
    static constexpr std::string_view name = "access-log";

    /// Records of level info of the program's log, with the message "request"; see docs/logging.md.
    /// Throws std::invalid_argument for a wrong option, as the others do.
    explicit AccessLog(AccessLogOptions options = {});
    /// Combined Log Format: the client's address, "-", "-", time in UTC, request line, status,
    /// bytes, Referer, User-Agent.
    [[nodiscard]] static AccessLog combined(AccessOutput output, AccessLogOptions options = {});
    /// An object a line: time, remote, method, target, route, protocol, status, bytes, duration_ms,
    /// referer, user_agent; trace_id and span_id inside of `Tracing`.
    [[nodiscard]] static AccessLog json(AccessOutput output, AccessLogOptions options = {});

    /// How many requests were left out since the start: the ring was full, or writing failed.
    [[nodiscard]] std::uint64_t dropped() const noexcept;
    /// Waits until everything logged before is written.
    void flush() const;

    void before(Request& request) const;
    void after(Request& request, Response& response) const noexcept;

    class Writer; // inside of the library only

  private:
    explicit AccessLog(std::shared_ptr<Writer> writer) noexcept;
    std::shared_ptr<Writer> writer_;
};

} // namespace armature

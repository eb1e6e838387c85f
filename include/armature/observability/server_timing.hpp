#pragma once

#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace armature {

class ServerTiming;

/// The parts of a response's time that are told to the client; `ServerTiming` attaches it to each
/// request. A handler takes `Extension<Timings>`.
class Timings {
  public:
    /// Adds a part. `name` is a token, such as "db"; an empty `description` is left out. Throws
    /// std::invalid_argument for a name that is no token, or a description with control characters
    /// or what isn't ASCII. At most 32 parts; further ones are left out.
    void add(std::string_view name, double milliseconds, std::string_view description = {});

    /// Measures until its end: `const auto timing = timings->measure("db");`
    class Measured {
      public:
        Measured(Timings& timings, std::string_view name);
        Measured(const Measured&) = delete;
        Measured& operator=(const Measured&) = delete;
        ~Measured();

      private:
        Timings& timings_;
        std::string_view name_;
        std::int64_t start_;
    };
    /// `name` has to live as long as what it gives. Throws as `add` does.
    [[nodiscard]] Measured measure(std::string_view name) { return {*this, name}; }

  private:
    friend class ServerTiming;
    const ServerTiming* owner_ = nullptr;
    std::int64_t start_ = 0;
    unsigned count_ = 0;
    std::string text_;
};

/// Middleware that tells clients where the time went: the field Server-Timing, which browsers show
/// among a request's timings (https://www.w3.org/TR/server-timing/). It ends with `total`, the time
/// from here to the response.
///
/// Anybody can read it. Times tell strangers what is in a cache and what isn't, so wrap with it
/// while developing, or only what is behind a guard.
class ServerTiming {
  public:
    static constexpr std::string_view name = "server-timing";

    void before(Request& request) const;
    void after(Request& request, Response& response) const;
};

} // namespace armature

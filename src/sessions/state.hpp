#pragma once

#include <armature/core/response.hpp>
#include <armature/sessions/session.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::sessions {

/// One request's session.
struct SessionState {
    std::vector<std::pair<std::string, std::string>> values;
    std::int64_t began = 0;
    std::int64_t seen = 0;            ///< when that was last noted down
    std::string id;                   ///< the cookie's text it came with; empty when it didn't
    std::vector<std::string> written; ///< names that this request set
    bool came = false;                ///< with the request, and holds
    bool changed = false;
    bool renewed = false;
    bool stale = false; ///< the cookie that came is worth nothing: have it forgotten

    [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
    void set(std::string_view name, std::string_view value);
    bool erase(std::string_view name);
    /// Takes out what it came with, but for what this request set.
    void drop_what_came();

    /// As it is kept.
    [[nodiscard]] std::string to_text() const;
    /// Reads what `to_text` wrote; false for anything else.
    [[nodiscard]] bool read(std::string_view text);
};

/// What becomes of a session at the end of a request.
enum class Fate : std::uint8_t {
    stay,   ///< as it is: nothing is written
    keep,   ///< write it
    forget, ///< it is over
};

/// The rules that both kinds of session share: times, and the cookie.
class Cookies {
  public:
    /// Throws std::invalid_argument.
    explicit Cookies(SessionOptions options);

    [[nodiscard]] const SessionOptions& options() const noexcept { return options_; }
    /// The cookie's text, or nullopt.
    [[nodiscard]] std::optional<std::string_view> text(const Request& request) const noexcept;
    /// False when its time is over.
    [[nodiscard]] bool holds(const SessionState& state, std::int64_t now) const noexcept;
    [[nodiscard]] Fate fate(SessionState& state, std::int64_t now) const noexcept;
    /// How long it may still be kept unless somebody comes.
    [[nodiscard]] Duration life(const SessionState& state, std::int64_t now) const noexcept;
    void send(Response& response, std::string_view text) const;
    void forget(Response& response) const;

  private:
    void add(Response& response, SetCookie cookie) const;
    SessionOptions options_;
};

} // namespace armature::sessions

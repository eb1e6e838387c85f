#pragma once

#include <armature/app/extract.hpp>
#include <armature/core/duration.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace armature {

/// One server-sent event (WHATWG HTML, section 9.2), made field by field:
/// `Event{}.id("7").type("tick").data("first line\nsecond line")`.
///
/// No text can break out of its field: line breaks in data and comments become further lines, and
/// an id or type with one, or with NUL, throws std::invalid_argument.
class Event {
  public:
    Event() noexcept {}

    /// What the client sends as Last-Event-ID when it connects again.
    Event& id(std::string_view text) & { return line_of("id", text); }
    Event&& id(std::string_view text) && { return std::move(id(text)); }
    /// The name to listen for in the browser; "message" without one.
    Event& type(std::string_view name) & { return line_of("event", name); }
    Event&& type(std::string_view name) && { return std::move(type(name)); }
    /// The content: UTF-8 text. Without any, the browser takes notice of the id but tells nobody.
    Event& data(std::string_view text) & { return lines_of("data", text); }
    Event&& data(std::string_view text) && { return std::move(data(text)); }
    /// How long the client is to wait before it connects again.
    Event& retry(Duration duration) &;
    Event&& retry(Duration duration) && { return std::move(retry(duration)); }
    /// Text that clients ignore.
    Event& comment(std::string_view text) & { return lines_of("", text); }
    Event&& comment(std::string_view text) && { return std::move(comment(text)); }

    /// The event's lines as they are sent, without the empty one that ends it.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    Event& line_of(std::string_view field, std::string_view text);
    Event& lines_of(std::string_view field, std::string_view text);

    std::string text_;
};

/// The Last-Event-ID that a client comes back with, as a handler's parameter: the id of the last
/// event that reached it. Lives as long as the request.
class LastEventId {
  public:
    LastEventId() noexcept = default;
    explicit LastEventId(std::optional<std::string_view> text) noexcept : text_(text) {}

    /// nullopt for a client that connects for the first time.
    [[nodiscard]] std::optional<std::string_view> value() const noexcept { return text_; }
    /// For ids that are numbers: the number, or nullopt when there is none.
    [[nodiscard]] std::optional<std::uint64_t> number() const noexcept;

  private:
    std::optional<std::string_view> text_;
};

template <>
struct Extract<LastEventId> {
    static void document(OperationInfo& info) {
        info.parameter(ParameterIn::header, "Last-Event-ID", nullptr, false);
    }
    static LastEventId from(const ExtractInput& input) noexcept {
        return LastEventId{input.request.header(Field::last_event_id)};
    }
};

} // namespace armature

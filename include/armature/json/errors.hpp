#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// How reading JSON ended; the order is by severity.
enum class JsonStatus : std::uint8_t {
    ok,
    invalid,   ///< well-formed, but values are missing, of the wrong type or break a rule: HTTP 422
    malformed, ///< not JSON (RFC 8259): HTTP 400
};

/// A value that can't be accepted.
struct JsonError {
    std::string pointer; ///< where: a JSON Pointer (RFC 6901); "" is the whole document
    std::string detail;  ///< what is wrong, to be read after the name: "must be a string, not null"
};

/// Where a text stops being JSON.
struct JsonSyntaxError {
    std::size_t offset = 0; ///< in bytes, from 0
    std::size_t line = 1;   ///< from 1
    std::size_t column = 1; ///< in characters, from 1
    std::string detail;     ///< "expected ',' or '}', found ']'"
};

/// The way from the document to the value at hand, kept on the stack of whoever descends. It
/// becomes text only if there is an error to report.
struct JsonPath {
    const JsonPath* parent;
    std::string_view key; ///< the member's name; without data for an item of an array
    std::size_t index;    ///< the item's index, from 0
};

/// Collects what is wrong with a document: all faulty values at once, or the syntax error.
class JsonErrors {
  public:
    // Defined in the library, as are those below: whoever takes JSON would compile them otherwise.
    JsonErrors() noexcept;
    JsonErrors(JsonErrors&&) noexcept;
    JsonErrors& operator=(JsonErrors&&) noexcept;
    ~JsonErrors();

    /// No more errors than this are kept: the answer to a hostile body stays small.
    static constexpr std::size_t capacity = 100;

    [[nodiscard]] const std::vector<JsonError>& values() const noexcept { return values_; }
    /// Not null exactly when reading ended with JsonStatus::malformed; `values()` is empty then.
    /// Lives as long as this object.
    [[nodiscard]] const JsonSyntaxError* syntax() const noexcept {
        return has_syntax_ ? &syntax_ : nullptr;
    }
    [[nodiscard]] bool empty() const noexcept;

    /// Adds a fault found by the caller, such as a rule between two members.
    void add(std::string pointer, std::string detail);
    void add(const JsonPath* path, std::string detail);
    /// Replaces everything by the fact that `text` stops being JSON at `offset`.
    void set_syntax(std::string_view text, std::size_t offset, std::string detail);

  private:
    std::vector<JsonError> values_;
    JsonSyntaxError syntax_;
    bool has_syntax_ = false;
};

} // namespace armature

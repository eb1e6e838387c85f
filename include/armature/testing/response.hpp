#pragma once

#include <armature/core/headers.hpp>
#include <armature/core/status.hpp>
#include <armature/json/read.hpp>
#include <armature/testing/cookie_jar.hpp>
#include <armature/testing/failure.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// A response as a test sees it: whole, and its own.
class TestResponse {
  public:
    [[nodiscard]] Status status() const noexcept { return status_; }
    [[nodiscard]] const Headers& headers() const noexcept { return headers_; }
    /// The first value of that field, or nullopt.
    [[nodiscard]] std::optional<std::string_view> header(FieldName name) const noexcept {
        return headers_.get(name);
    }
    /// The content.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    /// The content read as JSON into `T`; `TestFailure` with all that is wrong unless it fits.
    /// `json<nlohmann::json>()` takes any, where <armature/json/nlohmann.hpp> is included.
    template <class T>
    [[nodiscard]] T json() const {
        T value{};
        JsonErrors errors;
        if (read_json(text_, value, errors) != JsonStatus::ok) throw_not_json(errors);
        return value;
    }
    /// The pieces that the content came in. In process they are those that the handler wrote.
    [[nodiscard]] const std::vector<std::string>& chunks() const noexcept { return chunks_; }
    /// Fields after the content.
    [[nodiscard]] const Headers& trailers() const noexcept { return trailers_; }
    /// The cookies that this response set, in order.
    [[nodiscard]] const std::vector<TestCookie>& cookies() const noexcept { return cookies_; }
    /// The one of that name, or null.
    [[nodiscard]] const TestCookie* cookie(std::string_view name) const noexcept;
    /// The target that answered, after redirects that were followed.
    [[nodiscard]] const std::string& target() const noexcept { return target_; }

    /// "404 Not Found" and the beginning of its content, for messages.
    [[nodiscard]] std::string describe() const;

  private:
    friend class TestCall;
    friend class TestRequest;
    [[noreturn]] void throw_not_json(const JsonErrors& errors) const;

    Status status_ = Status::ok;
    Headers headers_;
    std::string text_;
    std::vector<std::string> chunks_;
    Headers trailers_;
    std::vector<TestCookie> cookies_;
    std::string target_;
};

} // namespace armature

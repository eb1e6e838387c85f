#pragma once

#include <armature/core/headers.hpp>
#include <armature/core/owned.hpp>
#include <armature/core/status.hpp>

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

/// A failure that a client is told about, as problem details (RFC 9457). Throw it or return it in
/// a `Result` from anywhere in a handler; one place turns it into a response.
///
/// Of a 5xx only status and title reach the client, unless the application runs in development
/// mode: details of the server's own failures belong in the log.
class Error : public std::exception {
  public:
    /// One fault of a request with many, for the `errors` member: where it is (a JSON Pointer into
    /// the body, RFC 6901, or the name of a parameter) and what is wrong there.
    struct Item {
        Item(std::string where, std::string what)
            : pointer(std::move(where)), detail(std::move(what)) {}
        std::string pointer;
        std::string detail;
    };

    /// `detail` is one sentence for the client: what was wrong with this request.
    explicit Error(Status status, std::string detail = {});
    Error(const Error&);
    Error(Error&&) noexcept;
    Error& operator=(const Error&);
    Error& operator=(Error&&) noexcept;
    ~Error() override;

    [[nodiscard]] static Error bad_request(std::string detail = {});
    [[nodiscard]] static Error unauthorized(std::string detail = {});
    [[nodiscard]] static Error forbidden(std::string detail = {});
    [[nodiscard]] static Error not_found(std::string detail = {});
    [[nodiscard]] static Error conflict(std::string detail = {});
    /// 413, saying that content may have at most `limit` bytes.
    [[nodiscard]] static Error content_too_large(std::uint64_t limit);
    [[nodiscard]] static Error unprocessable(std::string detail = {});
    [[nodiscard]] static Error internal(std::string detail = {});
    [[nodiscard]] static Error unavailable(std::string detail = {});

    /// A URI that names the kind of problem; "about:blank" unless set.
    Error& type(std::string uri) &;
    Error&& type(std::string uri) && { return std::move(type(std::move(uri))); }
    /// A short title; the status' reason unless set.
    Error& title(std::string text) &;
    Error&& title(std::string text) && { return std::move(title(std::move(text))); }
    Error& add(std::string pointer, std::string detail) &;
    Error&& add(std::string pointer, std::string detail) && {
        return std::move(add(std::move(pointer), std::move(detail)));
    }
    /// A field of the response, for example `www-authenticate`. Throws std::invalid_argument.
    Error& header(FieldName name, std::string_view value) &;
    Error&& header(FieldName name, std::string_view value) && {
        return std::move(header(name, value));
    }

    [[nodiscard]] Status status() const noexcept { return status_; }
    [[nodiscard]] std::string_view type() const noexcept;
    [[nodiscard]] std::string_view title() const noexcept;
    [[nodiscard]] std::string_view detail() const noexcept;
    [[nodiscard]] const std::vector<Item>& items() const noexcept;
    [[nodiscard]] const Headers& headers() const noexcept;
    /// The detail, or the title without one.
    [[nodiscard]] const char* what() const noexcept override;

    /// The problem details document. `reveal` includes the details of a 5xx.
    [[nodiscard]] std::string to_json(bool reveal) const;

  private:
    struct Parts;
    Status status_;
    Owned<Parts> parts_;
};

} // namespace armature

#pragma once

#include <armature/app/extract.hpp>
#include <armature/app/middleware.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature {

struct CsrfOptions {
    /// Other origins whose pages may send requests that change something, as browsers write them:
    /// "https://shop.example". Only for those that CORS lets in as well.
    std::vector<std::string> trusted_origins = {};
    /// Asks for a token even where the browser says that its own page sends: a second lock.
    bool require_token = false;
    /// The field that scripts send the token in.
    std::string header = "x-csrf-token";
    /// The form's field, for `CsrfForms`.
    std::string form_field = "csrf_token";
    /// The largest form in which `CsrfForms` looks for the token. Bytes.
    std::size_t max_form = 1024 * 1024;
};

/// The token of this session for the page that is made: a handler's parameter. Another text each
/// time, so that compression can't give it away (BREACH); all of them hold until the session is
/// renewed or over.
class CsrfToken {
  public:
    explicit CsrfToken(std::string text) noexcept : text_(std::move(text)) {}
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    /// `<input type="hidden" …>` for a form.
    [[nodiscard]] std::string input(std::string_view field = "csrf_token") const;

  private:
    std::string text_;
};

template <>
struct Extract<CsrfToken> {
    static CsrfToken from(const ExtractInput& input);
};

namespace sessions {
class CsrfRules;
} // namespace sessions

/// Middleware that refuses, with 403, what another site makes a browser send. GET, HEAD, OPTIONS
/// and TRACE pass: they must not change anything.
///
/// 1. What the browser says by Sec-Fetch-Site, or else by Origin, decides: its own page's requests
///    pass, those of other sites don't, whether or not they have a token.
/// 2. A request that says neither comes from no browser of this decade. It needs a token, in
///    `header`, made for its session: HMAC-SHA256 keyed by a secret of the session.
///
/// Stands inside of the session middleware. Leave routes that no browser calls with cookies
/// outside.
class Csrf {
  public:
    static constexpr std::string_view name = "csrf";

    /// Throws std::invalid_argument for an origin that no browser sends.
    explicit Csrf(CsrfOptions options = {});
    void before(Request& request) const;
    void document(OperationInfo& operation) const { operation.error(Status::forbidden); }

  private:
    std::shared_ptr<const sessions::CsrfRules> rules_;
};

/// `Csrf` that also finds the token in a form (application/x-www-form-urlencoded), for pages
/// without scripts. It may have to wait for the content, so it costs a coroutine frame.
class CsrfForms {
  public:
    static constexpr std::string_view name = "csrf-forms";

    explicit CsrfForms(CsrfOptions options = {});
    Task<Response> operator()(Request& request, Next next) const;
    void document(OperationInfo& operation) const { operation.error(Status::forbidden); }

  private:
    std::shared_ptr<const sessions::CsrfRules> rules_;
};

} // namespace armature

#include "crypto/crypto.hpp"
#include "sessions/sealer.hpp"

#include <armature/core/base64.hpp>
#include <armature/core/constant_time.hpp>
#include <armature/core/media_type.hpp>
#include <armature/core/url.hpp>
#include <armature/sessions/csrf.hpp>
#include <armature/sessions/session.hpp>

#include <algorithm>
#include <stdexcept>

namespace armature {

namespace {

constexpr std::size_t mask_size = 16;

std::string make_token(Session session) {
    std::string token = crypto::random_bytes(mask_size);
    token += sessions::hmac(session.secret(), "csrf" + token);
    return to_base64url(token);
}

bool is_token_of(Session session, std::string_view text) {
    const std::optional<std::string> token = from_base64url(text);
    if (!token || token->size() != mask_size + sessions::digest_size) return false;
    const std::string_view mask = std::string_view{*token}.substr(0, mask_size);
    return constant_time_equal(sessions::hmac(session.secret(), "csrf" + std::string{mask}),
                               std::string_view{*token}.substr(mask_size));
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// "https://host" where the request itself came by http is right behind a proxy that ends TLS; the
// other way round it is a page that anybody on the way could have written.
bool is_own(const Request& request, std::string_view origin) noexcept {
    const std::size_t end = origin.find("://");
    if (end == std::string_view::npos) return false;
    const std::string_view scheme = origin.substr(0, end);
    const std::string_view host = origin.substr(end + 3);
    if (scheme != "https" && scheme != request.scheme()) return false;
    return !host.empty() && std::equal(host.begin(), host.end(), request.authority().begin(),
                                       request.authority().end(),
                                       [](char a, char b) { return lower(a) == lower(b); });
}

// The one value of a field; empty when there is none. False for several.
bool single(const Request& request, std::string_view name, std::string_view& value) {
    unsigned count = 0;
    request.headers().all(name, [&](std::string_view one) {
        value = one;
        ++count;
    });
    return count <= 1;
}

Error refused(const char* why) { return Error::forbidden(why); }

} // namespace

namespace sessions {

class CsrfRules {
  public:
    enum class Verdict { pass, needs_token };

    explicit CsrfRules(CsrfOptions given) : options(std::move(given)) {
        for (const std::string& origin : options.trusted_origins) {
            const std::optional<Url> url = Url::parse(origin);
            if (!url || (url->scheme() != "https" && url->scheme() != "http") ||
                url->to_string() != origin || !url->path().empty() || url->query() ||
                url->fragment() || url->userinfo() || url->host().empty())
                throw std::invalid_argument("armature: '" + origin +
                                            "' is no origin as a browser sends it: write "
                                            "https://host or https://host:port");
        }
    }

    // Throws what refuses the request.
    [[nodiscard]] Verdict judge(const Request& request) const {
        const Method method = request.method();
        if (method == Method::get || method == Method::head || method == Method::options ||
            method == Method::trace)
            return Verdict::pass;
        std::string_view site;
        std::string_view origin;
        if (!single(request, "sec-fetch-site", site) || !single(request, "origin", origin))
            throw refused("The request says more than once where it comes from");
        const bool is_trusted =
            !origin.empty() &&
            std::find(options.trusted_origins.begin(), options.trusted_origins.end(), origin) !=
                options.trusted_origins.end();
        bool is_own_page = false;
        if (!site.empty())
            is_own_page = site == "same-origin" || site == "none";
        else if (!origin.empty())
            is_own_page = is_own(request, origin);
        else
            return Verdict::needs_token;
        if (!is_own_page && !is_trusted)
            throw refused("The request comes from a page of another site");
        return options.require_token ? Verdict::needs_token : Verdict::pass;
    }

    void check(Request& request, std::string_view token) const {
        if (!is_token_of(Session::of(request), token))
            throw refused("The CSRF token is missing, wrong or of another session");
    }
    [[nodiscard]] std::string_view token_in_header(const Request& request) const {
        std::string_view token;
        if (!single(request, options.header, token))
            throw refused("The request has more than one CSRF token");
        return token;
    }

    const CsrfOptions options;
};

} // namespace sessions

using sessions::CsrfRules;

std::string CsrfToken::input(std::string_view field) const {
    for (const char c : field)
        if (c == '"' || c == '<' || c == '&')
            throw std::invalid_argument(
                "armature: a form's field has a name that HTML would escape");
    return "<input type=\"hidden\" name=\"" + std::string{field} + "\" value=\"" + text_ + "\">";
}

CsrfToken Extract<CsrfToken>::from(const ExtractInput& input) {
    return CsrfToken{make_token(Session::of(input.request))};
}

Csrf::Csrf(CsrfOptions options) : rules_(std::make_shared<const CsrfRules>(std::move(options))) {}

void Csrf::before(Request& request) const {
    if (rules_->judge(request) == CsrfRules::Verdict::pass) return;
    rules_->check(request, rules_->token_in_header(request));
}

CsrfForms::CsrfForms(CsrfOptions options)
    : rules_(std::make_shared<const CsrfRules>(std::move(options))) {}

Task<Response> CsrfForms::operator()(Request& request, Next next) const {
    if (rules_->judge(request) == CsrfRules::Verdict::needs_token) {
        std::string token{rules_->token_in_header(request)};
        if (token.empty() && Headers::equal_names(content_media_type(request),
                                                  "application/x-www-form-urlencoded")) {
            if (!request.body().in_memory()) {
                std::string content =
                    co_await request.body().stream().read_all(rules_->options.max_form);
                request.body() = Body{std::move(content)};
            }
            const QueryPairs form = QueryPairs::parse(request.body().text());
            const std::vector<std::string_view> tokens = form.all(rules_->options.form_field);
            if (tokens.size() == 1) token = tokens.front();
        }
        rules_->check(request, token);
    }
    Response response = co_await next(request);
    co_return response;
}

} // namespace armature

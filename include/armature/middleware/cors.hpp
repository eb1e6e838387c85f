#pragma once

#include <armature/core/duration.hpp>
#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// Whether an origin may use the answers: any `(std::string_view) -> bool`, kept by the `Cors` it
/// is given to and called on all event loops at once. It sees origins that browsers can send, and
/// never "null".
class OriginRule {
  public:
    OriginRule() noexcept = default;
    template <class Rule>
        requires(!std::same_as<Rule, OriginRule>) && requires(const Rule& rule) {
            { rule(std::string_view{}) } -> std::convertible_to<bool>;
        }
    OriginRule(Rule rule) // NOLINT: written where it is needed
        : rule_(std::make_shared<const Rule>(std::move(rule))), call_(&call<Rule>) {}

    [[nodiscard]] explicit operator bool() const noexcept { return call_ != nullptr; }
    [[nodiscard]] bool operator()(std::string_view origin) const {
        return call_(rule_.get(), origin);
    }

  private:
    template <class Rule>
    static bool call(const void* rule, std::string_view origin) {
        return static_cast<bool>((*static_cast<const Rule*>(rule))(origin));
    }
    std::shared_ptr<const void> rule_;
    bool (*call_)(const void*, std::string_view) = nullptr;
};

struct CorsOptions {
    /// Origins as browsers write them, "https://shop.example" or "http://localhost:3000", compared
    /// byte by byte. "null", which any sandboxed page can claim, only if it is listed. {"*"} is
    /// everybody, without credentials.
    std::vector<std::string> origins = {};
    /// Asked about those not listed: `.allow_if = [](std::string_view origin) { … }`.
    OriginRule allow_if = {};
    /// Besides GET, HEAD and POST as a form sends it, which need no permission. {"*"} is every one.
    std::vector<std::string> methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    /// Fields that scripts may send. {"*"} is every one but Authorization, which has to be named
    /// beside it (Fetch §3.2.4).
    std::vector<std::string> headers = {"authorization", "content-type"};
    /// Fields of responses that scripts may read besides the usual ones.
    std::vector<std::string> exposed_headers = {};
    /// Lets scripts send cookies and read what comes back. Not with "*" anywhere.
    bool credentials = false;
    /// How long a browser may keep a preflight's answer; zero: not at all.
    Duration max_age = Duration::seconds(600);
    /// Lets public sites reach this server on a private network (Private Network Access).
    bool private_network = false;
};

/// Middleware that lets pages of other origins use the answers: cross-origin resource sharing, as
/// browsers enforce it. It answers preflights itself, with 204, for every path that it covers,
/// also those that the router has nothing for. An answer that depends on the origin says
/// `Vary: Origin`, to whomever it goes.
///
/// It is no guard: a request of a foreign origin reaches its handler, the page just can't read the
/// answer. Put it outside of middleware that refuses, or refusals can't be read either. A handler's
/// own Access-Control-Allow-Origin stays.
///
/// Spec: Fetch §3.2. Cost: about 55 instructions for a request without Origin.
class Cors {
  public:
    static constexpr std::string_view name = "cors";

    /// Throws std::invalid_argument, which says what to write instead: without any origin; for one
    /// that no browser sends, such as "https://shop.example/"; for credentials with "*"; for a
    /// method or field that is no token.
    explicit Cors(CorsOptions options);
    /// Everybody may do everything, without credentials: for public APIs, and while developing.
    [[nodiscard]] static Cors permissive();

    /// Only preflights are answered on the way in.
    [[nodiscard]] bool runs_before(Method method) const noexcept {
        return method == Method::options;
    }
    [[nodiscard]] std::optional<Response> before(Request& request) const {
        if (request.method() != Method::options) return std::nullopt;
        return answer(request);
    }
    void after(Request& request, Response& response) const {
        Headers& fields = response.headers();
        // Most requests have no origin, and most responses depend on nothing else.
        if (any_origin_ || request.headers().contains(Field::origin) ||
            fields.contains(Field::vary))
            return add_fields(request, fields);
        static constexpr Headers::Entry line{Field::vary, {vary_line, 4}, {vary_line + 6, 6}, 1};
        fields.append_view(line);
    }

  private:
    static constexpr char vary_line[14 + Headers::room_behind_lines + 1] = "vary: Origin\r\n";
    [[nodiscard]] std::string_view allowed_origin(Request& request) const;
    [[nodiscard]] std::optional<Response> answer(Request& request) const;
    void add_fields(Request& request, Headers& fields) const;
    void add_origin(Request& request, Headers& fields) const;
    [[nodiscard]] Response preflight(Request& request) const;

    std::vector<std::string> origins_;
    OriginRule allow_if_;
    std::string methods_;
    std::string headers_;
    std::string exposed_;
    std::string max_age_;
    bool any_origin_ = false;
    bool credentials_ = false;
    bool private_network_ = false;
};

} // namespace armature

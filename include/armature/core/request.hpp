#pragma once

#include <armature/core/arena.hpp>
#include <armature/core/body.hpp>
#include <armature/core/cancellation.hpp>
#include <armature/core/headers.hpp>
#include <armature/core/method.hpp>
#include <armature/core/path_params.hpp>
#include <armature/core/peer_address.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace armature {

/// The protocol a request came by.
enum class Protocol : std::uint8_t { http_1_0, http_1_1, http_2, http_3 };

/// "HTTP/1.1" and so on.
[[nodiscard]] std::string_view to_string(Protocol protocol) noexcept;

/// The control data of a request (RFC 9110 §6.2), the same for every protocol.
struct RequestHead {
    Method method = Method::get;
    Protocol protocol = Protocol::http_1_1;
    bool secure = false;          ///< scheme "https"
    bool path_has_percent = true; ///< `path` may still hold percent-encoded bytes
    bool path_has_dot = true;     ///< `path` may still hold dot segments
    std::string_view method_text = "GET";
    std::string_view target = "/"; ///< the request-target as it was sent
    std::string_view path = "/";   ///< without query, as it was sent; "*" for asterisk-form
    std::string_view query;        ///< without '?', as it was sent
    std::string_view authority;    ///< Host or :authority
};

namespace detail {

// One address per type: identifies it without RTTI and compares as a pointer.
template <class T>
inline constexpr char type_tag = 0;

/// A value that a route carries; see `Request::metadata`.
struct Metadata {
    const void* tag;
    const void* value;
};

/// What a request knows of the route it took. Lives as long as the application.
struct RouteFacts {
    std::string_view pattern;
    const std::string_view* param_names = nullptr; ///< as many as the pattern has parameters
    std::span<const Metadata> metadata;
    std::uint64_t body_limit = 1024 * 1024;
};
inline constexpr RouteFacts no_route{};

} // namespace detail

/// One request, as a handler sees it.
///
/// Lifetime: its texts are views that live until the response was sent; a handler that is a
/// coroutine may keep them across `co_await`. Threads: used on its event loop only.
class Request {
  public:
    /// A request made by hand, for `Application::handle` and tests. `target` may have a query.
    explicit Request(Method method, std::string_view target);
    [[nodiscard]] static Request get(std::string_view target) {
        return Request{Method::get, target};
    }
    [[nodiscard]] static Request post(std::string_view target, std::string content,
                                      std::string_view content_type) {
        Request request{Method::post, target};
        request.set_header("content-type", content_type);
        request.set_body(std::move(content));
        return request;
    }
    /// An empty one for an adapter to fill.
    Request() noexcept = default;
    Request(Request&&) noexcept = default;
    Request& operator=(Request&&) noexcept = default;

    [[nodiscard]] Method method() const noexcept { return head_.method; }
    /// The method as it was sent, also when it is not a registered one.
    [[nodiscard]] std::string_view method_text() const noexcept { return head_.method_text; }
    [[nodiscard]] Protocol protocol() const noexcept { return head_.protocol; }
    [[nodiscard]] std::string_view scheme() const noexcept {
        return head_.secure ? "https" : "http";
    }
    /// Host and port that the client asked for: the Host field or its equivalent.
    [[nodiscard]] std::string_view authority() const noexcept { return head_.authority; }
    /// The request-target as it was sent.
    [[nodiscard]] std::string_view target() const noexcept { return head_.target; }
    /// The path that was routed: percent-decoded. A decoded "%2F" stands as a NUL byte in it.
    [[nodiscard]] std::string_view path() const noexcept { return head_.path; }
    /// The query as it was sent, without '?'. See `QueryPairs::parse`.
    [[nodiscard]] std::string_view query_text() const noexcept { return head_.query; }
    /// The first query parameter of that name, decoded, or nullopt. The view lives as long as the
    /// request. For many parameters use `QueryPairs::parse(request.query_text())`.
    [[nodiscard]] std::optional<std::string_view> query(std::string_view name);

    [[nodiscard]] const Headers& headers() const noexcept { return headers_; }
    [[nodiscard]] std::optional<std::string_view> header(Field field) const noexcept {
        return headers_.get(field);
    }
    [[nodiscard]] std::optional<std::string_view> header(FieldName name) const noexcept {
        return headers_.get(name);
    }

    /// The path parameters, decoded, in the pattern's order.
    [[nodiscard]] const PathParams& params() const noexcept { return params_; }
    /// One of them by name; nullopt when the route has no such parameter.
    [[nodiscard]] std::optional<std::string_view> param(std::string_view name) const noexcept;
    /// The pattern of the matched route, for example "/users/{id}"; empty without one.
    [[nodiscard]] std::string_view route() const noexcept { return route_->pattern; }
    /// What the route, or the nearest of its scopes, was given by `.metadata(T{…})`; null without.
    /// Guards and interceptors read their settings from it. Lives as long as the application.
    template <class T>
    [[nodiscard]] const T* metadata() const noexcept {
        for (const detail::Metadata& entry : route_->metadata)
            if (entry.tag == &detail::type_tag<T>) return static_cast<const T*>(entry.value);
        return nullptr;
    }

    /// What content the route takes at the most, in bytes; see `RoutePolicy::body_limit`.
    [[nodiscard]] std::uint64_t body_limit() const noexcept { return route_->body_limit; }

    /// The content: in memory when it arrived with the head, else a stream.
    [[nodiscard]] Body& body() noexcept { return body_; }
    [[nodiscard]] const Body& body() const noexcept { return body_; }

    /// The connection's other end.
    [[nodiscard]] const PeerAddress& peer() const noexcept { return peer_; }

    /// Attaches a value for later middleware and the handler; replaces one of the same type.
    template <class T>
    T& set(T value) {
        locals_.erase(&detail::type_tag<T>);
        return attach(std::move(value));
    }
    /// Attaches one more value, also of a type that is there already; it lives as long as the
    /// request.
    template <class T>
    T& attach(T value) {
        return emplace<T>(std::move(value));
    }
    /// The same, made in its place from `args`.
    template <class T, class... Args>
    T& emplace(Args&&... args) {
        auto* const local = arena_.create<LocalOf<T>>(std::forward<Args>(args)...);
        local->next = locals_.first;
        locals_.first = local;
        if constexpr (!std::is_trivially_destructible_v<T>) locals_.has_destructors = true;
        return local->value;
    }
    /// The attached value of that type, or null.
    template <class T>
    [[nodiscard]] T* find() noexcept {
        for (Local* local = locals_.first; local != nullptr; local = local->next)
            if (local->tag == &detail::type_tag<T>) return &static_cast<LocalOf<T>*>(local)->value;
        return nullptr;
    }

    /// Memory that lives as long as the request.
    [[nodiscard]] Arena& arena() noexcept { return arena_; }

    /// Whether the request was given up (client gone, time-out, shutdown).
    [[nodiscard]] const Cancellation* cancellation() const noexcept { return cancellation_; }

    // --- For making requests by hand ---

    /// Copies the text. Throws std::invalid_argument as `Headers::append` does.
    Request& set_header(FieldName name, std::string_view value) & {
        headers_.append(name, value);
        return *this;
    }
    Request&& set_header(FieldName name, std::string_view value) && {
        return std::move(set_header(name, value));
    }
    Request& set_body(Body body) & {
        body_ = std::move(body);
        return *this;
    }
    Request&& set_body(Body body) && { return std::move(set_body(std::move(body))); }

    // --- For adapters and the application ---

    [[nodiscard]] RequestHead& head() noexcept { return head_; }
    [[nodiscard]] Headers& mutable_headers() noexcept { return headers_; }
    [[nodiscard]] PathParams& mutable_params() noexcept { return params_; }
    void set_peer(const PeerAddress& peer) noexcept { peer_ = peer; }
    void set_cancellation(Cancellation* cancellation) noexcept { cancellation_ = cancellation; }
    void set_route(const detail::RouteFacts& route) noexcept { route_ = &route; }
    /// Copies the head's text from the read buffer into the arena, so that the buffer can go.
    /// `from` and `size` delimit the head in that buffer.
    void detach(const char* from, std::size_t size);
    /// Forgets everything but keeps storage, for the next request of the same loop.
    void reset() noexcept {
        locals_.clear();
        headers_.clear();
        body_.clear();
        params_.truncate(0);
        route_ = &detail::no_route;
        arena_.reset();
    }

  private:
    struct Local {
        const void* tag;
        Local* next;
        void (*destroy)(Local* local) noexcept; ///< null when there is nothing to do
    };
    template <class T>
    struct LocalOf : Local {
        template <class... Args>
        explicit LocalOf(Args&&... args)
            : Local{&detail::type_tag<T>, nullptr, destructor()},
              value(std::forward<Args>(args)...) {}
        static constexpr auto destructor() noexcept -> void (*)(Local*) noexcept {
            if constexpr (std::is_trivially_destructible_v<T>)
                return nullptr;
            else
                return [](Local* local) noexcept { static_cast<LocalOf*>(local)->value.~T(); };
        }
        T value;
    };

    // The attached values. Their memory is the arena's; this only runs their destructors.
    struct Locals {
        Locals() noexcept = default;
        Locals(Locals&& other) noexcept
            : first(detail::take(other.first)), has_destructors(other.has_destructors) {}
        Locals& operator=(Locals&& other) noexcept {
            clear();
            first = detail::take(other.first);
            has_destructors = other.has_destructors;
            return *this;
        }
        ~Locals() { clear(); }
        void clear() noexcept {
            if (has_destructors) destroy_all();
            first = nullptr;
            has_destructors = false;
        }
        void destroy_all() noexcept;
        void erase(const void* tag) noexcept;

        Local* first = nullptr;
        bool has_destructors = false; ///< one of them may have one that does something
    };

    Arena arena_;
    RequestHead head_;
    Headers headers_;
    Body body_;
    Locals locals_;
    Cancellation* cancellation_ = nullptr;
    const detail::RouteFacts* route_ = &detail::no_route;
    PeerAddress peer_;
    PathParams params_;
};

} // namespace armature

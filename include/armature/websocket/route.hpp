#pragma once

#include <armature/app/route.hpp>
#include <armature/core/owned.hpp>
#include <armature/websocket/options.hpp>
#include <armature/websocket/websocket.hpp>

#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>

namespace armature {

namespace detail {

/// What runs once the connection is a WebSocket's: the handler with its arguments.
class WebSocketStart {
  public:
    virtual ~WebSocketStart() = default;
    virtual Task<> run(WebSocket& socket) = 0;
};

/// Checks the handshake (RFC 6455 §4.2, RFC 8441 §5) and answers it. Throws `Error`: 400, 403, 426.
[[nodiscard]] Response accept_websocket(const Request& request, const WebSocketOptions& options,
                                        Owned<WebSocketStart> start);
void document_websocket(OperationInfo& operation);
/// Throws std::invalid_argument.
void check_websocket_options(const WebSocketOptions& options);

// The callbacks of an object as a coroutine. Each may return void or Task<>.
template <class Events>
Task<> run_websocket_events(WebSocket& socket, Events events) {
    std::exception_ptr error;
    try {
        if constexpr (requires {
                          { events.on_open(socket) } -> std::same_as<Task<>>;
                      })
            co_await events.on_open(socket);
        else if constexpr (requires { events.on_open(socket); })
            events.on_open(socket);
        for (;;) {
            const std::optional<WebSocket::Message> message = co_await socket.receive();
            if (!message) break;
            if constexpr (std::is_void_v<decltype(events.on_message(socket, *message))>)
                events.on_message(socket, *message);
            else
                co_await events.on_message(socket, *message);
        }
    } catch (...) {
        error = std::current_exception();
    }
    if constexpr (requires {
                      { events.on_close(socket) } -> std::same_as<Task<>>;
                  })
        co_await events.on_close(socket);
    else if constexpr (requires { events.on_close(socket); })
        events.on_close(socket);
    if (error) std::rethrow_exception(error);
}

template <class T>
concept WebSocketEvents = requires(T& events, WebSocket& socket, WebSocket::Message message) {
    events.on_message(socket, message);
};

// A WebSocket's handler as a handler of GET: it takes what the handler takes, less the socket.
template <class F, class... Args>
class WebSocketHandler {
  public:
    WebSocketHandler(F function, WebSocketOptions options)
        : function_(std::move(function)), options_(new WebSocketOptions(std::move(options))) {}

    // A task, so that the request outlives the read buffer: the handler may go on using it.
    Task<Response> operator()(Request& request, Args... args) const {
        Owned<WebSocketStart> start{new Start(function_, std::forward<Args>(args)...)};
        co_return accept_websocket(request, *options_, std::move(start));
    }

  private:
    struct Start final : WebSocketStart {
        explicit Start(const F& handler, Args... given)
            : function(handler), args(std::forward<Args>(given)...) {}
        Task<> run(WebSocket& socket) override {
            return std::apply(
                [&](Args&... each) -> Task<> {
                    if constexpr (std::is_invocable_v<const F&, WebSocket&, Args...>)
                        return function(socket, std::forward<Args>(each)...);
                    else
                        return run_websocket_events(socket, function(std::forward<Args>(each)...));
                },
                args);
        }
        const F& function; // the application's, which outlives every connection
        std::tuple<Args...> args;
    };

    F function_;
    Owned<const WebSocketOptions> options_;
};

template <class... Args>
struct ParameterList {};

template <class F, class Result, class Parameters>
struct WebSocketHandlerOf {
    static constexpr bool fits = false;
};
template <class F, class... Args>
struct WebSocketHandlerOf<F, Task<>, ParameterList<WebSocket&, Args...>> {
    static constexpr bool fits = true;
    using type = WebSocketHandler<F, Args...>;
};
template <class F, WebSocketEvents Events, class... Args>
struct WebSocketHandlerOf<F, Events, ParameterList<Args...>> {
    static constexpr bool fits = true;
    using type = WebSocketHandler<F, Args...>;
};

template <class F>
constexpr bool is_websocket_handler() {
    if constexpr (has_shape<F>)
        return WebSocketHandlerOf<F, typename ShapeOf<F>::Result,
                                  typename ShapeOf<F>::template Parameters<ParameterList>>::fits;
    else
        return false;
}

} // namespace detail

/// The route of a WebSocket: `.route("/ws/{room}", websocket(handler))`. Behind the scope's
/// middleware like any GET, on every protocol version.
///
/// `handler` takes the socket and then what other handlers take, and returns Task<>:
///
///     websocket([](WebSocket& socket, Path<std::string> room, State<Rooms> rooms) -> Task<> { … })
///
/// or it takes only the latter and returns an object with callbacks, of which each socket has its
/// own: `on_message(WebSocket&, WebSocket::Message)` and, if there, `on_open(WebSocket&)` and
/// `on_close(WebSocket&)`; each returns void or Task<>.
///
/// Its arguments, views of the request among them, live as long as the socket. Throws
/// std::invalid_argument for options out of their bounds.
template <class F>
auto websocket(F handler, WebSocketOptions options = {}) {
    static_assert(
        detail::is_websocket_handler<F>(),
        "armature: a WebSocket handler takes WebSocket& and then extractors and returns Task<>, or "
        "takes extractors only and returns an object that has on_message(WebSocket&, "
        "WebSocket::Message)");
    detail::check_websocket_options(options);
    using Shape = detail::ShapeOf<F>;
    using Handler = typename detail::WebSocketHandlerOf<
        F, typename Shape::Result,
        typename Shape::template Parameters<detail::ParameterList>>::type;
    return get(Handler{std::move(handler), std::move(options)})
        .document(&detail::document_websocket);
}

} // namespace armature

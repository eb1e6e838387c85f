#include "cli/dev/proxy.hpp"

#include "cli/dev/upstream.hpp"
#include "core/list_field.hpp"

#include <armature/core/media_type.hpp>
#include <armature/sse/event_stream.hpp>

#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

namespace armature::cli::dev {

namespace {

constexpr const char* events_path = "/_armature/dev/events";
constexpr const char* script_path = "/_armature/dev/reload.js";
// How long a broken connection may be ahead of the news that the program ended.
constexpr Duration news_delay = Duration::milliseconds(500);
constexpr Duration look_again = Duration::milliseconds(5);

// Loads the page anew when another program runs, or none. Not while nobody looks at it: a browser
// opens few connections to a host.
constexpr std::string_view reload_script = R"((() => {
  const generation = document.currentScript.dataset.generation;
  let events;
  const listen = () => {
    events?.close();
    if (document.visibilityState === 'hidden') return;
    events = new EventSource(')"
                                           "/_armature/dev/events"
                                           R"(');
    events.onmessage = (event) => {
      if (event.data === generation) return;
      events.close();
      location.reload();
    };
  };
  document.addEventListener('visibilitychange', listen);
  addEventListener('pagehide', () => events?.close());
  listen();
})();
)";

// The first nonce of the page's policy, which a script needs there.
std::string_view nonce_of(const Headers& headers) {
    const auto policy = headers.get(Field::content_security_policy);
    constexpr std::string_view start = "'nonce-";
    const std::size_t at = policy ? policy->find(start) : std::string_view::npos;
    if (at == std::string_view::npos) return {};
    const std::string_view rest = policy->substr(at + start.size());
    const std::string_view nonce = rest.substr(0, rest.find('\''));
    // It stands in an attribute: base64 only (CSP Level 3, §2.3.1).
    return nonce.find_first_of("\"<>& ") == nonce.npos ? nonce : std::string_view{};
}

std::string script_element(std::uint64_t generation, std::string_view nonce) {
    std::string element = "<script src=\"";
    element.append(script_path).append("\" data-generation=\"");
    element += std::to_string(generation) + '"';
    if (!nonce.empty()) element.append(" nonce=\"").append(nonce) += '"';
    return element + "></script>";
}

// Content with a piece of text behind it.
class WithEnd final : public BodyStream {
  public:
    WithEnd(Body content, std::string end) : content_(std::move(content)), end_(std::move(end)) {}
    Task<std::optional<std::string_view>> next() override {
        if (!is_at_end_) {
            if (const auto piece = co_await content_.stream().next()) co_return piece;
            is_at_end_ = true;
            co_return std::string_view{end_};
        }
        co_return std::nullopt;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const noexcept override {
        const auto size = content_.size();
        return size ? std::optional{*size + end_.size()} : std::nullopt;
    }

  private:
    Body content_;
    std::string end_;
    bool is_at_end_ = false;
};

// Whether the client looks at the response as a page, not at a part of one or as a program does.
bool is_for_a_page(const Request& request) {
    const auto destination = request.header(Field::sec_fetch_dest);
    return !destination || *destination == "document" || *destination == "iframe" ||
           *destination == "frame";
}

bool wants_html(const Request& request) {
    static constexpr std::array<std::string_view, 2> offers{"application/problem+json",
                                                            "text/html"};
    const auto accept = request.header(Field::accept);
    // A client that takes anything is a program: browsers name HTML.
    return accept && accept->find("text/html") != accept->npos &&
           negotiate_media_type(request.headers(), offers) == std::size_t{1};
}

class Proxy {
  public:
    Proxy(Situation& situation, ProxyOptions options)
        : situation_(situation), options_(std::move(options)) {}

    Task<Response> answer(Request& request) const {
        for (;;) {
            Situation::View view = co_await situation_.settled();
            if (view.failure != nullptr) co_return failure(request, *view.failure, view.generation);
            std::unique_ptr<Upstream> upstream;
            bool is_broken = false;
            try {
                upstream = co_await Upstream::connect(options_.socket);
                // A program that ended meanwhile won't take the connection out of its queue.
                if (!situation_.is_running(view.generation)) continue;
                upstream->send(request, injects(request));
                co_await upstream->receive_head();
            } catch (const NoAnswer&) {
                is_broken = true;
            }
            if (!is_broken) co_return respond(request, std::move(upstream), view.generation);
            upstream.reset();
            view.pass.give_back();
            // Why, if it ended, is known in a moment.
            for (Duration waited; waited.count() < news_delay.count();
                 waited = Duration::milliseconds(waited.count() + look_again.count())) {
                if (!situation_.is_running(view.generation)) break;
                co_await sleep_for(look_again);
            }
            view = co_await situation_.settled();
            if (view.failure != nullptr) co_return failure(request, *view.failure, view.generation);
            co_return Response::problem(Status::bad_gateway, NoAnswer{}.what());
        }
    }

    Response events() const {
        auto produce = [this](EventWriter& out) -> Task<> {
            std::uint64_t known = 0;
            for (;;) {
                known = co_await situation_.generation_after(known);
                Event event;
                event.data(std::to_string(known));
                co_await out.send(event);
            }
        };
        return EventStream{std::move(produce)}.into_response();
    }

  private:
    bool injects(const Request& request) const {
        return options_.reload && is_for_a_page(request) && request.method() != Method::head &&
               request.header(Field::accept).value_or("").find("text/html") !=
                   std::string_view::npos;
    }

    Response failure(const Request& request, const Failure& why, std::uint64_t generation) const {
        Response response{Status::service_unavailable};
        response.header(Field::cache_control, "no-store");
        response.header(Field::retry_after, "1");
        response.header(Field::vary, "accept");
        if (!wants_html(request)) {
            response.set_content(media_types::problem_json, failure_problem(why));
            return response;
        }
        PageOptions page;
        page.editor = options_.editor;
        if (options_.reload) page.script = script_element(generation, {});
        response.set_content(media_types::html, failure_page(why, page));
        return response;
    }

    Response respond(const Request& request, std::unique_ptr<Upstream> upstream,
                     std::uint64_t generation) const {
        const Status status = upstream->status();
        const Headers& fields = upstream->headers();
        Response response;
        if (status == Status::switching_protocols) {
            const std::string protocol{fields.get(Field::upgrade).value_or("")};
            Headers kept;
            for (const Headers::Entry& field : fields)
                if (!is_hop_by_hop(fields, field)) kept.append(field.name(), field.value());
            auto tunnel = [upstream = std::move(upstream)](ByteStream& client) mutable {
                return Upstream::tunnel(std::move(upstream), client);
            };
            response = Response::upgrade(protocol, std::move(tunnel));
            for (const Headers::Entry& field : kept)
                response.headers().append(field.name(), field.value());
            return response;
        }
        response.status(status);
        for (const Headers::Entry& field : fields)
            if (!is_hop_by_hop(fields, field))
                response.headers().append(field.name(), field.value());
        if (status == Status::upgrade_required)
            if (const auto protocol = fields.get(Field::upgrade))
                response.headers().append(Field::upgrade, *protocol);
        const auto type = MediaType::parse(fields.get(Field::content_type).value_or(""));
        const bool is_page = options_.reload && request.method() != Method::head &&
                             is_for_a_page(request) && type && type->is("text/html") &&
                             !fields.contains(Field::content_encoding) &&
                             status != Status::partial_content && status != Status::no_content &&
                             status != Status::not_modified;
        std::string script;
        if (is_page) script = script_element(generation, nonce_of(fields));
        Body content = Upstream::content(std::move(upstream), request.method() == Method::head);
        if (!is_page) return std::move(response).body(std::move(content));
        // A page out of a cache would be of an old generation, and load itself anew for ever.
        response.header(Field::cache_control, "no-store");
        response.body(Body{std::make_unique<WithEnd>(std::move(content), std::move(script))});
        return response;
    }

    Situation& situation_;
    ProxyOptions options_;
};

} // namespace

Application make_proxy(Situation& situation, ProxyOptions options) {
    const bool reload = options.reload;
    const auto proxy = std::make_shared<const Proxy>(situation, std::move(options));
    App app = App::create();
    app.body_limit(std::numeric_limits<std::int64_t>::max()); // the program has its own
    if (reload) {
        app.route_at_runtime(events_path, get([proxy] { return proxy->events(); }));
        app.route_at_runtime(script_path, get([] {
                                 Response script;
                                 script.header(Field::cache_control, "no-store");
                                 script.set_content(media_types::javascript,
                                                    Body::view(reload_script));
                                 return script;
                             }));
    }
    app.default_service(
        [proxy](Request& request) -> Task<Response> { return proxy->answer(request); });
    return app.build();
}

} // namespace armature::cli::dev

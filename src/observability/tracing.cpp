#include "observability/clock.hpp"
#include "observability/exporter.hpp"

#include <armature/client/client.hpp>
#include <armature/core/url.hpp>

#include <algorithm>
#include <charconv>
#include <exception>

namespace armature {

using detail::Exporter;
using detail::SpanKind;
using detail::SpanRecord;

namespace detail {

void SpanAttributes::set(std::string_view name, const log::Value& value) {
    const auto of_that_name = [&](const Entry& entry) {
        return std::string_view{text_}.substr(entry.name, entry.name_size) == name;
    };
    auto place = std::find_if(entries_.begin(), entries_.end(), of_that_name);
    if (place == entries_.end()) {
        if (entries_.size() == max_count) {
            ++dropped_;
            return;
        }
        name = name.substr(0, max_text);
        const auto at = static_cast<std::uint32_t>(text_.size());
        text_ += name;
        entries_.push_back({at, static_cast<std::uint32_t>(name.size()), 0, 0, value});
        place = entries_.end() - 1;
    }
    place->value = value;
    if (value.kind() != log::Value::Kind::text) return;
    const std::string_view text = value.text().substr(0, max_text);
    place->text = static_cast<std::uint32_t>(text_.size());
    place->text_size = static_cast<std::uint32_t>(text.size());
    text_ += text;
}

SpanRecord::SpanRecord(std::shared_ptr<Exporter> to, TraceContext of, std::string_view within,
                       SpanKind as, std::string_view called)
    : exporter(std::move(to)), context(std::move(of)), parent(within), kind(as),
      exceptions(std::uncaught_exceptions()), steady_start(nanoseconds()),
      start(nanoseconds(CLOCK_REALTIME)), name(called.substr(0, max_name)) {}

std::int64_t SpanRecord::now() const noexcept { return start + nanoseconds() - steady_start; }

void SpanRecord::fail(std::string_view type, std::string_view text) {
    failed = true;
    message.assign(text.substr(0, SpanAttributes::max_text));
    attributes.set("error.type", type);
}

void SpanRecord::finish(SpanRecord* record) noexcept {
    record->end = record->now();
    // It may be the last to hold the exporter, which then ends here and sends what waits.
    const std::shared_ptr<Exporter> exporter = std::move(record->exporter);
    exporter->push(record);
}

} // namespace detail

// --- spans --------------------------------------------------------------------------------------

Span::Span(Span&& other) noexcept
    : context_(std::move(other.context_)), record_(std::exchange(other.record_, nullptr)) {}

Span& Span::operator=(Span&& other) noexcept {
    if (this == &other) return *this;
    end();
    context_ = std::move(other.context_);
    record_ = std::exchange(other.record_, nullptr);
    return *this;
}

Span::~Span() {
    if (record_ == nullptr) return;
    if (std::uncaught_exceptions() > record_->exceptions && !record_->failed) {
        try {
            record_->fail("exception", {});
        } catch (const std::bad_alloc&) { // then it is exported without
        }
    }
    end();
}

void Span::end() noexcept {
    if (record_ != nullptr) SpanRecord::finish(std::exchange(record_, nullptr));
}

Span Span::child(std::string_view name) const {
    if (record_ == nullptr) return Span{context_, nullptr};
    TraceContext made = context_.child();
    auto* const record =
        new SpanRecord{record_->exporter, made, context_.span_id(), SpanKind::internal, name};
    return Span{std::move(made), record};
}

Span& Span::set(std::string_view name, const log::Value& value) {
    if (record_ != nullptr) record_->attributes.set(name, value);
    return *this;
}

Span& Span::event(std::string_view name, log::Fields attributes) {
    if (record_ == nullptr) return *this;
    if (record_->events.size() == SpanRecord::max_events) {
        ++record_->dropped_events;
        return *this;
    }
    detail::SpanEvent& event = record_->events.emplace_back(
        record_->now(), std::string{name.substr(0, SpanRecord::max_name)},
        detail::SpanAttributes{});
    for (const log::Field& field : attributes)
        event.attributes.set(field.name, field.value);
    return *this;
}

Span& Span::fail(std::string_view type, std::string_view message) {
    if (record_ != nullptr) record_->fail(type, message);
    return *this;
}

// --- the tracer ---------------------------------------------------------------------------------

// A span without a parent, or with one that is elsewhere.
Span Tracer::begin(const TraceContext* parent, detail::SpanKind kind, std::string_view name) const {
    if (parent != nullptr && (!parent->sampled() || !exporter_->records()))
        return Span{*parent, nullptr}; // passed on as it came
    TraceContext context = parent != nullptr ? parent->child() : TraceContext::start(true);
    if (parent == nullptr &&
        !(exporter_->records() && context.falls_into(exporter_->options().ratio))) {
        context.set_sampled(false);
        return Span{std::move(context), nullptr};
    }
    auto* const record = new SpanRecord{
        exporter_, context, parent != nullptr ? parent->span_id() : std::string_view{}, kind, name};
    return Span{std::move(context), record};
}

Tracer::Tracer(TracerOptions options) : exporter_(std::make_shared<Exporter>(std::move(options))) {}

Span Tracer::start(std::string_view name) const { return begin(nullptr, SpanKind::internal, name); }
Span Tracer::start(std::string_view name, const TraceContext& parent) const {
    return begin(&parent, SpanKind::internal, name);
}
bool Tracer::flush(Duration timeout) const { return exporter_->flush(timeout); }
std::uint64_t Tracer::dropped() const noexcept { return exporter_->dropped(); }

// --- HTTP ---------------------------------------------------------------------------------------

namespace {

// Host and port of an authority; an IPv6 address without its brackets.
struct HostAndPort {
    std::string_view host;
    std::uint16_t port;
};
HostAndPort split_authority(std::string_view authority, bool secure) noexcept {
    HostAndPort parts{authority, static_cast<std::uint16_t>(secure ? 443 : 80)};
    const std::size_t colon = authority.rfind(':');
    if (colon != std::string_view::npos && !authority.ends_with(']')) {
        const std::string_view port = authority.substr(colon + 1);
        std::from_chars(port.data(), port.data() + port.size(), parts.port);
        parts.host = authority.substr(0, colon);
    }
    if (parts.host.starts_with('[') && parts.host.ends_with(']'))
        parts.host = parts.host.substr(1, parts.host.size() - 2);
    return parts;
}

std::string_view protocol_version(Protocol protocol) noexcept {
    const std::string_view name = to_string(protocol);
    return name.substr(name.find('/') + 1);
}

void describe_request(SpanRecord& span, const Request& request, bool with_query) {
    detail::SpanAttributes& to = span.attributes;
    const bool known = request.method() != Method::other;
    to.set("http.request.method", known ? request.method_text() : std::string_view{"_OTHER"});
    if (!known) to.set("http.request.method_original", request.method_text());
    const std::string_view target = request.target();
    to.set("url.path", target.substr(0, target.find('?')));
    if (with_query && !request.query_text().empty()) to.set("url.query", request.query_text());
    to.set("url.scheme", request.scheme());
    if (!request.authority().empty()) {
        const auto [host, port] = split_authority(request.authority(), request.scheme() == "https");
        to.set("server.address", host);
        to.set("server.port", port);
    }
    to.set("network.protocol.version", protocol_version(request.protocol()));
    const PeerAddress& peer = request.peer();
    if (peer.family() == PeerAddress::Family::ipv4 || peer.family() == PeerAddress::Family::ipv6) {
        const std::string address = peer.address();
        to.set("client.address", address);
        to.set("network.peer.address", address);
        to.set("network.peer.port", peer.port());
    }
    if (const auto agent = request.header(Field::user_agent)) to.set("user_agent.original", *agent);
}

std::string_view error_type(ClientError::Kind kind) noexcept {
    switch (kind) {
    case ClientError::Kind::url:
        return "url";
    case ClientError::Kind::resolve:
        return "resolve";
    case ClientError::Kind::connect:
        return "connect";
    case ClientError::Kind::tls:
        return "tls";
    case ClientError::Kind::timeout:
        return "timeout";
    case ClientError::Kind::protocol:
        return "protocol";
    case ClientError::Kind::redirects:
        return "redirects";
    case ClientError::Kind::circuit:
        return "circuit";
    case ClientError::Kind::address:
        return "address";
    case ClientError::Kind::broken:
        return "broken";
    }
    return "_OTHER";
}

std::string code_text(Status status) {
    return std::to_string(static_cast<unsigned>(status_code(status)));
}

} // namespace

void Tracing::before(Request& request) const {
    if (request.find<Span>() != nullptr) return; // from a scope around
    std::optional<TraceContext> parent;
    if (trust_ == Trust::everybody) parent = TraceContext::from(request.headers());
    const bool known = request.method() != Method::other;
    Span& span =
        request.attach(tracer_.begin(parent ? &*parent : nullptr, SpanKind::server,
                                     known ? request.method_text() : std::string_view{"HTTP"}));
    if (span.record_ != nullptr)
        describe_request(*span.record_, request, tracer_.exporter_->options().query);
}

void Tracing::after(Request& request, Response& response) const {
    SpanRecord* const span = request.find<Span>()->record_;
    if (span == nullptr) return;
    if (const std::string_view route = request.route(); !route.empty()) {
        span->attributes.set("http.route", route);
        if (request.method() != Method::other)
            span->rename(std::string{request.method_text()}.append(" ").append(route));
    }
    const unsigned code = status_code(response.status());
    span->attributes.set("http.response.status_code", code);
    // What a client did wrong is no failure of the server's.
    if (code >= 500 && !span->failed) span->fail(code_text(response.status()), {});
}

Task<ClientResponse> Span::send(Client& client, ClientRequest request) const {
    Span span = child(to_string(request.method()));
    if (span.record_ != nullptr) {
        span.record_->kind = SpanKind::client;
        detail::SpanAttributes& to = span.record_->attributes;
        to.set("http.request.method", to_string(request.method()));
        if (const std::optional<Url> url = Url::parse(request.url())) {
            to.set("server.address", url->host());
            to.set("server.port", url->port().value_or(url->scheme() == "https" ? 443 : 80));
            const std::string& text = request.url();
            to.set("url.full", span.record_->exporter->options().query
                                   ? std::string_view{text}
                                   : std::string_view{text}.substr(0, text.find_first_of("?#")));
        }
    }
    request.header("traceparent", span.context_.to_string());
    if (!span.context_.state().empty()) request.header("tracestate", span.context_.state());
    try {
        ClientResponse response = co_await client.send(std::move(request));
        const unsigned code = status_code(response.status());
        span.set("http.response.status_code", code);
        span.set("network.protocol.version", response.http_version() == 2 ? "2" : "1.1");
        if (code >= 400) span.fail(code_text(response.status()));
        co_return response;
    } catch (const ClientError& error) {
        span.fail(error_type(error.kind()), error.what());
        throw;
    } catch (const Cancelled& cancelled) {
        span.fail("cancelled", cancelled.what());
        throw;
    }
}

} // namespace armature

#include "client.hpp"

#include <algorithm>

namespace PACKAGE {

namespace {

std::string without_slash(std::string url) {
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

bool has_word(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::size_t size = std::min(list.find(' '), list.size());
        if (list.substr(0, size) == word) return true;
        list.remove_prefix(std::min(size + 1, list.size()));
    }
    return false;
}

} // namespace

MemberNames::MemberNames(std::string_view text) {
    armature::JsonErrors errors;
    armature::JsonReader reader(text, errors);
    // What is wrong is said when the value itself is read.
    (void)reader.read_map(&names_, [](armature::JsonReader& member, void* names,
                                      armature::JsonPath& step, armature::JsonStatus& status) {
        const auto [place, is_new] =
            static_cast<std::set<std::string, std::less<>>*>(names)->emplace(step.key);
        if (!is_new) return false;
        step.key = *place;
        status = member.skip_value();
        return true;
    });
}

bool MemberNames::have(std::initializer_list<std::string_view> names) const {
    return std::all_of(names.begin(), names.end(),
                       [&](std::string_view name) { return names_.contains(name); });
}

std::optional<std::string> Head::next() const {
    std::optional<std::string> found;
    headers.all("link", [&](std::string_view text) {
        // <target>; rel="next", <target>…
        while (!found) {
            const std::size_t open = text.find('<');
            const std::size_t close = text.find('>', open);
            if (open == text.npos || close == text.npos) return;
            const std::string_view target = text.substr(open + 1, close - open - 1);
            text.remove_prefix(close + 1);
            const std::string_view parameters = text.substr(0, text.find('<'));
            const std::size_t rel = parameters.find("rel=");
            if (rel == parameters.npos) continue;
            std::string_view value = parameters.substr(rel + 4);
            if (value.starts_with('"')) {
                value.remove_prefix(1);
                value = value.substr(0, value.find('"'));
            } else {
                value = value.substr(0, value.find_first_of(";, "));
            }
            if (!has_word(value, "next")) continue;
            if (target.starts_with("http://") || target.starts_with("https://"))
                found = std::string(target);
            else if (target.starts_with('/'))
                found = url.substr(0, url.find('/', url.find("://") + 3)) + std::string(target);
            else
                found = url.substr(0, target.starts_with('?') ? url.find('?')
                                                              : url.rfind('/', url.find('?')) + 1) +
                        std::string(target);
        }
    });
    return found;
}

armature::Task<std::optional<std::string>> Lines::next() {
    while (true) {
        // A carriage return at the end may be the half of a line's end.
        const std::size_t end = rest_.find_first_of("\r\n");
        if (end != rest_.npos && (rest_[end] == '\n' || end + 1 < rest_.size() || is_at_end_)) {
            std::string line = rest_.substr(0, end);
            const bool is_pair = rest_[end] == '\r' && end + 1 < rest_.size() &&
                                 rest_[end + 1] == '\n';
            rest_.erase(0, end + (is_pair ? 2 : 1));
            co_return line;
        }
        if (is_at_end_) {
            if (rest_.empty()) co_return std::nullopt;
            co_return std::exchange(rest_, std::string());
        }
        const std::optional<std::string_view> more = co_await response_.body().stream().next();
        if (more)
            rest_ += *more;
        else
            is_at_end_ = true;
    }
}

armature::Task<std::optional<Event>> Events::next() {
    Event event;
    bool has_data = false;
    while (true) {
        const std::optional<std::string> line = co_await lines_.next();
        if (!line) co_return std::nullopt;
        if (line->empty()) {
            event.id = last_id_;
            if (has_data) co_return event;
            event = Event();
            continue;
        }
        const std::size_t colon = line->find(':');
        const std::string_view field = std::string_view(*line).substr(0, colon);
        std::string_view value;
        if (colon != line->npos) value = std::string_view(*line).substr(colon + 1);
        if (value.starts_with(' ')) value.remove_prefix(1);
        if (field == "data") {
            if (has_data) event.data += '\n';
            event.data += value;
            has_data = true;
        } else if (field == "event") {
            event.event = value;
        } else if (field == "id" && value.find('\0') == value.npos) {
            last_id_ = value;
        }
    }
}

Core::Core(armature::Client& client, Options options, std::string_view server,
           std::initializer_list<Scheme> schemes)
    : client_(client), options_(std::move(options)),
      base_(without_slash(options_.base_url.empty() ? std::string(server) : options_.base_url)),
      schemes_(schemes) {
    if (!base_.starts_with("http://") && !base_.starts_with("https://"))
        throw std::invalid_argument("the client needs a base_url: its document names no server");
}

void Core::show_credentials(Call& call) const {
    for (const std::vector<std::string_view>& set : call.sets_) {
        bool is_complete = true;
        for (const std::string_view name : set)
            is_complete &= options_.credentials.contains(name);
        if (!is_complete) continue;
        for (const std::string_view name : set) {
            const std::string value = options_.credentials.find(name)->second.get();
            for (const Scheme& scheme : schemes_) {
                if (scheme.name != name) continue;
                switch (scheme.kind) {
                case Scheme::Kind::bearer:
                    call.header("authorization", "Bearer " + value);
                    break;
                case Scheme::Kind::basic:
                    call.header("authorization", "Basic " + value);
                    break;
                case Scheme::Kind::header:
                    call.header(scheme.field, value);
                    break;
                case Scheme::Kind::query:
                    call.query(scheme.field, value);
                    break;
                case Scheme::Kind::cookie:
                    call.cookie(scheme.field, value);
                    break;
                }
            }
        }
        return;
    }
}

armature::ClientRequest Core::request(Call& call, std::string url) const {
    armature::ClientRequest request(call.method_, url);
    const bool writes =
        call.method_ == armature::Method::post || call.method_ == armature::Method::patch;
    const std::string field = call.idempotency_.empty() ? "Idempotency-Key" : call.idempotency_;
    bool has_key = false;
    for (const auto& [name, value] : call.headers_) {
        has_key |= armature::Headers::equal_names(name, field);
        request.header(name, value);
    }
    if (writes && !has_key && (options_.idempotency_keys || !call.idempotency_.empty()))
        request.header(field, to_text(armature::Uuid::v4()));
    if (!call.cookies_.empty()) request.header("cookie", call.cookies_);
    if (call.body_) request.body(call.type_, std::move(*call.body_));
    return request;
}

armature::Task<armature::ClientResponse> Core::send(Call call, Head* head) {
    show_credentials(call);
    std::string url =
        (options_.base_url.empty() && !call.server_.empty() ? call.server_ : base_) + call.path_;
    if (!call.query_.text().empty()) 
        url += (call.path_.find('?') == call.path_.npos ? "?" : "&") + call.query_.text();
    armature::ClientRequest made = request(call, std::move(url));
    armature::ClientResponse response = co_await client_.send(std::move(made));
    if (head != nullptr) {
        head->status = response.status();
        head->headers = armature::Headers();
        for (const auto& entry : response.headers())
            head->headers.append(entry.name(), entry.value());
        head->url = response.url();
    }
    if (armature::status_code(response.status()) >= 400) {
        const std::string type(response.header("content-type").value_or(""));
        std::string content = co_await response.text(options_.content_limit);
        throw ApiError(response.status(), type, std::move(content));
    }
    co_return response;
}

armature::Task<armature::ClientResponse> Core::send_to(std::string url, Call call, Head* head) {
    // The credentials are for this service.
    if (!url.starts_with(base_) ||
        (url.size() > base_.size() && url[base_.size()] != '/' && url[base_.size()] != '?'))
        throw std::invalid_argument("\"" + url + "\" is not of the service at " + base_);
    call.path_ = url.substr(base_.size());
    call.query_ = Pairs();
    return send(std::move(call), head);
}

} // namespace PACKAGE

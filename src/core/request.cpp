#include <armature/core/request.hpp>
#include <armature/core/url.hpp>

namespace armature {

static_assert(std::is_trivially_destructible_v<PathParams>);

std::string_view to_string(Protocol protocol) noexcept {
    switch (protocol) {
    case Protocol::http_1_0:
        return "HTTP/1.0";
    case Protocol::http_1_1:
        return "HTTP/1.1";
    case Protocol::http_2:
        return "HTTP/2";
    case Protocol::http_3:
        return "HTTP/3";
    }
    return "HTTP/1.1";
}

Request::Request(Method method, std::string_view target) {
    head_.method = method;
    head_.method_text = to_string(method);
    head_.target = arena_.copy(target);
    const std::size_t question = head_.target.find('?');
    head_.path = head_.target.substr(0, question);
    if (question != std::string_view::npos) head_.query = head_.target.substr(question + 1);
    head_.path_has_percent = head_.path.find('%') != std::string_view::npos;
    head_.path_has_dot = head_.path.find("/.") != std::string_view::npos;
    head_.authority = "localhost";
}

std::optional<std::string_view> Request::query(std::string_view name) {
    for (const auto& [raw_name, raw_value] : QueryView{head_.query}) {
        if (form_decode(raw_name, arena_) == name) return form_decode(raw_value, arena_);
    }
    return std::nullopt;
}

std::optional<std::string_view> Request::param(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < params_.size(); ++i)
        if (route_->param_names[i] == name) return params_[i];
    return std::nullopt;
}

void Request::detach(const char* from, std::size_t size) {
    const char* to = arena_.copy({from, size}).data();
    const auto rebase = [&](std::string_view& text) {
        if (text.data() >= from && text.data() <= from + size)
            text = {to + (text.data() - from), text.size()};
    };
    rebase(head_.method_text);
    rebase(head_.target);
    rebase(head_.path);
    rebase(head_.query);
    rebase(head_.authority);
    headers_.rebase(from, size, to);
    params_.rebase(from, size, to);
}

// Each is taken off the list before, because a destructor may look for another one.
void Request::Locals::destroy_all() noexcept {
    while (Local* const local = first) {
        first = local->next;
        if (local->destroy != nullptr) local->destroy(local);
    }
}

void Request::Locals::erase(const void* tag) noexcept {
    for (Local** link = &first; *link != nullptr;) {
        Local* const local = *link;
        if (local->tag != tag) {
            link = &local->next;
            continue;
        }
        *link = local->next;
        if (local->destroy != nullptr) local->destroy(local); // its memory is the arena's
    }
}

} // namespace armature

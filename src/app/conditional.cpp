#include <armature/app/conditional.hpp>
#include <armature/core/http_date.hpp>

#include <functional>

namespace armature {

namespace {

bool is_read(const Request& request) noexcept {
    return request.method() == Method::get || request.method() == Method::head;
}

} // namespace

std::string etag_of(std::string_view content) {
    std::uint64_t hash = std::hash<std::string_view>{}(content);
    std::string tag = "W/\"0000000000000000\"";
    for (std::size_t i = tag.size() - 2; hash != 0; --i, hash >>= 4)
        tag[i] = "0123456789abcdef"[hash & 15];
    return tag;
}

void require_preconditions(const Request& request, const Validators& current, IfMatch policy) {
    static constexpr FieldSet conditions{
        {Field::if_match, Field::if_none_match, Field::if_unmodified_since}};
    if (policy == IfMatch::required && !request.headers().contains_any(conditions))
        throw Error{Status::precondition_required, "Say with If-Match which version you change"};
    if (evaluate_preconditions(request.method(), request.headers(), current) !=
        Precondition::proceed)
        throw Error{Status::precondition_failed, "It has changed since you last saw it"};
}

void AutoETag::after(Request& request, Response& response) const {
    if (!is_read(request) || response.status() != Status::ok || !response.body().in_memory() ||
        response.headers().contains(Field::etag))
        return;
    const std::string tag = etag_of(response.body().text());
    const Validators current{true, tag, std::nullopt};
    if (!detail::answer_unchanged(request, response, current))
        detail::set_validators(response, current);
}

namespace detail {

void set_validators(Response& response, const Validators& current) {
    if (!current.etag.empty()) response.header(Field::etag, current.etag);
    if (current.last_modified) {
        char date[http_date_size];
        write_http_date(*current.last_modified, date);
        response.header(Field::last_modified, {date, http_date_size});
    }
}

bool answer_unchanged(const Request& request, Response& response, const Validators& current) {
    if (!is_read(request)) return false; // what changes something was checked before it did
    switch (evaluate_preconditions(request.method(), request.headers(), current)) {
    case Precondition::proceed:
        return false;
    case Precondition::precondition_failed:
        throw Error{Status::precondition_failed, "It has changed since you last saw it"};
    case Precondition::not_modified:
        break;
    }
    // RFC 9110 §15.4.5: with the fields that the 200 would have, but those of content.
    response.status(Status::not_modified);
    response.body().clear();
    response.headers().erase(Field::content_type);
    set_validators(response, current);
    return true;
}

void document_tagged(OperationInfo& info) {
    info.response(Status::not_modified);
    info.error(Status::precondition_failed);
}

} // namespace detail

} // namespace armature

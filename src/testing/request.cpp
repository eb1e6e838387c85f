#include "testing/transport.hpp"

#include <armature/core/headers.hpp>
#include <armature/testing/request.hpp>

#include <algorithm>
#include <utility>

namespace armature {

namespace {

constexpr std::string_view boundary = "-------armature-test-boundary-7MA4YWxkTrZu0gW";

// Quoted as browsers do (WHATWG HTML, "multipart/form-data encoding algorithm").
std::string quoted(std::string_view name) {
    std::string text;
    for (const char c : name)
        if (c == '"')
            text += "%22";
        else if (c == '\r')
            text += "%0D";
        else if (c == '\n')
            text += "%0A";
        else
            text += c;
    return '"' + text + '"';
}

std::string part_head(std::string_view name) {
    std::string text = "--";
    return text.append(boundary)
        .append("\r\nContent-Disposition: form-data; name=")
        .append(quoted(name));
}

} // namespace

TestRequest::TestRequest(std::shared_ptr<testkit::Session> session, std::string_view method,
                         std::string_view target)
    : session_(std::move(session)), method_(method), target_(target) {}

TestRequest& TestRequest::header(std::string_view name, std::string_view value) {
    Headers{}.append(name, value); // throws for what can't be sent
    fields_.push_back({std::string{name}, std::string{value}});
    return *this;
}

TestRequest& TestRequest::bearer(std::string_view token) {
    return header("authorization", "Bearer " + std::string{token});
}

TestRequest& TestRequest::cookie(std::string_view name, std::string_view value) {
    cookies_.push_back({std::string{name}, std::string{value}});
    return *this;
}

TestRequest& TestRequest::query(std::string_view name, std::string_view value) {
    target_ += target_.find('?') == std::string::npos ? '?' : '&';
    target_ += QueryPairs{}.append(name, value).to_string();
    return *this;
}

TestRequest& TestRequest::body(std::string_view type, std::string content) {
    header("content-type", type);
    content_ = std::move(content);
    return *this;
}

TestRequest& TestRequest::form(std::string_view name, std::string_view value) {
    form_.append(name, value);
    return *this;
}

TestRequest& TestRequest::multipart(std::string_view name, std::string_view value) {
    parts_.append(part_head(name)).append("\r\n\r\n").append(value).append("\r\n");
    return *this;
}

TestRequest& TestRequest::multipart(std::string_view name, std::string_view filename,
                                    std::string_view type, std::string_view content) {
    parts_.append(part_head(name))
        .append("; filename=")
        .append(quoted(filename))
        .append("\r\nContent-Type: ")
        .append(type)
        .append("\r\n\r\n")
        .append(content)
        .append("\r\n");
    return *this;
}

TestRequest& TestRequest::follow_redirects(unsigned most) {
    redirects_ = most;
    return *this;
}

testkit::Outgoing TestRequest::outgoing() const {
    testkit::Outgoing request;
    request.method = method_;
    request.target = target_;
    request.content = content_;
    const auto add = [&](const std::string& name, const std::string& value) {
        if (Headers::equal_names(name, "host"))
            request.host = value;
        else
            request.fields.emplace_back(name, value);
    };
    for (const auto& [name, value] : session_->fields)
        add(name, value);
    for (const Pair& field : fields_)
        add(field.name, field.value);
    if (!form_.empty()) {
        add("content-type", "application/x-www-form-urlencoded");
        request.content = form_.to_string();
    } else if (!parts_.empty()) {
        add("content-type", "multipart/form-data; boundary=" + std::string{boundary});
        request.content = parts_ + "--" + std::string{boundary} + "--\r\n";
    }
    std::string cookies = session_->cookies.header(session_->cookie_target(target_),
                                                   session_->transport->unix_seconds());
    for (const Pair& cookie : cookies_)
        cookies += (cookies.empty() ? "" : "; ") + cookie.name + '=' + cookie.value;
    if (!cookies.empty()) add("cookie", cookies);
    return request;
}

TestResponse TestRequest::send() {
    TestResponse response = start().response();
    for (unsigned followed = 0; followed < redirects_ && redirect(response); ++followed)
        response = start().response();
    return response;
}

// What a browser does (RFC 9110 §15.4): POST becomes GET after 301, 302 and 303. False for what is
// no redirect, or leads elsewhere.
bool TestRequest::redirect(const TestResponse& response) {
    const auto code = status_code(response.status());
    const auto location = response.header("location");
    if (!location || (code != 301 && code != 302 && code != 303 && code != 307 && code != 308))
        return false;
    const std::string origin = session_->transport->origin();
    const auto here = Url::parse(origin + target_);
    const auto reference = Url::parse(*location);
    if (!here || !reference) return false;
    const Url next = here->resolve(*reference);
    const std::string url = next.to_string();
    if (!url.starts_with(origin + "/")) return false;
    target_ = url.substr(origin.size(), url.find('#') - origin.size());
    const bool becomes_get = code == 303 ? method_ != "HEAD" : code <= 302 && method_ == "POST";
    if (becomes_get) {
        method_ = "GET";
        content_.reset();
        form_ = QueryPairs{};
        parts_.clear();
        std::erase_if(fields_, [](const Pair& field) {
            return Headers::equal_names(field.name, "content-type");
        });
    }
    return true;
}

TestCall TestRequest::start() {
    const testkit::Outgoing request = outgoing();
    return TestCall{session_->transport->begin(request), session_, target_};
}

TestCall TestRequest::upload() {
    testkit::Outgoing request = outgoing();
    request.content.reset();
    request.content_follows = true;
    const bool has_type =
        std::any_of(request.fields.begin(), request.fields.end(), [](const auto& field) {
            return Headers::equal_names(field.first, "content-type");
        });
    if (!has_type) request.fields.emplace_back("content-type", "application/octet-stream");
    return TestCall{session_->transport->begin(request), session_, target_};
}

} // namespace armature

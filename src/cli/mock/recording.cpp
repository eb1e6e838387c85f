#include "cli/mock/recording.hpp"

#include "terminal/command.hpp"

#include <armature/core/base64.hpp>
#include <armature/core/url.hpp>
#include <armature/core/utf8.hpp>

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace armature::cli::mock {

namespace {

constexpr const char* hidden = "[redacted]";
constexpr std::array<std::string_view, 8> hidden_fields{
    "authorization", "proxy-authorization", "cookie",       "set-cookie",
    "x-api-key",     "x-auth-token",        "x-csrf-token", "www-authenticate"};
constexpr std::array<std::string_view, 8> hidden_words{
    "password", "passwd", "secret", "token", "apikey", "api_key", "api-key", "credential"};

std::string lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

// Text as it is, other bytes in base64; JSON and forms without what is hidden.
json content_of(const std::string& content, std::string_view type, const Redaction& redaction) {
    if (content.empty()) return nullptr;
    json document = json::parse(content, nullptr, false);
    if (!document.is_discarded() && document.is_structured()) {
        redaction.apply(document);
        return {{"json", std::move(document)}};
    }
    if (type.find("x-www-form-urlencoded") != type.npos)
        return {{"text", redaction.query(content)}};
    if (is_utf8(content)) return {{"text", content}};
    return {{"base64", to_base64(content)}};
}

json fields_of(const Headers& headers, const Redaction& redaction) {
    json fields = json::array();
    for (const Headers::Entry& field : headers)
        fields.push_back({std::string{field.name()},
                          redaction.hides(field.name()) ? hidden : std::string{field.value()}});
    return fields;
}

std::string key_of(const Request& request, const std::string& content, const Redaction& redaction) {
    const std::string_view target = request.target();
    const json body =
        content_of(content, request.header(Field::content_type).value_or(""), redaction);
    std::string key{request.method_text()};
    key.append(" ").append(target.substr(0, target.find('?')));
    key.append("?").append(redaction.query(request.query_text())).append(" ");
    return key + body.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

Redaction::Redaction(const spec::Document& document) {
    for (const std::string_view name : hidden_fields)
        names_.emplace(name);
    for (const spec::SecurityScheme& scheme : document.security_schemes())
        if (!scheme.parameter.empty()) names_.insert(lower(scheme.parameter));
}

bool Redaction::hides(std::string_view name) const {
    const std::string plain = lower(name);
    return names_.contains(plain) ||
           std::any_of(hidden_words.begin(), hidden_words.end(),
                       [&](std::string_view word) { return plain.find(word) != plain.npos; });
}

void Redaction::apply(json& content) const {
    if (content.is_array()) {
        for (json& item : content)
            apply(item);
    } else if (content.is_object()) {
        for (auto& [name, value] : content.items()) {
            if (hides(name) && !value.is_structured())
                value = hidden;
            else
                apply(value);
        }
    }
}

std::string Redaction::query(std::string_view text) const {
    QueryPairs kept;
    for (const auto& pair : QueryPairs::parse(text))
        kept.append(pair.name, hides(pair.name) ? hidden : std::string_view{pair.value});
    return kept.to_string();
}

Recorder::Recorder(const std::string& file, Redaction redaction)
    : redaction_(std::move(redaction)) {
    // For its owner alone: redaction can't know everything that is nobody's business.
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    file_ = descriptor < 0 ? nullptr : ::fdopen(descriptor, "a");
    if (file_ == nullptr)
        throw terminal::CommandError{file + ": can't be written: " + std::strerror(errno)};
}

Recorder::~Recorder() { std::fclose(file_); }

void Recorder::write(const Request& request, const std::string& content, const Response& response,
                     const std::string& response_content) {
    const std::string_view target = request.target();
    const auto type = [](const Headers& headers) {
        return headers.get(Field::content_type).value_or("");
    };
    const json line{
        {"request",
         {{"method", request.method_text()},
          {"path", target.substr(0, target.find('?'))},
          {"query", redaction_.query(request.query_text())},
          {"fields", fields_of(request.headers(), redaction_)},
          {"content", content_of(content, type(request.headers()), redaction_)}}},
        {"response",
         {{"status", static_cast<unsigned>(response.status())},
          {"fields", fields_of(response.headers(), redaction_)},
          {"content", content_of(response_content, type(response.headers()), redaction_)}}},
        {"key", key_of(request, content, redaction_)}};
    const std::string text = line.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
    const std::lock_guard lock{mutex_};
    std::fwrite(text.data(), 1, text.size(), file_);
    std::fflush(file_);
}

Replay::Replay(const std::string& file, Redaction redaction) : redaction_(std::move(redaction)) {
    std::ifstream lines(file);
    if (!lines) throw terminal::CommandError{file + ": can't be read; --record makes it"};
    std::string line;
    for (unsigned number = 1; std::getline(lines, line); ++number) {
        const json exchange = json::parse(line, nullptr, false);
        if (!exchange.is_object() || !exchange.contains("key") || !exchange.contains("response"))
            throw terminal::CommandError{file + ':' + std::to_string(number) +
                                         ": is no line of a recording; --record makes them"};
        answers_[exchange["key"].get<std::string>()].all.push_back(exchange["response"]);
    }
}

std::optional<Response> Replay::answer(const Request& request, const std::string& content) {
    json recorded;
    {
        const std::lock_guard lock{mutex_};
        const auto found = answers_.find(key_of(request, content, redaction_));
        if (found == answers_.end()) return std::nullopt;
        Answers& answers = found->second;
        recorded = answers.all[answers.next];
        if (answers.next + 1 < answers.all.size()) ++answers.next;
    }
    Response response{static_cast<Status>(recorded.value("status", 200U))};
    for (const json& field : recorded.value("fields", json::array())) {
        const auto name = field.at(0).get<std::string>();
        const auto value = field.at(1).get<std::string>();
        if (value != hidden) (void)response.headers().try_append(name, value);
    }
    const json& body = recorded["content"];
    if (body.contains("json"))
        response.body(body["json"].dump());
    else if (body.contains("text"))
        response.body(body["text"].get<std::string>());
    else if (body.contains("base64"))
        response.body(from_base64(body["base64"].get<std::string>()).value_or(""));
    return response;
}

} // namespace armature::cli::mock

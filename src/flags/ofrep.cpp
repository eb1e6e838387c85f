#include "flags/set.hpp"

#include <armature/app/json.hpp>
#include <armature/core/etag.hpp>
#include <armature/flags/ofrep.hpp>
#include <armature/json/nlohmann.hpp>

#include <array>
#include <charconv>

namespace armature {

namespace {

using Json = nlohmann::json;
using detail::FlagEvaluationResult;

struct Failure {
    std::string_view code;
    std::string details;
};

// The context of the content, or what is wrong with it.
std::optional<Failure> read_context(std::string_view content, FlagContext& context) {
    if (content.empty()) return std::nullopt;
    Json document;
    JsonErrors errors;
    if (read_json(content, document, errors) != JsonStatus::ok)
        return Failure{"PARSE_ERROR",
                       errors.syntax() != nullptr
                           ? errors.syntax()->detail
                           : errors.values()[0].pointer + " " + errors.values()[0].detail};
    if (!document.is_object()) return Failure{"INVALID_CONTEXT", "the content has to be an object"};
    const auto given = document.find("context");
    if (given == document.end() || given->is_null()) return std::nullopt;
    if (!given->is_object()) return Failure{"INVALID_CONTEXT", "\"context\" has to be an object"};
    if (const auto key = given->find("targetingKey"); key != given->end() && !key->is_string())
        return Failure{"INVALID_CONTEXT", "\"targetingKey\" has to be a text"};
    context.impl().json = std::move(*given);
    return std::nullopt;
}

void require_json(const Request& request) {
    if (!Headers::equal_names(content_media_type(request), "application/json"))
        throw Error{Status::unsupported_media_type, "Send application/json"};
}

Json failed(std::string_view key, const FlagEvaluationResult& result) {
    return {{"key", key}, {"errorCode", to_string(result.error)}, {"errorDetails", result.message}};
}
Json succeeded(std::string_view key, const detail::Flag& flag, const FlagEvaluationResult& result) {
    Json json{{"key", key}, {"reason", to_string(result.reason)}};
    if (result.value != nullptr) {
        json["value"] = *result.value;
        json["variant"] = result.variant;
    }
    if (!flag.metadata.empty()) json["metadata"] = flag.metadata;
    return json;
}

Response evaluate_one(const Flags& flags, const Request& request, std::string_view key,
                      std::string_view content) {
    require_json(request);
    FlagContext context;
    if (const auto failure = read_context(content, context))
        return Response::json(to_json(Json{{"key", key},
                                           {"errorCode", failure->code},
                                           {"errorDetails", failure->details}}))
            .status(Status::bad_request);
    const auto set = flags.impl().current();
    FlagEvaluationResult result = flags.impl().evaluate(*set, key, context);
    if (result.reason == FlagReason::disabled) { // as flagd: for clients it isn't there
        result.error = FlagError::flag_not_found;
        result.message = "the flag \"" + std::string{key} + "\" is disabled";
    }
    if (result.error == FlagError::none)
        return Response::json(to_json(succeeded(key, *set->find(key), result)));
    return Response::json(to_json(failed(key, result)))
        .status(result.error == FlagError::flag_not_found ? Status::not_found
                                                          : Status::bad_request);
}

// FNV-1a of the content, which is the same for as long as nothing changes.
std::string etag_of(std::string_view content) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : content)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    std::array<char, 20> text{};
    text[0] = '"';
    char* const end = std::to_chars(text.data() + 1, text.data() + 18, hash, 16).ptr;
    *end = '"';
    return {text.data(), static_cast<std::size_t>(end + 1 - text.data())};
}

Response evaluate_all(const Flags& flags, const Request& request, std::string_view content) {
    require_json(request);
    FlagContext context;
    if (const auto failure = read_context(content, context))
        return Response::json(
                   to_json(Json{{"errorCode", failure->code}, {"errorDetails", failure->details}}))
            .status(Status::bad_request);
    const auto set = flags.impl().current();
    Json list = Json::array();
    for (const auto& [key, flag] : set->all()) {
        const FlagEvaluationResult result = flags.impl().evaluate(*set, key, context);
        if (result.error != FlagError::none)
            list.push_back(failed(key, result));
        else if (result.value != nullptr)
            list.push_back(succeeded(key, flag, result));
    }
    std::string text = to_json(Json{{"flags", std::move(list)}});
    const std::string etag = etag_of(text);
    // The protocol has it so for POST: the client knows these values already.
    bool is_known = false;
    if (const auto known = request.header(Field::if_none_match))
        if (const auto tag = EntityTag::parse(*known))
            is_known = "\"" + std::string{tag->opaque} + "\"" == etag;
    Response response = is_known ? Response{Status::not_modified} : Response::json(std::move(text));
    return std::move(response).header(Field::etag, etag);
}

} // namespace

Scope ofrep(Flags flags, std::uint64_t body_limit) {
    return scope("/ofrep/v1/evaluate")
        .body_limit(body_limit)
        .route("/flags/{key}",
               post([flags](Request& request, Path<std::string> key, Bytes content) {
                   return evaluate_one(flags, request, *key, content.view());
               }))
        .route("/flags", post([flags](Request& request, Bytes content) {
                   return evaluate_all(flags, request, content.view());
               }));
}

} // namespace armature

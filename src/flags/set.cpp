#include "flags/set.hpp"

#include "flags/rules.hpp"

#include <armature/json/nlohmann.hpp>

#include <stdexcept>

namespace armature::detail {

namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& key, const std::string& why) {
    throw std::invalid_argument("armature: flags: \"" + key + "\" " + why);
}

// flagd's {"$ref": "name"} stands for a rule of "$evaluators".
void put_references(Json& rule, const Json& evaluators, const std::string& key, int depth = 0) {
    if (depth > 64) refuse(key, "has evaluators that refer to themselves");
    if (rule.is_object() && rule.size() == 1 && rule.contains("$ref")) {
        const Json& name = rule["$ref"];
        if (!name.is_string() || !evaluators.contains(name.get<std::string>()))
            refuse(key, "refers to an evaluator that isn't there: " + name.dump());
        rule = Json(evaluators.at(name.get<std::string>()));
        put_references(rule, evaluators, key, depth + 1);
    } else if (rule.is_structured()) {
        for (Json& part : rule)
            put_references(part, evaluators, key, depth + 1);
    }
}

FlagKind kind_of(const Json& value) {
    return value.is_boolean()  ? FlagKind::boolean
           : value.is_number() ? FlagKind::number
           : value.is_string() ? FlagKind::text
                               : FlagKind::object;
}

Flag read_flag(const std::string& key, const Json& json, const Json& document) {
    if (!json.is_object()) refuse(key, "isn't an object");
    Flag flag;
    std::string state;
    if (const auto given = json.find("state"); given != json.end() && given->is_string())
        state = given->get<std::string>();
    if (state != "ENABLED" && state != "DISABLED")
        refuse(key, "needs a state, \"ENABLED\" or \"DISABLED\"");
    flag.is_enabled = state == "ENABLED";
    const auto variants = json.find("variants");
    if (variants == json.end() || !variants->is_object() || variants->empty())
        refuse(key, "needs variants, an object of names and values");
    for (const auto& [name, value] : variants->items()) {
        if (value.is_null() || value.is_array())
            refuse(key, "has the variant \"" + name +
                            "\", which is neither true or false, nor a "
                            "number, a text or an object");
        if (kind_of(value) != kind_of(variants->front()))
            refuse(key, "has variants of different types");
        flag.variants.emplace(name, value);
    }
    if (const auto chosen = json.find("defaultVariant");
        chosen != json.end() && !chosen->is_null()) {
        if (!chosen->is_string() || !flag.variants.contains(chosen->get<std::string>()))
            refuse(key, "has a defaultVariant that isn't among its variants");
        flag.default_variant = chosen->get<std::string>();
    }
    if (const auto rule = json.find("targeting"); rule != json.end() && !rule->empty()) {
        if (!rule->is_object()) refuse(key, "has a targeting that isn't an object");
        flag.targeting = *rule;
        put_references(flag.targeting, document.value("$evaluators", Json::object()), key);
        try {
            check_rule(flag.targeting);
        } catch (const std::invalid_argument& error) {
            refuse(key, error.what());
        }
    }
    for (const Json* from : {&document, &json})
        if (const auto metadata = from->find("metadata"); metadata != from->end())
            flag.metadata.update(*metadata);
    return flag;
}

} // namespace

FlagSet::FlagSet(std::string_view text) {
    Json document;
    JsonErrors errors;
    const JsonStatus status = read_json(text, document, errors);
    if (status == JsonStatus::malformed)
        throw std::invalid_argument("armature: flags: line " +
                                    std::to_string(errors.syntax()->line) + ": " +
                                    errors.syntax()->detail);
    if (status == JsonStatus::invalid)
        throw std::invalid_argument("armature: flags: " + errors.values()[0].pointer + " " +
                                    errors.values()[0].detail);
    if (!document.is_object() || !document.contains("flags") || !document["flags"].is_object())
        throw std::invalid_argument("armature: flags: the file is an object with \"flags\"");
    for (const auto& [key, flag] : document["flags"].items())
        flags_.emplace(key, read_flag(key, flag, document));
}

const Flag* FlagSet::find(std::string_view key) const noexcept {
    const auto found = flags_.find(key);
    return found == flags_.end() ? nullptr : &found->second;
}

FlagEvaluationResult FlagSet::evaluate(std::string_view key, const Json& context) const {
    if (const Flag* flag = find(key)) return evaluate(key, *flag, context);
    FlagEvaluationResult result;
    result.error = FlagError::flag_not_found;
    result.message = "there is no flag \"" + std::string{key} + "\"";
    return result;
}

FlagEvaluationResult FlagSet::evaluate(std::string_view key, const Flag& flag,
                                       const Json& context) {
    FlagEvaluationResult result;
    if (!flag.is_enabled) {
        result.reason = FlagReason::disabled;
        return result;
    }
    result.reason = FlagReason::static_;
    result.variant = flag.default_variant;
    if (!flag.targeting.is_null()) {
        result.reason = FlagReason::default_;
        try {
            const RuleResult rule = evaluate_rule(flag.targeting, context, key);
            if (!rule.value.is_null()) {
                result.variant = text_of(rule.value);
                result.reason = rule.is_split ? FlagReason::split : FlagReason::targeting_match;
            }
        } catch (const RuleError& error) {
            return {FlagReason::error, FlagError::general, {}, error.what(), nullptr};
        }
    }
    if (result.variant.empty() && flag.default_variant.empty()) {
        result.reason = FlagReason::default_;
        return result;
    }
    const auto found = flag.variants.find(result.variant);
    if (found == flag.variants.end())
        return {FlagReason::error,
                FlagError::general,
                {},
                "a rule gives the variant \"" + result.variant + "\", which isn't there",
                nullptr};
    result.value = &found->second;
    return result;
}

} // namespace armature::detail

#include "core/characters.hpp"

#include <armature/core/url.hpp>
#include <armature/observability/tracing.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <stdexcept>

namespace armature {

namespace {

// Empty counts as not set, as OpenTelemetry wants it.
std::string_view variable(const char* name) noexcept {
    const char* const text = std::getenv(name);
    return text == nullptr ? std::string_view{} : std::string_view{text};
}

[[noreturn]] void refuse(std::string_view name, std::string_view why) {
    throw std::invalid_argument(std::string{"armature: "}.append(name).append(" ").append(why));
}

// "key=value,key=value", values percent-encoded (the form of W3C Baggage). What is in them may be
// secret, so no message shows it.
std::vector<std::pair<std::string, std::string>> pairs_of(const char* name) {
    std::vector<std::pair<std::string, std::string>> pairs;
    std::string_view rest = variable(name);
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view pair = trim(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        std::string value;
        if (equals == 0 || equals == std::string_view::npos ||
            !percent_decode(trim(pair.substr(equals + 1)), value))
            refuse(name, "is a list key=value,key=value with percent-encoded values");
        pairs.emplace_back(trim(pair.substr(0, equals)), std::move(value));
    }
    return pairs;
}

double ratio_of(std::string_view sampler) {
    if (sampler.starts_with("parentbased_")) sampler.remove_prefix(12);
    if (sampler.empty() || sampler == "always_on") return 1;
    if (sampler == "always_off") return 0;
    if (sampler != "traceidratio")
        refuse("OTEL_TRACES_SAMPLER",
               "is always_on, always_off or traceidratio, with or without parentbased_ in front");
    const std::string_view text = variable("OTEL_TRACES_SAMPLER_ARG");
    double ratio = 1;
    if (text.empty()) return ratio;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ratio);
    if (error != std::errc{} || end != text.data() + text.size() || !(ratio >= 0 && ratio <= 1))
        refuse("OTEL_TRACES_SAMPLER_ARG", "is a share from 0 to 1");
    return ratio;
}

} // namespace

TracerOptions TracerOptions::from_environment() {
    TracerOptions options;
    options.resource = pairs_of("OTEL_RESOURCE_ATTRIBUTES");
    const auto named = std::find_if(options.resource.begin(), options.resource.end(),
                                    [](const auto& pair) { return pair.first == "service.name"; });
    if (named != options.resource.end()) {
        options.service = named->second;
        options.resource.erase(named);
    }
    if (const std::string_view service = variable("OTEL_SERVICE_NAME"); !service.empty())
        options.service = service;
    options.endpoint = variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    if (options.endpoint.empty()) {
        options.endpoint = variable("OTEL_EXPORTER_OTLP_ENDPOINT");
        if (!options.endpoint.empty())
            options.endpoint.append(options.endpoint.ends_with('/') ? "v1/traces" : "/v1/traces");
    }
    options.headers = pairs_of("OTEL_EXPORTER_OTLP_HEADERS");
    const std::string_view protocol = variable("OTEL_EXPORTER_OTLP_PROTOCOL");
    if (!protocol.empty() && protocol != "http/json")
        refuse("OTEL_EXPORTER_OTLP_PROTOCOL", "is http/json: nothing else is spoken here");
    options.ratio = ratio_of(variable("OTEL_TRACES_SAMPLER"));
    return options;
}

} // namespace armature

#include "flags/set.hpp"

#include <armature/json/nlohmann.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// A context as a client sends it, evaluated by flags with every operator: what comes of it is one
// of the flag's variants, an error, or the default. The same bytes are read as a file of flags.

namespace {

using namespace armature;

constexpr const char* flags_json = R"({"flags": {
  "numbers": {"state": "ENABLED", "variants": {"a": 1, "b": 2}, "defaultVariant": "a", "targeting":
    {"if": [{"<": [{"+": [{"var": "x"}, {"*": [{"var": "y"}, 2]}]}, {"max": [{"var": "z"}, 3]}]}, "a",
            {"==": [{"%": [{"var": "x"}, {"-": {"var": "y"}}]}, {"/": [{"var": "z"}, {"var": "x"}]}]}, "b"]}},
  "texts": {"state": "ENABLED", "variants": {"a": "A", "b": "B"}, "defaultVariant": "a", "targeting":
    {"if": [{"or": [{"starts_with": [{"var": "x"}, {"var": "y"}]}, {"in": [{"var": "x"}, {"var": "z"}]},
                    {"===": [{"cat": [{"var": "x"}, {"var": "y.0.a"}]}, {"var": "z"}]}]}, "a", "b"]}},
  "versions": {"state": "ENABLED", "variants": {"true": true, "false": false}, "defaultVariant": "true",
    "targeting": {"sem_ver": [{"var": "x"}, {"var": "z"}, {"var": "y"}]}},
  "shares": {"state": "ENABLED", "variants": {"a": "A", "b": "B"}, "defaultVariant": "a", "targeting":
    {"fractional": [{"var": "x"}, ["a", {"var": "y"}], [{"var": "z"}, 5], ["b"]]}}
}})";

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const detail::FlagSet set{flags_json};
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    nlohmann::json context;
    JsonErrors errors;
    if (read_json(text, context, errors) != JsonStatus::ok || !context.is_object()) return 0;
    for (const auto& [key, flag] : set.all()) {
        const detail::FlagEvaluationResult result = set.evaluate(key, context);
        if (result.error == FlagError::none && result.value == nullptr) std::abort();
        if (result.value != nullptr && !flag.variants.contains(result.variant)) std::abort();
    }
    try {
        (void)detail::FlagSet{text};
    } catch (const std::invalid_argument&) {
    }
    return 0;
}

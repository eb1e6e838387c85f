// JSON in canonical form is JSON without blanks around it; anchors are read or refused.
#include "audit/entry.hpp"

#include <armature/json/nlohmann.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace armature;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    (void)audit::Anchor::parse(text);
    nlohmann::json value;
    JsonErrors errors;
    if (read_json(text, value, errors) != JsonStatus::ok) return 0;
    const std::string once = audit::redacted(text, {"secret"});
    if (read_json(once, value, errors) != JsonStatus::ok) std::abort();
    if (once.find_first_of(" \n\t") == 0) std::abort();
    return 0;
}

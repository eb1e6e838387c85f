#include "i18n/lookup.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// An Accept-Language: what is found is a locale that one of its ranges begins with.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<std::string> tags{"en", "de", "de-ch", "zh-hant", "a"};
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto found = armature::detail::look_up_accepted(text, tags);
    if (!found) return 0;
    std::string lower;
    for (const char c : text)
        lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (*found >= tags.size() || lower.find(tags[*found]) == std::string::npos) std::abort();
    return 0;
}

// Fixtures: JSON, Django's, YAML and CSV. The first byte says which.
#include "seed/fixture.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace armature::seed;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    const FixtureFormat format = data[0] == 'j'   ? FixtureFormat::json
                                 : data[0] == 'y' ? FixtureFormat::yaml
                                                  : FixtureFormat::csv;
    try {
        for (const detail::FixtureTable& table :
             detail::parse_fixture(format, text, "fixture.x", ""))
            for (const nlohmann::json& row : table.rows)
                if (!row.is_object()) std::abort();
    } catch (const SeedError& error) {
        if (std::string_view{error.what()}.empty()) std::abort();
    }
    return 0;
}

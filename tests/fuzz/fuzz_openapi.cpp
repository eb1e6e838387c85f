// Documents of strangers: whatever they are, they become a model, findings, or one message.
#include "cli/openapi/diff.hpp"
#include "cli/openapi/validate.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace armature::spec;
    const std::string text(reinterpret_cast<const char*>(data), size);
    try {
        // Every file is this one, so that references to files come back.
        const Document document = Document::read("fuzz.yaml", [&](const std::string& location) {
            if (location.size() > 64) throw ReadError(location + ": no such file");
            return text;
        });
        bool is_sound = true;
        for (const Finding& finding : validate(document)) {
            is_sound &= finding.severity != Finding::Severity::error;
            if (finding.what.empty() || finding.remedy.empty()) __builtin_trap();
        }
        for (const Schema* const schema : document.schemas())
            (void)merged(*schema);
        for (const Change& change : diff(document, document))
            if (is_sound && change.level == Change::Level::breaking) __builtin_trap();
    } catch (const ReadError&) { // it is none
    }
    return 0;
}

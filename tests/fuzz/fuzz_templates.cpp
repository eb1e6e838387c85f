#include "templates/context.hpp"

#include <armature/templates/templates.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// A template and a value, with a NUL between. A template that is accepted must be a whole page with
// every value: following the page as it was written may not end elsewhere than in text.

namespace {

using namespace armature;

struct Data {
    std::string a;
    std::vector<std::string> list;
    std::optional<std::string> none;
};
ARMATURE_DESCRIBE(Data, a, list, none);

bool ends_in_text(const std::string& page) {
    detail::Context context;
    try {
        detail::advance(context, page);
    } catch (const detail::ContextError&) {
        return true; // pieces that are doubtful only when there is nothing between them
    }
    return context.state == detail::Context::State::text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const std::size_t end = std::min(input.find('\0'), input.size());
    const std::string value{input.substr(std::min(end + 1, input.size()))};
    try {
        std::vector<TemplateSource> sources{{"page.html", std::string{input.substr(0, end)}},
                                            {"part.html", "{{ a }}"}};
        const Templates templates{std::move(sources)};
        for (const std::string& one : {value, std::string{}, std::string{"'\"<>&`\\/*-->${"}})
            if (!ends_in_text(templates.text("page.html", Data{one, {one, one}, {}}))) std::abort();
    } catch (const std::logic_error&) {
    }
    return 0;
}

#include "app/multipart_parser.hpp"

#include <armature/app/text_fields.hpp>
#include <armature/core/utf8.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The first byte says how multipart/form-data with the boundary "B" is cut: however that is, the
// same parts must come of it, and each part's value must stand in the content. The same bytes are
// read as a query: what was read must be valid.

namespace {

using namespace armature;

struct Fields {
    std::string a;
    std::optional<int> b;
    std::vector<std::string_view> c;
    bool d = false;
};
ARMATURE_DESCRIBE(Fields, (a, max_length(5)), (b, min(-3)), (c, max_items(2)), d);

void require(bool condition) {
    if (!condition) std::abort();
}

// What the content is, ending in "!" where it was refused.
std::string events_of(std::string_view content, std::size_t step) {
    using Event = detail::MultipartParser::Event;
    const std::string_view whole = content;
    detail::MultipartParser parser{"B"};
    MultipartLimits limits;
    limits.parts = 5;
    limits.head_bytes = 200;
    limits.field_bytes = 300;
    limits.file_bytes = 400;
    parser.limits(limits);
    std::string events;
    std::string value;
    try {
        while (!content.empty()) {
            std::string_view piece = content.substr(0, step);
            content.remove_prefix(piece.size());
            for (Event event; (event = parser.next(piece)) != Event::starved;) {
                if (event == Event::part) {
                    require(is_utf8(parser.name()));
                    events += '(' + parser.name() + ',' + parser.filename().value_or("-") + ',';
                    value.clear();
                } else if (event == Event::data) {
                    require(!parser.data().empty());
                    value += parser.data();
                } else {
                    require(value.size() <= limits.file_bytes);
                    require(whole.find(value) != std::string_view::npos);
                    require(value.find("\r\n--B") == std::string::npos);
                    events += value + ')';
                }
            }
            require(piece.empty());
        }
        parser.finish();
    } catch (const Error& error) {
        require(error.status() == Status::bad_request ||
                error.status() == Status::content_too_large);
        events += '!';
    }
    return events;
}

void read_query(std::string_view text) {
    Fields fields;
    JsonErrors errors;
    Arena arena;
    detail::TextFieldReader reader{&fields, detail::text_fields<Fields>(), errors};
    try {
        reader.take_pairs(text, arena);
    } catch (const Error& error) {
        require(error.status() == Status::bad_request);
        return;
    }
    reader.finish();
    if (!errors.empty()) return;
    JsonErrors broken;
    require(validate(fields, broken));
    require(is_utf8(fields.a));
    for (const std::string_view item : fields.c)
        require(is_utf8(item));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text{reinterpret_cast<const char*>(data + 1), size - 1};
    require(events_of(text, 1 + data[0] % 16) == events_of(text, text.size() + 1));
    read_query(text);
    return 0;
}

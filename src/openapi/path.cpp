#include "openapi/path.hpp"

#include <armature/core/url.hpp>

#include <cctype>

namespace armature::detail {

namespace {

std::string rewrite(std::string_view pattern, bool with_names) {
    std::string text;
    PatternReader reader{pattern};
    while (reader.next()) {
        const PatternSegment& segment = reader.segment();
        text += '/';
        if (segment.is_param)
            text.append("{").append(with_names ? segment.param.name : "").append("}");
        else
            text += percent_encode(segment.literal, EncodeSet::path_segment);
    }
    if (text.empty() || reader.has_trailing_slash()) text += '/';
    return text;
}

void append_capitalised(std::string& id, std::string_view words) {
    bool starts = true;
    for (const char c : words) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
            starts = true;
            continue;
        }
        id += starts ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        starts = false;
    }
}

} // namespace

std::string template_of(std::string_view pattern) { return rewrite(pattern, true); }
std::string shape_of(std::string_view pattern) { return rewrite(pattern, false); }

void apply_constraint(Node& schema, const PatternParam& param) {
    const auto text = [&](const char* pattern) {
        schema["type"] = "string";
        schema["pattern"] = pattern;
    };
    const bool is_text = !schema.contains("type") || schema["type"] == "string";
    switch (param.kind) {
    case ParamKind::uuid:
        schema["type"] = "string";
        schema["format"] = "uuid";
        return;
    case ParamKind::uint:
        if (is_text) return text("^[0-9]+$");
        schema["minimum"] = 0;
        return;
    case ParamKind::int_:
        if (is_text) text("^-?[0-9]+$");
        return;
    case ParamKind::hex:
        if (is_text) text("^[0-9A-Fa-f]+$");
        return;
    case ParamKind::alpha:
        return text("^[A-Za-z]+$");
    case ParamKind::alnum:
        if (is_text) text("^[0-9A-Za-z]+$");
        return;
    case ParamKind::regex:
        if (is_text) schema["pattern"] = "^(?:" + std::string{param.regex} + ")$";
        return;
    case ParamKind::any:
        if (is_text && !schema.contains("enum") && !schema.contains("format"))
            schema["minLength"] = 1;
        return;
    case ParamKind::wildcard:
        return;
    }
}

std::string derived_id(std::string_view method, std::string_view pattern) {
    std::string id;
    for (const char c : method)
        id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    bool is_root = true;
    for (PatternReader reader{pattern}; reader.next(); is_root = false) {
        const PatternSegment& segment = reader.segment();
        if (segment.is_param) id += "By";
        append_capitalised(id, segment.is_param ? segment.param.name : segment.literal);
    }
    if (is_root) id += "Root";
    return id;
}

} // namespace armature::detail

#include <armature/app/text_fields.hpp>
#include <armature/core/error.hpp>
#include <armature/core/url.hpp>

#include <bit>

namespace armature::detail {

std::size_t TextFieldReader::find(std::string_view name) noexcept {
    std::size_t at = next_;
    if (at >= fields_.size || fields_.fields[at].name != name)
        for (at = 0; at != fields_.size; ++at)
            if (fields_.fields[at].name == name) break;
    next_ = at == fields_.size || fields_.fields[at].is_list ? at : at + 1;
    return at;
}

void TextFieldReader::count() {
    if (++values_ > max_values)
        throw Error::bad_request("There are more than " + std::to_string(max_values) + " values");
}

void TextFieldReader::take(std::string_view name, std::string_view value) {
    count();
    const std::size_t at = find(name);
    if (at == fields_.size) return; // APIs grow by adding parameters
    const TextField& field = fields_.fields[at];
    if (value.empty() && !field.empty_counts) return; // an input that was left blank
    const std::uint64_t bit = std::uint64_t{1} << at;
    const JsonPath path{nullptr, field.name, 0};
    const bool is_first = (seen_ & bit) == 0;
    seen_ |= bit;
    bool good = is_first || field.is_list;
    if (good)
        good = field.read(value, object_, is_first, errors_, &path);
    else
        errors_.add(&path, "must not be given twice");
    if (!good) faulty_ |= bit;
}

void TextFieldReader::refuse(std::string_view name, std::string detail) {
    count();
    const std::size_t at = find(name);
    if (at == fields_.size) return;
    const JsonPath path{nullptr, fields_.fields[at].name, 0};
    errors_.add(&path, std::move(detail));
    seen_ |= std::uint64_t{1} << at;
    faulty_ |= std::uint64_t{1} << at;
}

void TextFieldReader::take_pairs(std::string_view text, Arena& arena) {
    for (const auto& [name, value] : QueryView{text})
        take(form_decode(name, arena), form_decode(value, arena));
}

void TextFieldReader::finish() {
    for (std::size_t at = 0; at != fields_.size; ++at) {
        const TextField& field = fields_.fields[at];
        const std::uint64_t bit = std::uint64_t{1} << at;
        const JsonPath path{nullptr, field.name, 0};
        if ((fields_.required & ~seen_ & bit) != 0)
            errors_.add(&path, "is required");
        else if (field.check != nullptr && (faulty_ & bit) == 0 &&
                 (field.is_list || (seen_ & bit) != 0)) // no values are a list without items
            field.check(object_, errors_, &path);
    }
}

bool bad_text(std::string wanted, JsonErrors& errors, const JsonPath* path) {
    errors.add(path, "must be " + wanted);
    return false;
}

} // namespace armature::detail

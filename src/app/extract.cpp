#include <armature/app/extract.hpp>
#include <armature/routing/pattern.hpp>

#include <algorithm>

namespace armature {

namespace detail {

std::string_view path_text(const ExtractInput& input, std::string_view name) noexcept {
    if (name.empty()) return input.request.params()[input.path_index];
    return input.request.param(name).value_or(std::string_view{});
}

std::string_view path_text_with_slashes(const ExtractInput& input, std::string_view name) {
    const std::string_view text = path_text(input, name);
    const RequestHead& head = input.request.head();
    if (head.path.data() == head.target.data()) return text; // nothing had to be decoded
    if (text.find('\0') == std::string_view::npos) return text;
    char* const copy = static_cast<char*>(input.request.arena().allocate(text.size(), 1));
    std::replace_copy(text.begin(), text.end(), copy, '\0', '/');
    return {copy, text.size()};
}

void document_path(OperationInfo& info, std::string_view name, const TypeInfo* type) {
    if (name.empty()) return info.path_parameter(type);
    info.parameter(ParameterIn::path, name, type);
    info.error(Status::bad_request);
}

void throw_bad_path(const ExtractInput& input, std::string_view name, std::string wanted) {
    const std::string_view route = input.request.route();
    if (name.empty()) name = pattern_param_name(route, input.path_index);
    throw Error::bad_request(std::string{"The path parameter \""}
                                 .append(name)
                                 .append("\" of ")
                                 .append(route)
                                 .append(" must be ")
                                 .append(wanted));
}

void throw_no_extension(std::string_view type) {
    throw Error::internal("the handler takes Extension<" + std::string{type} +
                          ">, but no middleware of this route attached one with request.set()");
}

} // namespace detail

std::string_view content_media_type(const Request& request) noexcept {
    std::string_view type = request.header(Field::content_type).value_or("");
    type = type.substr(0, type.find(';'));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t'))
        type.remove_suffix(1);
    return type;
}

} // namespace armature

#include <armature/app/json.hpp>

namespace armature::detail {

void require_json(const Request& request) {
    const std::string_view type = content_media_type(request);
    const auto ends_with_json = [&] {
        return type.size() > 5 && Headers::equal_names(type.substr(type.size() - 5), "+json");
    };
    if (!Headers::equal_names(type, "application/json") && !ends_with_json())
        throw Error{Status::unsupported_media_type,
                    "Send the content as application/json; it was declared as " +
                        (type.empty() ? std::string{"nothing"} : std::string{type})};
}

void document_json(OperationInfo& info, const TypeInfo* type) {
    info.content("application/json", type);
    info.error(Status::bad_request);
    info.error(Status::unsupported_media_type);
    info.error(Status::unprocessable_content);
}

void throw_json_errors(JsonStatus status, JsonErrors& errors) {
    if (status == JsonStatus::malformed) {
        const JsonSyntaxError& syntax = *errors.syntax();
        throw Error::bad_request("The content is not JSON: " + syntax.detail + " at line " +
                                 std::to_string(syntax.line) + ", column " +
                                 std::to_string(syntax.column));
    }
    Error error = Error::unprocessable("The content breaks the rules of this operation");
    for (const JsonError& value : errors.values())
        error.add(value.pointer, value.detail);
    throw error;
}

} // namespace armature::detail

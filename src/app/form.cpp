#include "app/multipart_parser.hpp"

#include <armature/app/form.hpp>
#include <armature/core/media_type.hpp>

namespace armature::detail {

void document_form(OperationInfo& info, const TypeInfo* type) {
    info.content(media_types::form, type);
    info.content(media_types::multipart_form, type);
    info.error(Status::bad_request);
    info.error(Status::unsupported_media_type);
    info.error(Status::unprocessable_content);
}

namespace {

// The content is in memory, so that a part's value is one piece.
void take_parts(const Request& request, TextFieldReader& reader) {
    const std::string boundary = multipart_boundary(request);
    MultipartParser parser{boundary};
    std::string_view rest = request.body().text();
    std::string_view value;
    for (MultipartParser::Event event;
         (event = parser.next(rest)) != MultipartParser::Event::starved;) {
        if (event == MultipartParser::Event::part)
            value = {};
        else if (event == MultipartParser::Event::data)
            value = parser.data();
        else if (parser.filename())
            reader.refuse(parser.name(), "must be text, not a file");
        else
            reader.take(parser.name(), value);
    }
    parser.finish();
}

} // namespace

void read_form(const ExtractInput& input, void* object, const TextFields& fields) {
    Request& request = input.request;
    const std::string_view type = content_media_type(request);
    JsonErrors errors;
    TextFieldReader reader{object, fields, errors};
    if (Headers::equal_names(type, media_types::form))
        reader.take_pairs(request.body().text(), request.arena());
    else if (Headers::equal_names(type, media_types::multipart_form))
        take_parts(request, reader);
    else
        throw Error{Status::unsupported_media_type,
                    "Send the content as application/x-www-form-urlencoded or "
                    "multipart/form-data"};
    reader.finish();
    if (errors.empty()) return;
    Error error = Error::unprocessable("The form breaks the rules of this operation");
    for (const JsonError& value : errors.values())
        error.add(value.pointer, value.detail);
    throw error;
}

} // namespace armature::detail

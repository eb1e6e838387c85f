#include <armature/app/query.hpp>

namespace armature::detail {

void document_query(OperationInfo& info, const TypeInfo* type) {
    for (const MemberInfo& member : type->members) {
        // No value at all is a list without items.
        const bool required = member.required && member.type->kind != ValueKind::list;
        info.parameter(ParameterIn::query, member.name, member.type, required).member = &member;
    }
    info.error(Status::bad_request);
    info.error(Status::unprocessable_content);
}

void read_query(const ExtractInput& input, void* object, const TextFields& fields) {
    JsonErrors errors;
    TextFieldReader reader{object, fields, errors};
    reader.take_pairs(input.request.query_text(), input.request.arena());
    reader.finish();
    if (errors.empty()) return;
    Error error = Error::unprocessable("The query breaks the rules of this operation");
    for (const JsonError& value : errors.values()) // names of parameters, not pointers
        error.add(value.pointer.substr(1), value.detail);
    throw error;
}

} // namespace armature::detail

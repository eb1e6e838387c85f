#include <armature/http1/parse_error.hpp>

namespace armature::http1 {

Status status_of(ParseError error) noexcept {
    switch (error) {
    case ParseError::unsupported_version:
        return Status::http_version_not_supported;
    case ParseError::unsupported_transfer_encoding:
        return Status::not_implemented;
    case ParseError::unsupported_expectation:
        return Status::expectation_failed;
    case ParseError::target_too_long:
        return Status::uri_too_long;
    case ParseError::head_too_large:
    case ParseError::too_many_fields:
    case ParseError::trailers_too_large:
    case ParseError::too_many_trailers:
        return Status::request_header_fields_too_large;
    case ParseError::chunk_extensions_too_large:
        return Status::content_too_large;
    default:
        return Status::bad_request;
    }
}

std::string_view describe(ParseError error) noexcept {
    switch (error) {
    case ParseError::none:
        return "The request is well-formed.";
    case ParseError::bad_line_end:
        return "Lines must end with CR LF.";
    case ParseError::bad_method:
        return "The request must begin with a method.";
    case ParseError::bad_target:
        return "The request target is not valid for this method.";
    case ParseError::bad_version:
        return "The request line must end with a space and the HTTP version.";
    case ParseError::unsupported_version:
        return "Only HTTP/1.0 and HTTP/1.1 are spoken here.";
    case ParseError::bad_field_name:
        return "A field name must be a token that is followed by a colon at once.";
    case ParseError::bad_field_value:
        return "A field value holds a control character.";
    case ParseError::folded_field:
        return "A field line must not begin with a space: folded lines are not accepted.";
    case ParseError::missing_host:
        return "An HTTP/1.1 request needs a Host field.";
    case ParseError::multiple_hosts:
        return "A request must have only one Host field.";
    case ParseError::bad_host:
        return "The Host field is not a host with an optional port.";
    case ParseError::bad_connection:
        return "Connection must be a list of tokens.";
    case ParseError::bad_content_length:
        return "Content-Length must be one decimal number.";
    case ParseError::multiple_content_lengths:
        return "A request must have only one Content-Length field.";
    case ParseError::bad_transfer_encoding:
        return "Transfer-Encoding must be chunked, once, in an HTTP/1.1 request.";
    case ParseError::unsupported_transfer_encoding:
        return "No transfer coding but chunked is supported.";
    case ParseError::conflicting_framing:
        return "A request must not have both Transfer-Encoding and Content-Length.";
    case ParseError::unsupported_expectation:
        return "The only expectation that can be met is 100-continue.";
    case ParseError::target_too_long:
        return "The request target is too long.";
    case ParseError::head_too_large:
        return "The request line and fields are too large.";
    case ParseError::too_many_fields:
        return "The request has too many fields.";
    case ParseError::bad_chunk_size:
        return "A chunk must begin with its size in at most 16 hexadecimal digits.";
    case ParseError::bad_chunk_extension:
        return "A chunk extension is malformed.";
    case ParseError::bad_chunk_end:
        return "A chunk must end with CR LF after its last byte.";
    case ParseError::chunk_extensions_too_large:
        return "The chunk extensions are too large.";
    case ParseError::trailers_too_large:
        return "The trailer section is too large.";
    case ParseError::too_many_trailers:
        return "The trailer section has too many fields.";
    case ParseError::forbidden_trailer:
        return "The trailer section has a field that says where the request goes or ends.";
    }
    return {};
}

} // namespace armature::http1

#include "query.hpp"

#include <charconv>
#include <string>

using namespace armature;

namespace showcase {

std::uint64_t query_number(Request& request, std::string_view name, std::uint64_t fallback,
                           Bounds bounds) {
    const auto text = request.query(name);
    if (!text) return fallback;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size() || value < bounds.least ||
        value > bounds.most)
        throw Error::bad_request("The query parameter " + std::string{name} +
                                 " must be a number from " + std::to_string(bounds.least) + " to " +
                                 std::to_string(bounds.most));
    return value;
}

void document_number(OperationInfo& operation, std::string_view name, Bounds bounds) {
    operation.parameter(ParameterIn::query, name, &type_info<std::uint64_t>(), false).description =
        "From " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most);
    operation.error(Status::bad_request);
}

} // namespace showcase

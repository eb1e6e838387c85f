#pragma once

#include <armature/armature.hpp>

#include <cstdint>
#include <string_view>

namespace showcase {

struct Bounds {
    std::uint64_t least;
    std::uint64_t most;
};

/// The number in the query parameter `name`, or `fallback` without one. Throws `Error` 400 for
/// anything else than digits, and for a number outside of `bounds`.
std::uint64_t query_number(armature::Request& request, std::string_view name,
                           std::uint64_t fallback, Bounds bounds);

/// Says in documents that an operation takes such a number.
void document_number(armature::OperationInfo& operation, std::string_view name, Bounds bounds);

} // namespace showcase

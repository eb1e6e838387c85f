#pragma once

#include <armature/http1/parser.hpp>

#include <cstddef>

namespace armature::http1 {

/// The instruction sets the head parser is compiled for.
enum class Isa { scalar, sse42, avx2 };

/// Whether this machine and this build have it.
[[nodiscard]] bool has(Isa isa) noexcept;

/// `HeadParser::parse` with a given instruction set, which the machine must have: for the tests,
/// which hold the variants against each other.
[[nodiscard]] ParseStatus parse_head(Isa isa, detail::HeadState& state, const char* data,
                                     std::size_t size, const HeadLimits& limits, ParsedHead& out,
                                     Headers& fields) noexcept;

} // namespace armature::http1

#pragma once

#include <armature/log/log.hpp>

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <string>
#include <string_view>

namespace armature::log::detail {

/// Most records fit, so that formatting one doesn't allocate.
using Line = fmt::basic_memory_buffer<char, 1000>;

/// Appends one record without the final line break.
void format_record(Line& line, Format format, bool colour,
                   std::chrono::system_clock::time_point time, Level level,
                   std::string_view message, Fields fields);

/// The value as plain text, not escaped.
[[nodiscard]] std::string plain_text(const Value& value);

} // namespace armature::log::detail

#pragma once

#include <string_view>

/// The whole client: one page without dependencies.
extern const std::string_view page;

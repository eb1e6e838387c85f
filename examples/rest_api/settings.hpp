#pragma once

#include <cstdint>
#include <string>

namespace rest_api {

struct Settings {
    std::string listen = "127.0.0.1:8080";
    std::string database = "todos.db"; ///< SQLite's file; the jobs are in it too
    std::string secret = {}; ///< signs tokens, 32 bytes or more; without it nobody may write
    std::uint32_t writes_per_minute = 120; ///< of each user
};

} // namespace rest_api

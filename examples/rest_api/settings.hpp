#pragma once

#include <string>

namespace rest_api {

struct Settings {
    std::string listen = "127.0.0.1:8080";
    std::string database = "todos.db"; ///< SQLite's file, or ":memory:"
    std::string secret = {}; ///< signs tokens, 32 bytes or more; without it nobody may write
};

} // namespace rest_api

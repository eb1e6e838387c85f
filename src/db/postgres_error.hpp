#pragma once

#include <armature/db/error.hpp>

#include <libpq-fe.h>

#include <string>
#include <string_view>

namespace armature::db::detail {

/// Of a result that is an error; `sql` is what the position is in.
[[nodiscard]] DatabaseError postgres_error(const PGresult* result, std::string_view sql);
/// The connection broke.
[[nodiscard]] DatabaseError connection_lost(const PGconn* connection);
/// libpq's message without its line breaks.
[[nodiscard]] std::string in_one_line(const char* text);

} // namespace armature::db::detail

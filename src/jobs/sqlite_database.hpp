#pragma once

#include "sqlite/database.hpp"

#include <armature/jobs/store.hpp>

namespace armature::jobs {

using Statement = sqlite::Statement<JobStoreError>;
using Transaction = sqlite::Transaction<JobStoreError>;
using Connection = sqlite::Connection<JobStoreError>;

inline void execute(sqlite3* database, const char* sql) {
    sqlite::execute<JobStoreError>(database, sql);
}

} // namespace armature::jobs

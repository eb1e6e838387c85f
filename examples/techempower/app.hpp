#pragma once

#include <armature/armature.hpp>
#include <armature/db/database.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace techempower {

/// The tests of TechEmpower's Framework Benchmarks, on their tables in PostgreSQL.
armature::App make_app(std::shared_ptr<armature::db::Database> database);

/// Makes these tables, if absent, and fills them: for a machine that isn't theirs.
armature::Task<> create_tables(armature::db::Database& database);

} // namespace techempower

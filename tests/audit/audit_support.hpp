#pragma once

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <armature/audit/audit_log.hpp>
#include <armature/core/scheduler.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>

namespace audit_tests {

using namespace armature;
using armature::testing::TemporaryFolder;

inline AuditLogOptions signing(std::uint32_t every = 256) {
    AuditLogOptions options;
    options.signing_key = SecretString{"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="};
    options.anchor_every = every;
    return options;
}

struct Account {
    std::string name;
    int balance = 0;
    std::string password = "";
};
ARMATURE_DESCRIBE(Account, name, balance, password);

template <class T>
T await(Task<T> task) {
    LocalLoop loop;
    return loop.run(std::move(task));
}

inline void write_file(const std::string& path, const std::string& content) {
    std::ofstream{path, std::ios::binary} << content;
}

/// What SQLite's own command-line tool says to a statement.
inline armature::testing::Ran sqlite3_tool(const std::string& path, const std::string& sql) {
    return armature::testing::run({"sqlite3", "-bail", path, sql});
}

} // namespace audit_tests

/// At the beginning of a test that needs it.
#define ARMATURE_NEEDS_SQLITE3()                                                                   \
    if (armature::testing::shell("command -v sqlite3 >/dev/null").status != 0)                     \
    GTEST_SKIP() << "needs sqlite3: apt-get install sqlite3"

#pragma once

#include <armature/jobs/store.hpp>

#include <memory>
#include <string>

namespace armature {

/// Jobs in Redis 6.2 or newer: for any number of machines. `url` is as in `RedisOptions`. All keys
/// begin with `prefix`, which has braces, so that a cluster keeps them together. Workers of other
/// processes find jobs within their `poll`.
///
/// A job is as durable as the server: with `appendonly yes` and `appendfsync everysec` a crash of
/// its machine may lose the last second. It mustn't evict (`maxmemory-policy noeviction`).
/// Throws `JobStoreError`, and std::invalid_argument for a URL that is none.
[[nodiscard]] std::unique_ptr<JobStore> redis_jobs(const std::string& url,
                                                   std::string prefix = "{armature:jobs}");

} // namespace armature

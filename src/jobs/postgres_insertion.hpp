#pragma once

// Milliseconds since 1970 by the server's clock, which all workers share.
#define ARMATURE_NOW "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

// The statements that add a job to PostgreSQL, for libpq and for armature::db.
namespace armature::jobs {

inline constexpr const char* free_keys =
    "DELETE FROM armature_job_keys WHERE text IN (SELECT text FROM armature_job_keys WHERE until > "
    "0 AND until <= " ARMATURE_NOW " FOR UPDATE SKIP LOCKED)";

/// Text, job, window.
inline constexpr const char* take_key =
    "INSERT INTO armature_job_keys (text, job, until) VALUES ($1, $2, CASE WHEN $3::bigint = 0 "
    "THEN 0 ELSE " ARMATURE_NOW " + $3::bigint END) ON CONFLICT (text) DO NOTHING";

/// Id, queue, kind, payload, priority, at, delay, attempts.
inline constexpr const char* insert_job =
    "WITH added AS (INSERT INTO armature_jobs (id, queue, kind, payload, priority, run_at, "
    "attempts) VALUES ($1, $2, $3, $4, $5::integer, CASE WHEN $6::bigint = 0 THEN " ARMATURE_NOW
    " ELSE $6::bigint END + $7::bigint, $8::integer) ON CONFLICT (id) DO NOTHING RETURNING 1) "
    "SELECT pg_notify('armature_jobs', '') FROM added";

} // namespace armature::jobs

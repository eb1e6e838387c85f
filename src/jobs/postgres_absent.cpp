#include <armature/jobs/outbox.hpp>
#include <armature/jobs/postgres.hpp>

namespace armature {

namespace {

[[noreturn]] void refuse() {
    throw JobStoreError{"PostgreSQL: Armature was built without libpq; install it (Debian: "
                        "libpq-dev) and build again"};
}

} // namespace

std::unique_ptr<JobStore> postgres_jobs(const std::string&) { refuse(); }
void create_job_tables(pg_conn*) { refuse(); }
bool enqueue_in(pg_conn*, const NewJob&) { refuse(); }
std::size_t forget_effects(pg_conn*, Duration) { refuse(); }
std::unique_ptr<Outbox> postgres_outbox(const std::string&) { refuse(); }
void create_outbox_table(pg_conn*) { refuse(); }
void add_to_outbox(pg_conn*, const NewJob&) { refuse(); }

namespace detail {

bool begin_effect(pg_conn*, const Uuid&, std::string_view) { refuse(); }
void commit_effect(pg_conn*) { refuse(); }
void roll_back_effect(pg_conn*) noexcept {}

} // namespace detail

} // namespace armature

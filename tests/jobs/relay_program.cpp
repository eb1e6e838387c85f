// A relay for test_outbox, to be killed: relay_program OUTBOX STORE
#include "jobs/kill_store.hpp"

#include <armature/jobs/outbox.hpp>

#include <signal.h>

#include <string_view>

int main(int, char** arguments) {
    using namespace armature;
    const std::string_view where = arguments[1];
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    OutboxRelayOptions options;
    options.poll = Duration::milliseconds(20);
    options.batch = 50;
    const OutboxRelay relay{where.starts_with("postgres:")
                                ? postgres_outbox(std::string{where.substr(9)})
                                : sqlite_outbox(std::string{where.substr(7)}),
                            job_tests::open_store(arguments[2]), options};
    int signal = 0;
    sigwait(&signals, &signal);
}

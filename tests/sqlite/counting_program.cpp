// counting_program FILE TIMES: adds 1 to the counter "count" in a store that others use as well,
// and writes a dot when each is done.
#include <armature/core/scheduler.hpp>
#include <armature/sqlite/store.hpp>

#include <unistd.h>

#include <cstdlib>

int main(int, char** arguments) {
    armature::SqliteStore store{arguments[1]};
    armature::LocalLoop loop;
    const int times = std::atoi(arguments[2]);
    for (int i = 0; i < times; ++i) {
        (void)loop.run(store.add("count", 1));
        if (::write(1, ".", 1) != 1) return 1;
    }
}

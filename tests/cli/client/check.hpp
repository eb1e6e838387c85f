#pragma once

#include <cstdlib>
#include <iostream>

// For programs that try a generated client: the first thing that is wrong ends them.
inline int checks = 0;
template <class Got, class Wanted>
void same(const Got& got, const Wanted& wanted, int line) {
    ++checks;
    if (got == wanted) return;
    std::cerr << "line " << line << ": got " << got << ", wanted " << wanted << '\n';
    std::exit(1);
}
#define SAME(got, wanted) same(got, wanted, __LINE__)

#include <armature/observability/metrics.hpp>

#include <dirent.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace armature {

namespace {

// The fields of /proc/self/stat from the third on (proc(5)); the second may contain anything.
double stat_field(int number) {
    std::ifstream file("/proc/self/stat");
    std::string text;
    std::getline(file, text);
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) return 0;
    std::istringstream fields(text.substr(name_end + 1));
    std::string field;
    for (int i = 3; i <= number; ++i)
        fields >> field;
    return std::strtod(field.c_str(), nullptr);
}

double ticks() { return static_cast<double>(::sysconf(_SC_CLK_TCK)); }

double cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double start_seconds() {
    double boot = 0;
    std::ifstream file("/proc/stat");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("btime ")) boot = std::strtod(line.c_str() + 6, nullptr);
    return boot + stat_field(22) / ticks();
}

double open_descriptors() {
    DIR* folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) return 0;
    double count = -1; // the one of the folder itself
    while (const dirent* entry = ::readdir(folder))
        if (entry->d_name[0] != '.') ++count;
    ::closedir(folder);
    return count;
}

double descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<double>(limit.rlim_cur);
}

} // namespace

MetricsRegistry& MetricsRegistry::add_process_metrics() {
    const double start = start_seconds(); // it doesn't change
    read("process_cpu_seconds_total", "CPU time used, in seconds", {}, cpu_seconds);
    read("process_max_fds", "Largest number of open file descriptors", {}, descriptor_limit);
    read("process_open_fds", "Open file descriptors", {}, open_descriptors);
    read("process_resident_memory_bytes", "Resident memory in bytes", {},
         [] { return stat_field(24) * static_cast<double>(::sysconf(_SC_PAGESIZE)); });
    read("process_start_time_seconds", "Start of the process, in seconds since 1970", {},
         [start] { return start; });
    read("process_threads", "Threads of the process", {}, [] { return stat_field(20); });
    read("process_virtual_memory_bytes", "Virtual memory in bytes", {},
         [] { return stat_field(23); });
    return *this;
}

} // namespace armature

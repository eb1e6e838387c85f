#include "cli/dev/watcher.hpp"

#include "cli/dev/child.hpp"
#include "terminal/command.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace armature::cli::dev {

namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                  IN_MOVED_TO | IN_ONLYDIR | IN_EXCL_UNLINK;

constexpr std::array<std::string_view, 20> source_endings{
    ".c",   ".cc",  ".cpp", ".cxx", ".c++",  ".h",  ".hh",    ".hpp",   ".hxx", ".h++",
    ".inl", ".ipp", ".tpp", ".ixx", ".cppm", ".in", ".cmake", ".proto", ".y",   ".l"};
// A program may read these when it starts.
constexpr std::array<std::string_view, 18> run_time_endings{
    ".html", ".htm",  ".css", ".js",   ".mjs", ".ts",  ".svg", ".json",    ".yaml",
    ".yml",  ".toml", ".ini", ".conf", ".env", ".ftl", ".sql", ".graphql", ".xml"};

template <std::size_t Size>
bool ends_with_one_of(std::string_view name, const std::array<std::string_view, Size>& endings) {
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

std::string_view last_part(std::string_view path) noexcept {
    const std::size_t slash = path.rfind('/');
    return slash == path.npos ? path : path.substr(slash + 1);
}

bool is_build_source(std::string_view name) noexcept {
    const std::string_view file = last_part(name);
    return ends_with_one_of(file, source_endings) || file == "CMakeLists.txt" ||
           file == "CMakePresets.json" || file == "CMakeUserPresets.json";
}

} // namespace

bool is_read_at_run_time(std::string_view name) noexcept { return !is_build_source(name); }

bool Watcher::is_ignored(std::string_view name) noexcept {
    // What editors write for themselves begins with a dot or has none of the endings.
    if (name.starts_with('.') && !name.starts_with(".env")) return true;
    return !is_build_source(name) && !ends_with_one_of(name, run_time_endings) &&
           !name.starts_with(".env");
}

Watcher::Watcher(std::string folder, std::string build)
    : folder_(std::move(folder)), build_(std::move(build)),
      descriptor_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (descriptor_ < 0)
        throw terminal::CommandError{std::string{"can't watch files: "} + std::strerror(errno)};
    watch("", nullptr);
}

Watcher::~Watcher() { ::close(descriptor_); }

// Whether the folder `name` in `folder` has sources.
bool Watcher::is_watched(const std::string& folder, std::string_view name) const {
    if (name.starts_with('.') || name == "node_modules" || name == "CMakeFiles") return false;
    const fs::path path = fs::path{folder_} / folder / name;
    std::error_code error;
    return path != build_ && !fs::exists(path / "CMakeCache.txt", error);
}

// `folder` is "" or ends with a slash. What is in it already is `changed`, if that is asked for:
// somebody may have written there before we watched.
void Watcher::watch(const std::string& folder, std::set<std::string>* changed) {
    const fs::path path = fs::path{folder_} / folder;
    std::error_code error;
    const int watch_id = ::inotify_add_watch(descriptor_, path.c_str(), changes);
    if (watch_id < 0) {
        if (errno == ENOSPC)
            throw terminal::CommandError{
                "too many folders to watch: raise fs.inotify.max_user_watches (sysctl)"};
        return; // it went meanwhile, or may not be read
    }
    folders_[watch_id] = folder;
    for (fs::directory_iterator entry{path, error}, end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        std::error_code ignored;
        if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) {
            if (is_watched(folder, name)) watch(folder + name + '/', changed);
        } else if (changed != nullptr && !is_ignored(name)) {
            changed->insert(folder + name);
        }
    }
}

void Watcher::read(std::set<std::string>& changed) {
    alignas(inotify_event) char buffer[16 * 1024];
    for (;;) {
        const ssize_t got = ::read(descriptor_, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return;
        for (ssize_t at = 0; at < got;) {
            const auto& event = *reinterpret_cast<const inotify_event*>(buffer + at);
            at += static_cast<ssize_t>(sizeof event + event.len);
            if ((event.mask & IN_Q_OVERFLOW) != 0) { // some are lost: all may have changed
                watch("", &changed);
                continue;
            }
            if ((event.mask & IN_IGNORED) != 0) {
                folders_.erase(event.wd);
                continue;
            }
            const auto folder = folders_.find(event.wd);
            if (folder == folders_.end() || event.len == 0) continue;
            const std::string name = event.name;
            if ((event.mask & IN_ISDIR) != 0) {
                const std::string parent = folder->second; // which `watch` may move
                if ((event.mask & (IN_CREATE | IN_MOVED_TO)) != 0 && is_watched(parent, name))
                    watch(parent + name + '/', &changed);
                continue;
            }
            // A new file counts once it was written.
            if ((event.mask & IN_CREATE) != 0 || is_ignored(name)) continue;
            changed.insert(folder->second + name);
        }
    }
}

void remove_ignored_by_git(const std::string& folder, std::set<std::string>& changed) {
    Child::Options options;
    options.command = {"git", "check-ignore", "--"};
    options.command.insert(options.command.end(), changed.begin(), changed.end());
    options.folder = folder;
    try {
        Child git{options};
        std::string output;
        while (!git.has_ended()) {
            pollfd poll{git.output(), POLLIN, 0};
            ::poll(&poll, 1, 100);
            output += git.read();
        }
        output += git.read();
        if (!git.succeeded()) return; // none is, or there is no repository, or no git
        for (std::string_view rest = output; !rest.empty();) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            changed.erase(std::string{rest.substr(0, end)});
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    } catch (const std::system_error&) {
        return; // more is built than has to be
    }
}

} // namespace armature::cli::dev

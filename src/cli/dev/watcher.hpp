#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace armature::cli::dev {

/// Notices changes of a project's sources: inotify(7) on all of its folders but those that begin
/// with a dot, those that CMake builds in, and node_modules.
class Watcher {
  public:
    /// `build` is a folder that may not be there yet. Throws CommandError.
    Watcher(std::string folder, std::string build);
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    ~Watcher();

    /// Can be read when something happened.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    /// Adds the names of changed files, from the project's folder on.
    void read(std::set<std::string>& changed);

  private:
    void watch(const std::string& folder, std::set<std::string>* changed);
    [[nodiscard]] bool is_watched(const std::string& folder, std::string_view name) const;
    [[nodiscard]] static bool is_ignored(std::string_view name) noexcept;

    std::string folder_;
    std::string build_;
    int descriptor_;
    std::unordered_map<int, std::string> folders_; ///< by watch: "" or "src/"
};

/// Whether only the program, when it runs, can know the file: a template, a style, a setting. The
/// build decides about the others.
[[nodiscard]] bool is_read_at_run_time(std::string_view name) noexcept;

/// Takes out what git ignores: a log, a database, an upload that the program itself writes.
void remove_ignored_by_git(const std::string& folder, std::set<std::string>& changed);

} // namespace armature::cli::dev

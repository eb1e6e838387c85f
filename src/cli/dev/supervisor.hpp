#pragma once

#include "cli/dev/child.hpp"
#include "cli/dev/situation.hpp"
#include "cli/dev/watcher.hpp"
#include "cli/project/cmake_build.hpp"
#include "terminal/terminal.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace armature::cli::dev {

/// Builds the program, runs it, and does so again after each change, until a signal ends it. On one
/// thread, which waits for signals, changed files and the output of its children together.
class Supervisor {
  public:
    /// `listening` is the socket that the program is handed.
    Supervisor(CMakeBuild& project, std::vector<std::string> program_arguments, int listening,
               Situation& situation, terminal::Terminal& terminal);
    ~Supervisor();

    /// Returns after SIGINT, SIGTERM or SIGHUP, when all children have ended.
    void run();

  private:
    enum class Outcome { done, failed, changed, stopped };

    void wait(int timeout_ms);
    void read_signals();
    void read_output();
    void look_after_program();
    void settle_changes();
    void rebuild();
    Outcome build();
    Outcome run_tool(const std::vector<std::string>& command);
    void restart(const std::string& file);
    void end_program();
    void say(const Failure& failure);
    void report(Failure failure);
    void report_end();
    void refuse_queue() noexcept;

    CMakeBuild& project_;
    std::vector<std::string> arguments_;
    int listening_;
    Situation& situation_;
    terminal::Terminal& terminal_;
    Watcher watcher_;

    int signals_[2];
    bool stopping_ = false;
    std::set<std::string> changed_;
    bool must_restart_ = true; ///< whatever the build says
    bool build_is_broken_ = false;
    std::unique_ptr<Child> tool_; ///< that builds
    std::string tool_output_;
    std::unique_ptr<Child> program_;
    std::string last_output_; ///< of the program
    std::string built_;       ///< which file of the program runs: its time and size
};

} // namespace armature::cli::dev

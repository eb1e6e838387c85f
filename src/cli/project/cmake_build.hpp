#pragma once

#include <optional>
#include <string>
#include <vector>

namespace armature::cli {

/// How a CMake project is configured and built, and what program comes out, by CMake's presets and
/// file API.
class CMakeBuild {
  public:
    struct Choices {
        std::string folder = ".";
        std::string preset; ///< empty: "dev" if the project has it
        std::string build;  ///< the build folder; empty: the preset's, or build/dev
        std::string target; ///< empty: the only program, or the one named as the project
    };
    /// Throws CommandError.
    explicit CMakeBuild(const Choices& choices);

    [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
    [[nodiscard]] const std::string& build_folder() const noexcept { return build_; }

    /// What to run first, or nothing when the build folder can tell what it builds.
    [[nodiscard]] std::optional<std::vector<std::string>> configure_command() const;
    /// What builds the program. Throws CommandError when it isn't clear which that is.
    [[nodiscard]] std::vector<std::string> build_command();
    /// What builds everything, tests too.
    [[nodiscard]] std::vector<std::string> build_all_command() const;
    /// What runs the tests: by the test preset of the preset's name, if there is one.
    [[nodiscard]] std::vector<std::string> test_command() const;
    /// CMake ran since the last `build_command`: another target may be the program.
    [[nodiscard]] bool has_changed() const { return reply_index() != read_index_; }
    /// The program's file, after the build.
    [[nodiscard]] std::string program();

  private:
    struct Target {
        std::string name;
        std::string file;
        bool links_armature = false;
    };
    [[nodiscard]] std::string reply_index() const;
    const Target& target();
    [[nodiscard]] std::vector<Target> read_targets(const std::string& index);
    [[nodiscard]] Target choose(const std::vector<Target>& targets) const;

    std::string folder_;
    std::string preset_;
    std::string build_;
    std::string wanted_;
    std::string name_;       ///< of the project, as CMake says it
    std::string read_index_; ///< what `target_` comes from
    Target target_;
};

} // namespace armature::cli

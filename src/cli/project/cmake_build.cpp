#include "cli/project/cmake_build.hpp"

#include "cli/project/process.hpp"
#include "terminal/command.hpp"

#include <armature/json/nlohmann.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace armature::cli {

namespace fs = std::filesystem;
using nlohmann::json;
using terminal::CommandError;

namespace {

constexpr const char* query = ".cmake/api/v1/query/client-armature/codemodel-v2";
constexpr const char* replies = ".cmake/api/v1/reply";

json read_file(const fs::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    json document;
    JsonErrors errors;
    if (!file || read_json(text.str(), document, errors) != JsonStatus::ok)
        throw CommandError{path.string() + ": can't be read as JSON"};
    return document;
}

std::string text_of(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// Those of one kind: "configurePresets", "testPresets".
std::vector<json> presets_of(const fs::path& folder, const char* kind) {
    std::vector<json> all;
    for (const char* name : {"CMakePresets.json", "CMakeUserPresets.json"}) {
        if (!fs::exists(folder / name)) continue;
        const json document = read_file(folder / name);
        if (const auto presets = document.find(kind); presets != document.end())
            all.insert(all.end(), presets->begin(), presets->end());
    }
    return all;
}

const json* find_preset(const std::vector<json>& presets, const std::string& name) {
    const auto found = std::find_if(presets.begin(), presets.end(), [&](const json& preset) {
        return text_of(preset, "name") == name;
    });
    return found == presets.end() ? nullptr : &*found;
}

// Its own or that of the first it inherits from; depth ends circles.
std::string binary_dir(const std::vector<json>& presets, const std::string& name, int depth = 0) {
    const json* const preset = find_preset(presets, name);
    if (preset == nullptr || depth > 20) return {};
    if (std::string own = text_of(*preset, "binaryDir"); !own.empty()) return own;
    const auto parents = preset->find("inherits");
    if (parents == preset->end()) return {};
    if (parents->is_string()) return binary_dir(presets, parents->get<std::string>(), depth + 1);
    for (const json& parent : *parents)
        if (std::string found = binary_dir(presets, parent.get<std::string>(), depth + 1);
            !found.empty())
            return found;
    return {};
}

std::string jobs() { return std::to_string(std::max(1u, std::thread::hardware_concurrency())); }

void replace(std::string& text, std::string_view what, std::string_view with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
        text.replace(at, what.size(), with);
}

} // namespace

CMakeBuild::CMakeBuild(const Choices& choices)
    : preset_(choices.preset), build_(choices.build), wanted_(choices.target) {
    std::error_code error;
    folder_ = fs::canonical(choices.folder, error).string();
    if (error || !fs::exists(fs::path{folder_} / "CMakeLists.txt"))
        throw CommandError{choices.folder + ": there is no CMakeLists.txt; run it in the folder of "
                                            "a CMake project, or 'armature new' makes one"};
    const std::vector<json> presets = presets_of(folder_, "configurePresets");
    if (preset_.empty() && build_.empty() && find_preset(presets, "dev") != nullptr)
        preset_ = "dev";
    if (!preset_.empty() && build_.empty()) {
        build_ = binary_dir(presets, preset_);
        replace(build_, "${sourceDir}", folder_);
        replace(build_, "${sourceDirName}", fs::path{folder_}.filename().string());
        replace(build_, "${presetName}", preset_);
        if (build_.empty() || build_.find("${") != build_.npos ||
            build_.find("$env") != build_.npos)
            throw CommandError{"CMakePresets.json: the build folder of preset '" + preset_ +
                               "' isn't clear; give it a binaryDir"};
    }
    if (build_.empty()) build_ = "build/dev";
    build_ = (fs::path{folder_} / build_).lexically_normal().string();
}

std::optional<std::vector<std::string>> CMakeBuild::configure_command() const {
    if (!reply_index().empty() && fs::exists(fs::path{build_} / "CMakeCache.txt"))
        return std::nullopt;
    const fs::path question = fs::path{build_} / query;
    std::error_code error;
    fs::create_directories(question.parent_path(), error);
    if (!std::ofstream(question)) throw CommandError{question.string() + ": can't be written"};
    if (!preset_.empty())
        return std::vector<std::string>{"cmake", "--preset", preset_, "-B", build_};
    std::vector<std::string> command{"cmake", "-S", folder_, "-B", build_};
    // What is there already keeps its settings.
    if (!fs::exists(fs::path{build_} / "CMakeCache.txt")) {
        command.emplace_back("-DCMAKE_BUILD_TYPE=Debug");
        if (std::getenv("CMAKE_GENERATOR") == nullptr && !find_program("ninja").empty())
            command.insert(command.end(), {"-G", "Ninja"});
    }
    return command;
}

std::vector<std::string> CMakeBuild::build_all_command() const {
    // A number, because make takes none for as many as it likes.
    return {"cmake", "--build", build_, "--parallel", jobs()};
}

std::vector<std::string> CMakeBuild::build_command() {
    std::vector<std::string> command = build_all_command();
    command.insert(command.end(), {"--target", target().name});
    return command;
}

std::vector<std::string> CMakeBuild::test_command() const {
    std::vector<std::string> command{"ctest"};
    if (find_preset(presets_of(folder_, "testPresets"), preset_) != nullptr)
        command.insert(command.end(), {"--preset", preset_});
    else
        command.insert(command.end(), {"--test-dir", build_});
    command.insert(command.end(),
                   {"--output-on-failure", "--no-tests=error", "--parallel", jobs()});
    return command;
}

std::string CMakeBuild::program() { return target().file; }

// The newest answer of CMake; its name sorts by time.
std::string CMakeBuild::reply_index() const {
    std::string newest;
    std::error_code error;
    for (const fs::directory_entry& entry :
         fs::directory_iterator{fs::path{build_} / replies, error}) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("index-") && name > newest) newest = name;
    }
    return newest;
}

const CMakeBuild::Target& CMakeBuild::target() {
    if (const std::string index = reply_index(); index != read_index_ || index.empty()) {
        target_ = choose(read_targets(index));
        read_index_ = index;
    }
    return target_;
}

std::vector<CMakeBuild::Target> CMakeBuild::read_targets(const std::string& index) {
    const fs::path folder = fs::path{build_} / replies;
    std::vector<Target> found;
    try {
        const json answers = read_file(folder / index);
        const json& answer = answers.at("reply").at("client-armature").at("codemodel-v2");
        const json model = read_file(folder / answer.at("jsonFile").get<std::string>());
        const json& configuration = model.at("configurations").at(0);
        const json& projects = configuration.at("projects");
        if (!projects.empty()) name_ = text_of(projects.at(0), "name");
        for (const json& reference : configuration.at("targets")) {
            const json target = read_file(folder / reference.at("jsonFile").get<std::string>());
            if (text_of(target, "type") != "EXECUTABLE" || !target.contains("artifacts")) continue;
            Target one;
            one.name = text_of(target, "name");
            const std::string file = text_of(target.at("artifacts").at(0), "path");
            one.file = (fs::path{build_} / file).lexically_normal().string();
            if (const auto link = target.find("link"); link != target.end())
                for (const json& part : link->value("commandFragments", json::array()))
                    one.links_armature |=
                        text_of(part, "fragment").find("armature") != std::string::npos;
            found.push_back(std::move(one));
        }
    } catch (const json::exception&) {
        throw CommandError{build_ + ": CMake doesn't say what is built there; remove the folder, "
                                    "or say another with --build-dir"};
    }
    return found;
}

CMakeBuild::Target CMakeBuild::choose(const std::vector<Target>& targets) const {
    std::vector<Target> fitting;
    for (const Target& target : targets) {
        if (!wanted_.empty() && target.name == wanted_) return target;
        if (target.links_armature) fitting.push_back(target);
    }
    if (!wanted_.empty())
        throw CommandError{"there is no program '" + wanted_ + "' in this project"};
    if (fitting.empty()) fitting = targets;
    if (fitting.size() == 1) return fitting.front();
    std::string names;
    for (const Target& target : fitting) {
        if (target.name == name_) return target;
        names += (names.empty() ? "" : ", ") + target.name;
    }
    if (names.empty())
        throw CommandError{"this project builds no program: add_executable makes one"};
    throw CommandError{"which program is it? Say one with --target: " + names};
}

} // namespace armature::cli

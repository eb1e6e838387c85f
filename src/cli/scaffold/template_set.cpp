#include "cli/scaffold/template_set.hpp"

#include "cli/scaffold/embedded.hpp"
#include "cli/scaffold/files.hpp"
#include "terminal/command.hpp"

#include <filesystem>
#include <sstream>

namespace armature::cli {

namespace fs = std::filesystem;

TemplateFiles template_files(std::string_view folder, const std::string& own) {
    const std::string prefix = std::string{folder} + '/';
    TemplateFiles files;
    for (const EmbeddedFile& file : embedded_files())
        if (file.path.starts_with(prefix))
            files[std::string{file.path.substr(prefix.size())}] = file.text;
    if (own.empty()) return files;
    const fs::path root = fs::path{own} / folder;
    if (!fs::is_directory(own))
        throw terminal::CommandError{own + ": there is no such folder of templates"};
    if (!fs::is_directory(root)) return files;
    for (const auto& entry : fs::recursive_directory_iterator{root})
        if (entry.is_regular_file())
            files[entry.path().lexically_relative(root).string()] = read_text(entry.path());
    return files;
}

std::map<std::string, std::string> templates_of(std::string_view folder, const std::string& own) {
    std::map<std::string, std::string> found;
    for (auto& [path, text] : template_files(folder, own))
        if (path.ends_with("/template")) found[path.substr(0, path.find('/'))] = text;
    return found;
}

std::vector<ManifestLine> manifest_lines(const std::string& folder, const std::string& text) {
    std::vector<ManifestLine> lines;
    std::istringstream stream{text};
    std::size_t number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++number;
        if (line.empty()) continue;
        const std::size_t colon = line.find(": ");
        lines.push_back({line.substr(0, colon),
                         colon == std::string::npos ? "" : line.substr(colon + 2),
                         folder + "/template:" + std::to_string(number)});
    }
    return lines;
}

} // namespace armature::cli

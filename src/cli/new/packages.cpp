#include "cli/new/packages.hpp"

#include "cli/new/component_packages.hpp"
#include "cli/project/process.hpp"

#include <set>
#include <sstream>

namespace armature::cli {

std::vector<std::string> packages_of(const std::vector<std::string>& components) {
    std::set<std::string> found;
    for (const ComponentPackages& row : component_packages())
        for (const std::string& component : components) {
            if (row.component != component) continue;
            std::istringstream words{std::string{row.packages}};
            for (std::string word; words >> word;)
                found.insert(word);
        }
    return {found.begin(), found.end()};
}

std::vector<std::string> all_components() {
    std::vector<std::string> all;
    for (const ComponentPackages& row : component_packages())
        all.emplace_back(row.component);
    return all;
}

std::vector<std::string> missing_packages(const std::vector<std::string>& packages) {
    if (packages.empty() || find_program("dpkg-query").empty()) return {};
    std::vector<std::string> words{"dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n"};
    words.insert(words.end(), packages.begin(), packages.end());
    std::set<std::string> installed; // dpkg-query fails as a whole if it doesn't know one
    std::istringstream lines{run_quietly(words).output};
    for (std::string line; std::getline(lines, line);)
        if (line.ends_with(" installed")) installed.insert(line.substr(0, line.find(' ')));
    std::vector<std::string> missing;
    for (const std::string& package : packages)
        if (!installed.contains(package)) missing.push_back(package);
    return missing;
}

std::string apt_line(const std::vector<std::string>& packages) {
    std::string line = "sudo apt-get install -y";
    for (const std::string& package : packages)
        line += ' ' + package;
    return line;
}

} // namespace armature::cli

#pragma once

#include "cli/openapi/document.hpp"

#include <map>
#include <string>

namespace armature::spec::testing {

/// Files that are there in a test only: `api.yaml` is what is read.
struct Files : std::map<std::string, std::string> {
    using std::map<std::string, std::string>::map;

    [[nodiscard]] Document read(const std::string& name = "api.yaml") const {
        return Document::read(name, [this](const std::string& location) {
            const auto found = find(location);
            if (found == end()) throw ReadError(location + ": no such file");
            return found->second;
        });
    }
};

/// A document with these paths and components, both YAML at the margin.
inline std::string document(const std::string& rest, const std::string& version = "3.1.0") {
    return "openapi: " + version + "\ninfo: {title: Test, version: '1'}\n" + rest;
}

/// "12 rule", for each finding.
inline std::vector<std::string> rules(const std::vector<Finding>& findings) {
    std::vector<std::string> out;
    for (const Finding& finding : findings)
        out.push_back(std::to_string(finding.line) + " " + finding.rule);
    return out;
}

} // namespace armature::spec::testing

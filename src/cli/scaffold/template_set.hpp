#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace armature::cli {

/// A file of a template: its path below the template, and its text.
using TemplateFiles = std::map<std::string, std::string>;

/// The files below `folder` ("new/api", "generate/resource"): those that `armature` was built
/// with, and over them those below `own` ("--templates DIR"), if it isn't empty. Throws
/// terminal::CommandError if `own` can't be read.
[[nodiscard]] TemplateFiles template_files(std::string_view folder, const std::string& own);

/// The folders directly below `folder`, with the file `template` of each.
[[nodiscard]] std::map<std::string, std::string> templates_of(std::string_view folder,
                                                              const std::string& own);

/// A line "key: value" of such a file, and where it stands, for messages.
struct ManifestLine {
    std::string key;
    std::string value;
    std::string where; ///< "new/api/template:3"
};
/// `folder` is that of the template.
[[nodiscard]] std::vector<ManifestLine> manifest_lines(const std::string& folder,
                                                       const std::string& text);

} // namespace armature::cli

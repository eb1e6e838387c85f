#pragma once

#include "cli/openapi/document.hpp"

namespace armature::client_gen {

struct File {
    std::string name; ///< relative; may have folders
    std::string text;
};

/// A client in some language. The same document and options give the same bytes.
struct Generated {
    std::vector<File> files;
    std::vector<std::string> warnings; ///< what the client can't do, or does otherwise
    std::size_t functions = 0;
    std::size_t types = 0;
};

struct Options {
    std::string package; ///< its name; empty: from the document's title
};

[[nodiscard]] Generated typescript(const spec::Document& document, const Options& options);
[[nodiscard]] Generated rust(const spec::Document& document, const Options& options);
[[nodiscard]] Generated cpp(const spec::Document& document, const Options& options);

} // namespace armature::client_gen

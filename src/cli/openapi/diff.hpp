#pragma once

#include "cli/openapi/document.hpp"

namespace armature::spec {

/// A difference of two versions of a document that a client may notice.
struct Change {
    /// breaking: a client that was right may fail. warning: it may, if it relies on what the
    /// document doesn't promise. info: it won't.
    enum class Level : unsigned char { info, warning, breaking };
    Level level = Level::info;
    std::string id;        ///< as oasdiff names it: "request-property-became-required"
    std::string operation; ///< "POST /users"; empty: of the document
    std::string text;      ///< one sentence
    std::string place;     ///< "new.yaml:12"; in the old document for what is gone
};

/// In the order of the old document's operations, then what the new one adds.
[[nodiscard]] std::vector<Change> diff(const Document& before, const Document& after);

} // namespace armature::spec

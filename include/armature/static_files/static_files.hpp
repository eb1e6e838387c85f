#pragma once

#include <armature/app/app.hpp>

#include <source_location>
#include <string>

namespace armature {

/// How a folder is served. What can't be right stops `static_files` with a BuildError.
struct StaticFileOptions {
    /// The file that stands for its folder; empty: folders are 404.
    std::string index = "index.html";
    /// A file below the folder, "index.html" for a single-page application: answers GET and HEAD of
    /// paths without a file, with 200, for clients that prefer HTML to just anything, as browsers
    /// do when they go to a page. It must exist when `static_files` is called. Empty: 404.
    std::string fallback = {};
    /// What caches may do: by default keep a file, and ask each time whether it has changed.
    std::string cache_control = "no-cache";
    /// Lets caches keep files with a fingerprint in their name for a year without asking. Such a
    /// name is `app.3f9a1c0b.js`: before its extension at least 8 characters of base64url, letters
    /// and digits among them. For folders where build tools write, not people.
    bool immutable_fingerprints = false;
    /// Sends `app.js.br`, `app.js.zst` or `app.js.gz` in place of `app.js` to clients that accept
    /// that coding, if it isn't older than `app.js`.
    bool precompressed = true;
    /// Serves files and folders whose name starts with a dot.
    bool dotfiles = false;
    /// Follows symbolic links that lead to what is below the folder. Needs Linux 5.6.
    bool symlinks = false;
};

/// Serves the regular files below a folder to GET and HEAD, with content types by extension, ETag
/// and Last-Modified, conditional requests and ranges (RFC 9110 §13, §14):
///
///     app.service(static_files("/assets", "public", {.immutable_fingerprints = true}));
///
/// `prefix` starts with a slash; "/" serves what no other route takes. The folder is opened here,
/// once: another one that takes its name later isn't served. Whatever a path says, nothing outside
/// of the folder is opened. A path to a folder is redirected to the same with a slash; contents are
/// never listed.
///
/// Throws BuildError when the folder can't be opened or an option is wrong.
[[nodiscard]] Scope static_files(std::string prefix, const std::string& directory,
                                 StaticFileOptions options = {},
                                 std::source_location where = std::source_location::current());

} // namespace armature

#pragma once

#include "cli/openapi/document.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::cli::mock {

/// The paths of a document. A literal counts more than a parameter, from the left; a path may begin
/// with that of one of the servers, or leave it out.
class Routes {
  public:
    explicit Routes(const spec::Document& document);

    struct Match {
        std::vector<const spec::Operation*> operations; ///< of the path, one for each method
        std::vector<std::pair<std::string, std::string>> params;
        std::string path; ///< without what belongs to the server
        /// The one for that method; GET's for HEAD. nullptr without one.
        [[nodiscard]] const spec::Operation* operation(std::string_view method) const noexcept;
        /// For an Allow field.
        [[nodiscard]] std::string allow() const;
    };
    /// `path` is decoded, with NUL for a slash inside of a segment.
    [[nodiscard]] std::optional<Match> find(std::string_view path) const;

  private:
    struct Segment {
        struct Part {
            bool is_parameter;
            std::string text; ///< or the parameter's name
        };
        std::vector<Part> parts; ///< "{id}.json" has two
        [[nodiscard]] bool is_literal() const noexcept {
            return parts.size() == 1 && !parts[0].is_parameter;
        }
        bool match(std::string_view text,
                   std::vector<std::pair<std::string, std::string>>& params) const;
    };
    struct Path {
        std::string text;
        std::vector<Segment> segments;
        std::vector<const spec::Operation*> operations;
    };
    [[nodiscard]] static Path parse(std::string_view text);
    [[nodiscard]] static bool is_before(const Path& a, const Path& b);
    [[nodiscard]] std::optional<Match> find_exactly(std::string_view path) const;

    std::vector<Path> paths_; ///< the most literal first
    std::vector<std::string> prefixes_;
};

} // namespace armature::cli::mock

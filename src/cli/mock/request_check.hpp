#pragma once

#include "cli/mock/routes.hpp"
#include "cli/mock/values.hpp"

#include <armature/core/request.hpp>

#include <string>
#include <vector>

namespace armature::cli::mock {

/// Something in a message that the document doesn't allow.
struct Violation {
    std::vector<std::string> location; ///< "query", "limit"; "body", "name"
    std::string code;                  ///< JSON Schema's keyword
    std::string message;
};

/// A request as the document sees it.
struct CheckedRequest {
    /// The status that it asks for: 401, 415 or 422 (400 for content that is malformed); 0: it is
    /// as the document says.
    unsigned status = 0;
    std::vector<Violation> violations;
    std::string challenge; ///< for WWW-Authenticate, with 401
    json body;             ///< JSON, or what a form says; discarded without content
    bool has_body = false;
};

/// Checks security, media type, parameters and content, in that order; the first two end it.
[[nodiscard]] CheckedRequest check_request(const spec::Operation& operation,
                                           const Routes::Match& match, const Request& request,
                                           const std::string& content);

/// What of `media` is for a content type; nullptr without.
[[nodiscard]] const spec::Media* find_media(const std::vector<spec::Media>& media,
                                            std::string_view content_type);

/// Adds what is wrong with a value under a place, as violations.
void add_violations(const spec::Schema& schema, const json& value, Direction direction,
                    const std::vector<std::string>& place, std::vector<Violation>& violations);

/// As a list of `{location, severity, code, message}`.
[[nodiscard]] json to_json_list(const std::vector<Violation>& violations);

} // namespace armature::cli::mock

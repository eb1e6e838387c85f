#pragma once

#include "cli/mock/generate.hpp"
#include "cli/mock/request_check.hpp"
#include "cli/mock/routes.hpp"
#include "cli/mock/store.hpp"

#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <memory>
#include <string>

namespace armature::cli::mock {

struct EngineOptions {
    std::uint64_t seed = 1;
    bool dynamic = false; ///< nothing from examples
    bool keeps = true;    ///< what clients make is there afterwards
};

/// Decides about each request as the document says: route → security → content and parameters →
/// status and media type → example, what is kept, or a value made for the schema. Immutable, so
/// that a changed document gets an engine of its own. Threads: any.
class Engine {
  public:
    Engine(spec::Document document, EngineOptions options, Store& store);

    [[nodiscard]] Response answer(const Request& request, const std::string& content) const;

    [[nodiscard]] const spec::Document& document() const noexcept { return document_; }
    [[nodiscard]] const Routes& routes() const noexcept { return routes_; }

  private:
    friend class Answer;

    spec::Document document_;
    EngineOptions options_;
    Store& store_;
    Routes routes_;
    Generator generator_;
    Resources resources_;
};

/// Problem details (RFC 9457), with what was wrong as the member `validation`.
[[nodiscard]] json problem_of(unsigned status, const std::string& title, const std::string& detail,
                              const std::vector<Violation>& violations = {});
[[nodiscard]] Response problem(unsigned status, const std::string& title, const std::string& detail,
                               const std::vector<Violation>& violations = {});

/// The field `sl-violations`, as Prism writes it: in one line, at most 4 KiB.
void put_violations(Response& response, const std::vector<Violation>& violations);

} // namespace armature::cli::mock

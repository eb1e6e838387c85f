#pragma once

#include "cli/mock/values.hpp"

#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <cstdio>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace armature::cli::mock {

/// What must not reach a recording: fields, parameters and members of JSON with these names, and
/// names that hold words such as "password" or "token".
class Redaction {
  public:
    explicit Redaction(const spec::Document& document);
    [[nodiscard]] bool hides(std::string_view name) const;
    /// Replaces what is hidden.
    void apply(json& content) const;
    [[nodiscard]] std::string query(std::string_view text) const;

  private:
    std::set<std::string> names_; ///< in lower case
};

/// Writes exchanges to a file, a line of JSON for each. Threads: any.
class Recorder {
  public:
    /// Appends. Throws CommandError.
    Recorder(const std::string& file, Redaction redaction);
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    ~Recorder();

    void write(const Request& request, const std::string& content, const Response& response,
               const std::string& response_content);

  private:
    std::mutex mutex_;
    std::FILE* file_;
    Redaction redaction_;
};

/// Answers requests with what was recorded: the same method, path, query and content get the
/// recorded answers, in their order, the last one for ever. Threads: any.
class Replay {
  public:
    /// Throws CommandError, which names file and line.
    Replay(const std::string& file, Redaction redaction);
    [[nodiscard]] std::optional<Response> answer(const Request& request,
                                                 const std::string& content);

  private:
    struct Answers {
        std::vector<json> all;
        std::size_t next = 0;
    };
    std::mutex mutex_;
    std::map<std::string, Answers> answers_;
    Redaction redaction_;
};

} // namespace armature::cli::mock

#pragma once

#include "openapi/schemas.hpp"

#include <armature/app/operation.hpp>

#include <map>
#include <string>
#include <vector>

namespace armature::detail {

/// Writes operations, and collects what they refer to.
class OperationNodes {
  public:
    /// An operation without its id. `path_parameters` are the names that the path has in the
    /// document, in order.
    [[nodiscard]] Node node_of(const OperationInfo& info,
                               const std::vector<std::string>& path_parameters);

    /// Joins two operations of one method and path: what either takes and answers.
    static void merge(Node& into, Node from);

    /// Schemas, responses and security schemes that operations refer to.
    [[nodiscard]] Node components() const;

  private:
    Node parameter(const OperationInfo& info, const ParameterInfo& parameter,
                   const std::vector<std::string>& path_parameters);
    Node contents(const std::vector<ContentInfo>& contents);
    Node response(const ResponseInfo& info);
    Node problem_response(const ResponseInfo& info);

    SchemaSet schemas_;
    std::map<std::string, Node> responses_;
    std::map<std::string, Node> security_;
};

} // namespace armature::detail

#pragma once

#include <string>

namespace {{ns}} {

/// One object of it serves all requests, from several threads.
class {{Thing}}Service {
  public:
    [[nodiscard]] std::string describe() const;
};

} // namespace {{ns}}

#pragma once

#include <armature/armature.hpp>

#include <string_view>

namespace showcase {

/// Middleware that notes its name when a request passes it, on the way in and on the way out, if
/// `ReportVisits` asked for it.
class Visit {
  public:
    explicit Visit(std::string_view name) : name_(name) {}
    void before(armature::Request& request) const;
    void after(armature::Request& request, armature::Response& response) const;

  private:
    std::string_view name_;
};

/// Middleware, to be the outermost: has the visits of requests below /nested noted, and answers
/// them with the list.
struct ReportVisits {
    void before(armature::Request& request) const;
    void after(armature::Request& request, armature::Response& response) const;
};

} // namespace showcase

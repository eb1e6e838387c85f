#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace armature {

class Request;

/// How clients say which version of an API they want, for `App::versioning`. Routes and scopes say
/// which version they are by `.version("2")`; which route answers is composed at build.
///
/// By header and by media type, several routes may have one method and path, each its own version.
/// One among them without a version serves all that no other does. A request that names no version
/// gets the default, or else the route without one. What nobody serves is answered with 400 (by
/// header) or 406 (by media type), naming the versions there are. Responses of such routes name the
/// field in Vary.
class Versioning {
  public:
    enum class Kind : std::uint8_t { path, header, media_type };

    /// In the path: `scope("/users").version("2")` is at "/v2/users". For all other purposes it is
    /// a part of the prefix. Scopes with a version don't nest.
    [[nodiscard]] static Versioning path(std::string prefix = "v") {
        return Versioning{Kind::path, std::move(prefix)};
    }
    /// In a field of the request: `API-Version: 2`.
    [[nodiscard]] static Versioning header(std::string name = "API-Version") {
        return Versioning{Kind::header, std::move(name)};
    }
    /// In a parameter of the Accept field's media types: `Accept: application/json; version=2`.
    [[nodiscard]] static Versioning media_type(std::string parameter = "version") {
        return Versioning{Kind::media_type, std::move(parameter)};
    }

    /// For requests that name no version; by header and by media type.
    Versioning& default_version(std::string version) & {
        default_ = std::move(version);
        return *this;
    }
    Versioning&& default_version(std::string version) && {
        return std::move(default_version(std::move(version)));
    }

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    /// The prefix, the field's name or the parameter's.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& default_version() const noexcept { return default_; }

    /// The version that a request names, or nullopt; not by path.
    [[nodiscard]] std::optional<std::string> requested(const Request& request) const;

  private:
    Versioning(Kind kind, std::string name) : kind_(kind), name_(std::move(name)) {}

    Kind kind_;
    std::string name_;
    std::string default_;
};

} // namespace armature

#pragma once

#include "cli/mock/random.hpp"

#include <armature/seed/fake.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace armature::cli::mock {

/// Texts as people would write them, by a format or by the name of a member, from the data that
/// seeds are made of. Those of one object belong together.
class Texts {
  public:
    /// Whom an object is about.
    struct Subject {
        seed::Fake data;
        bool is_person; ///< "name" is a person's
    };
    explicit Texts(Random& random);

    /// Begins an object, which is about a person or not; gives what `end` wants back.
    [[nodiscard]] Subject begin(bool is_about_a_person);
    void end(const Subject& before) { subject_ = before; }

    [[nodiscard]] std::string word() { return subject_.data.word(); }
    /// nullopt for a format that isn't known.
    [[nodiscard]] std::optional<std::string> of_format(std::string_view format);
    /// `name` as `plain` gives it.
    [[nodiscard]] std::string of_name(const std::string& name);
    /// Letters in lower case and digits, nothing else.
    [[nodiscard]] static std::string plain(std::string_view name);

  private:
    Random& random_;
    Subject subject_;
};

} // namespace armature::cli::mock

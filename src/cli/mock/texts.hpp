#pragma once

#include "cli/mock/random.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace armature::cli::mock {

/// Texts as people would write them, by a format or by the name of a member. Those of one object
/// belong together.
class Texts {
  public:
    /// Whom an object is about.
    struct Person {
        std::string first;
        std::string last;
        bool is_meant = false; ///< "name" is a person's
    };
    explicit Texts(Random& random);

    /// Begins an object, which is about a person or not; gives what `end` wants back.
    [[nodiscard]] Person begin(bool is_about_a_person);
    void end(Person before) { person_ = std::move(before); }

    [[nodiscard]] std::string word();
    /// nullopt for a format that isn't known.
    [[nodiscard]] std::optional<std::string> of_format(std::string_view format);
    /// `name` as `plain` gives it.
    [[nodiscard]] std::string of_name(const std::string& name);
    /// Letters in lower case and digits, nothing else.
    [[nodiscard]] static std::string plain(std::string_view name);

  private:
    std::string two_words(const char* between);
    static std::string capital(std::string text);

    Random& random_;
    Person person_;
};

} // namespace armature::cli::mock

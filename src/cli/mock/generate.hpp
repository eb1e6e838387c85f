#pragma once

#include "cli/mock/random.hpp"
#include "cli/mock/values.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace armature::cli::mock {

/// Makes values that fit schemas. What the document gives as an example, a default or a constant
/// comes first; the rest depends on the seed alone. The members of an object belong together: an
/// e-mail address is that of the name beside it.
///
/// TODO.md says that `armature db:seed` has a larger stock of data, which this one will use.
class Generator {
  public:
    struct Options {
        Direction direction = Direction::response;
        bool uses_examples = true; ///< those of the schemas; false: everything is made
    };

    /// `random` decides everything.
    [[nodiscard]] json make(const spec::Schema& schema, Random random,
                            const Options& options) const;

    /// Once, before anything is made.
    void prepare(const spec::Document& document);
    /// A schema of the document with its `all_of` folded in.
    [[nodiscard]] const spec::Schema& flat(const spec::Schema& schema) const;

  private:
    void prepare(const spec::Schema* schema);

    std::unordered_map<const spec::Schema*, spec::Schema> flat_;
};

/// A text that matches `pattern`, or an empty one when the pattern uses more than characters,
/// classes, groups, alternatives and repetitions.
[[nodiscard]] std::string text_of_pattern(std::string_view pattern, Random& random);

} // namespace armature::cli::mock

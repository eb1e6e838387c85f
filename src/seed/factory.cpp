#include <armature/seed/plan.hpp>

#include <stdexcept>

namespace armature::seed::detail {

void throw_other_key() {
    throw std::invalid_argument(
        "armature: a member refers to a key of another type: both are whole "
        "numbers, or both Uuid, or both std::string");
}
void throw_no_trait(std::string_view factory, std::string_view trait) {
    throw std::invalid_argument("armature: the factory " + std::string{factory} + " has no trait " +
                                std::string{trait});
}
void throw_undescribed_member(std::string_view factory) {
    throw std::invalid_argument("armature: the factory " + std::string{factory} +
                                " was given a member that ARMATURE_DESCRIBE doesn't name");
}
void throw_no_key(std::string_view factory) {
    throw std::invalid_argument("armature: the factory " + std::string{factory} +
                                " needs a key for that: a member id, or what key(&T::member) says; "
                                "for keys_from a whole number");
}
void throw_no_parents(std::string_view factory) {
    throw std::invalid_argument("armature: the rows of the factory " + std::string{factory} +
                                " are to refer to rows of which there are none");
}
void throw_seeding_is_over(std::string_view factory) {
    throw std::logic_error("armature: the rows of the factory " + std::string{factory} +
                           " refer to those of a Seeding that is gone");
}

Task<> RowSource::written(db::Session&) const { co_return; }

} // namespace armature::seed::detail

// expect: a_field_name_must_be_a_token
#include <armature/armature.hpp>

armature::Response answer() { return armature::Response::text("").header("Retry After", "3"); }

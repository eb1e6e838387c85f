#pragma once

#include <armature/armature.hpp>

namespace chat {

armature::App make_app();

} // namespace chat

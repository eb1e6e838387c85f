#pragma once

// By this path because not every program of the tests has src/ among its folders.
#include "../../src/core/sanitizers.hpp"

#include "websocket/decoder.hpp"
#include <gtest/gtest.h>

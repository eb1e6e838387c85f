#include "{{thing}}.hpp"

#include <armature/armature.hpp>

#include <gtest/gtest.h>

#include <string_view>

namespace {{ns}} {
namespace {

armature::JsonStatus read(std::string_view text) {
    {{Thing}} {{thing}};
    armature::JsonErrors errors;
    return armature::read_json(text, {{thing}}, errors);
}

TEST({{Thing}}, IsReadByItsRules) {
    EXPECT_EQ(read({{sample.one}}), armature::JsonStatus::ok);
    EXPECT_NE(read(R"({{sample.wrong}})"), armature::JsonStatus::ok);
}

} // namespace
} // namespace {{ns}}

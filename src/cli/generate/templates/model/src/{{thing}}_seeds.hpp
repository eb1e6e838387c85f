#pragma once

#include "{{thing}}.hpp"

#include <armature/seed/seeding.hpp>

namespace {{ns}} {

/// Rows for development, made up: as many as `--count` says.
inline armature::Task<> seed_{{things}}(armature::seed::Seeding& seeding) {
    const auto {{things}} = armature::seed::Factory<{{Thing}}>{"{{table}}"}.define(
        []([[maybe_unused]] armature::seed::Fake& fake, {{Thing}}& {{thing}}) {
            {{fields.fake}}
        });
    seeding.create({{things}}.count(seeding.count(100)));
    co_return;
}

} // namespace {{ns}}

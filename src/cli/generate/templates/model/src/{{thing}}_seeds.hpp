#pragma once

{{seeds.includes}}

#include <armature/seed/seeding.hpp>

namespace {{ns}} {

/// How a row is made up.
inline armature::seed::Factory<{{Thing}}> {{thing}}_factory() {
    return armature::seed::Factory<{{Thing}}>{"{{table}}"}
        {{fields.parents}}
        .define([]([[maybe_unused]] armature::seed::Fake& fake, [[maybe_unused]] {{Thing}}& {{thing}}) {
            {{fields.fake}}
        });
}

/// Rows for development: as many as `--count` says.
inline armature::Task<> seed_{{things}}(armature::seed::Seeding& seeding) {
    const std::uint64_t count = seeding.count(100);
    {{seeds.parents}}
    seeding.create({{thing}}_factory()
                       {{seeds.recycled}}
                       .count(count));
    co_return;
}

} // namespace {{ns}}

#pragma once

#include <armature/app/app.hpp>
#include <armature/flags/flags.hpp>

#include <cstdint>

namespace armature {

/// The OpenFeature Remote Evaluation Protocol, for flags of browsers, phones and other services:
/// `POST /ofrep/v1/evaluate/flags/{key}` and `POST /ofrep/v1/evaluate/flags`, which has an ETag.
///
///     app.service(ofrep(flags).guard<ApiKeys>())
///
/// Whoever may ask sees every flag's values: put a guard in front of it that says who may. Contexts
/// are taken up to `body_limit` bytes and 64 levels deep.
[[nodiscard]] Scope ofrep(Flags flags, std::uint64_t body_limit = 64 * 1024);

} // namespace armature

#pragma once

#include <armature/jobs/store.hpp>

#include <string>
#include <string_view>

namespace armature::jobs {

/// A job as JSON text, as an outbox keeps it.
[[nodiscard]] std::string to_outbox(const NewJob& job);
/// Throws `JobStoreError` for what the other didn't write.
[[nodiscard]] NewJob from_outbox(std::string_view text);

} // namespace armature::jobs

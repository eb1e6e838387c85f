#pragma once

#include <armature/armature.hpp>
#include <armature/observability/metrics.hpp>

#include <string>

// Each file of this program adds its own routes; app.cpp puts them together.
namespace showcase {

void add_bytes(armature::App& app);
void add_events(armature::App& app);
void add_health(armature::App& app, armature::MetricsRegistry metrics, bool operators_only);
void add_hello(armature::App& app);
void add_inspection(armature::App& app);
void add_large_json(armature::App& app);
void add_limited(armature::App& app);
void add_nested(armature::App& app);
void add_private(armature::App& app);
void add_responses(armature::App& app);
void add_static_files(armature::App& app, const std::string& directory);
void add_streams(armature::App& app);
void add_upload(armature::App& app);
/// Counts its requests in `metrics`, unless something around the whole application does.
void add_users(armature::App& app, const armature::MetricsRegistry* metrics);
void add_websockets(armature::App& app);

} // namespace showcase

#pragma once

/// Everything a usual application needs; light enough to include everywhere.

#include <armature/app/app.hpp>
#include <armature/app/form.hpp>
#include <armature/app/header.hpp>
#include <armature/app/json.hpp>
#include <armature/app/multipart.hpp>
#include <armature/app/query.hpp>
#include <armature/app/versioning.hpp>
#include <armature/core/result.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/server/server.hpp>
#include <armature/sse/event_history.hpp>
#include <armature/sse/event_stream.hpp>
#include <armature/websocket/room.hpp>
#include <armature/websocket/route.hpp>

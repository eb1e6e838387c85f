#pragma once

/// Dependency injection: see docs/dependency-injection.md.

#include <armature/app/app.hpp>
#include <armature/di/inject.hpp>
#include <armature/di/module.hpp>
#include <armature/di/provider.hpp>

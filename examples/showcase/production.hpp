#pragma once

#include <armature/app/app.hpp>
#include <armature/config/secret.hpp>
#include <armature/core/address_ranges.hpp>
#include <armature/observability/metrics.hpp>

#include <string>

namespace showcase {

struct Production {
    std::string directory;           ///< keeps the jobs; empty: not in production
    armature::SecretString secret;   ///< signs tokens and seals sessions, 32 bytes or more
    armature::AddressRanges proxies; ///< who is believed about clients; may be empty

    explicit operator bool() const noexcept { return !directory.empty(); }
};

/// What docs/production.md puts around an application. Before any route, so that all have it.
void put_on(armature::App& app, const Production& production,
            const armature::MetricsRegistry& metrics);

/// What is for operators only, and never shed.
bool is_operator(const armature::Request& request);

/// `/orders` for programs with tokens, done by jobs, and `/account` for browsers with sessions.
void add_shop(armature::App& app, const Production& production);

} // namespace showcase

#pragma once

#include <armature/di/di.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::test {

/// What the application answers to a GET.
inline std::string answer(const Application& app, std::string_view target) {
    return std::string{app.handle(Request::get(target)).body().text()};
}

/// What `build` says is wrong; fails when nothing is.
inline std::string faults(App& app) {
    try {
        static_cast<void>(app.build());
    } catch (const BuildError& error) {
        return error.what();
    }
    ADD_FAILURE() << "it was built";
    return {};
}

/// What happened, in order. Services of the tests get one as a value.
using Story = std::vector<std::string>;
struct Log {
    Story lines;
    void add(std::string line) { lines.push_back(std::move(line)); }
};

} // namespace armature::test

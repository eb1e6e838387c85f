#pragma once

#include <armature/app/app.hpp>
#include <armature/app/json.hpp>
#include <armature/core/result.hpp>
#include <armature/core/scheduler.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature::test {

/// "200 text": what matters of most responses.
inline std::string answer(const Response& response) {
    return std::to_string(status_code(response.status())) + ' ' +
           std::string{response.body().text()};
}
inline std::string answer(const Application& app, std::string_view target,
                          Method method = Method::get) {
    return answer(app.handle(Request{method, target}));
}

inline std::string header(const Response& response, std::string_view name) {
    return std::string{response.headers().get(name).value_or("(none)")};
}

/// The problem details of an error response, after checking what holds for all of them.
inline nlohmann::json problem(const Response& response) {
    EXPECT_EQ(header(response, "content-type"), "application/problem+json");
    auto document = nlohmann::json::parse(response.body().text());
    EXPECT_EQ(document["status"], status_code(response.status()));
    EXPECT_TRUE(document.contains("type"));
    EXPECT_TRUE(document.contains("title"));
    return document;
}

/// An application with one route for GET.
template <class F>
Application serving(std::type_identity_t<CheckedPattern<detail::path_count<F>(), true>> pattern,
                    F handler) {
    return App::create().route(pattern, get(std::move(handler))).build();
}

} // namespace armature::test

#pragma once

#include "support/test_server.hpp"

#include <armature/client/client.hpp>
#include <armature/core/scheduler.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace armature::testing {

/// What the clients of these tests talk to.
struct Upstream {
    std::atomic<int> requests{0};
    std::atomic<std::uint64_t> produced{0};

    Application app() {
        return App::create()
            .body_limit(64 * 1024 * 1024)
            .route("/hello", any([this](const Request& request) {
                       ++requests;
                       return std::string{request.method_text()} + " " +
                              std::string{request.header(Field::user_agent).value_or("")};
                   }))
            .route("/echo", any([](Request& request) -> Task<Response> {
                       Response response{std::move(request.body())};
                       response.header("x-type",
                                       request.header(Field::content_type).value_or("none"));
                       co_return response;
                   }))
            .route("/fails/{n}", any([this](Path<int> n) -> Response {
                       if (requests++ < *n)
                           return Response{Status::service_unavailable}.header("retry-after", "0");
                       return Response::text("at last");
                   }))
            .route("/status/{code}", get([this](Path<std::uint16_t> code) {
                       ++requests;
                       return static_cast<Status>(*code);
                   }))
            .route("/to/{code}/{n}", any([this](Path<std::uint16_t> code, Path<int> n) {
                       ++requests;
                       const std::string next =
                           n > 0 ? "/to/" + std::to_string(*code) + "/" + std::to_string(*n - 1)
                                 : "/seen";
                       return Response::redirect(next, static_cast<Status>(*code));
                   }))
            .route("/seen", any([](Request& request) -> Task<std::string> {
                       const std::string content = co_await request.body().stream().read_all(1000);
                       co_return std::string{request.method_text()} + " " + content + " " +
                           std::string{request.header(Field::authorization).value_or("-")};
                   }))
            .route("/endless", get([this] {
                       const auto produce = [this](BodyWriter& out) -> Task<> {
                           const std::string piece(16 * 1024, 'e');
                           for (;;) {
                               co_await out.write(piece);
                               produced += piece.size();
                           }
                       };
                       return Response::stream(produce);
                   }))
            .route("/slow", get([]() -> Task<std::string_view> {
                       co_await sleep_for(Duration::seconds(30));
                       co_return "late";
                   }))
            .build();
    }
};

inline ServerOptions over_tls(const tls::Identity& identity) {
    ServerOptions options;
    options.https = "127.0.0.1:0";
    options.tls.identities = {identity};
    options.threads = 1;
    options.handle_signals = false;
    return options;
}

} // namespace armature::testing

#pragma once

#include "support/test_server.hpp"

#include <armature/armature.hpp>
#include <armature/observability/tracing.hpp>

#include <nlohmann/json.hpp>

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

namespace armature::testing {

/// What a collector was sent.
class Collector {
  public:
    /// Answers the first requests with these statuses, then 200.
    explicit Collector(std::vector<Status> first = {}) : first_(std::move(first)) {
        server_.emplace(
            App::create()
                .route("/v1/traces", post([this](Request& request) { return take(request); }))
                .build());
    }

    [[nodiscard]] std::string url() const { return server_->url(""); }
    [[nodiscard]] TracerOptions options() const {
        TracerOptions made;
        made.service = "test";
        made.endpoint = url();
        made.delay = Duration::milliseconds(10);
        made.first_wait = Duration::milliseconds(1);
        return made;
    }
    [[nodiscard]] std::vector<nlohmann::json> requests() {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    [[nodiscard]] std::vector<nlohmann::json> spans() {
        std::vector<nlohmann::json> all;
        for (const nlohmann::json& request : requests())
            for (const nlohmann::json& span : request["resourceSpans"][0]["scopeSpans"][0]["spans"])
                all.push_back(span);
        return all;
    }
    [[nodiscard]] unsigned posts() const { return posts_.load(); }
    [[nodiscard]] std::string api_key() {
        const std::lock_guard lock(mutex_);
        return api_key_;
    }
    void answer(std::string text) { answer_ = std::move(text); }

  private:
    Task<Response> take(Request& request) {
        const std::string content = co_await request.body().stream().read_all(16 * 1024 * 1024);
        const std::lock_guard lock(mutex_);
        const unsigned number = posts_++;
        if (number < first_.size()) co_return Response{first_[number]}.header("retry-after", "0");
        api_key_ = request.header("x-api-key").value_or("");
        requests_.push_back(nlohmann::json::parse(content));
        co_return Response::json(answer_);
    }

    const std::vector<Status> first_;
    std::mutex mutex_;
    std::vector<nlohmann::json> requests_;
    std::atomic<unsigned> posts_{0};
    std::string api_key_;
    std::string answer_ = "{}";
    std::optional<TestServer> server_;
};

/// An attribute of a span, as text; "none" without.
inline std::string attribute(const nlohmann::json& of, std::string_view name) {
    for (const nlohmann::json& entry : of["attributes"])
        if (entry["key"] == name) {
            const nlohmann::json& value = entry["value"].begin().value();
            return value.is_string() ? value.get<std::string>() : value.dump();
        }
    return "none";
}

} // namespace armature::testing

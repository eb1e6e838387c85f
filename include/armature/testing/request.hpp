#pragma once

#include <armature/core/url.hpp>
#include <armature/json/write.hpp>
#include <armature/testing/call.hpp>
#include <armature/testing/response.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

namespace testkit {
struct Outgoing;
} // namespace testkit

class TestWebSocket;
class TestEvents;

/// A request in the making: `client.post("/users").bearer(token).json(user).send()`.
class TestRequest {
  public:
    /// Made by `TestClient`.
    TestRequest(std::shared_ptr<testkit::Session> session, std::string_view method,
                std::string_view target);

    /// Adds a field. Throws std::invalid_argument as `Headers::append` does.
    TestRequest& header(std::string_view name, std::string_view value);
    /// `Authorization: Bearer …`.
    TestRequest& bearer(std::string_view token);
    /// A cookie for this request alone, beside those of the jar.
    TestRequest& cookie(std::string_view name, std::string_view value);
    /// Adds a parameter to the target's query, encoded.
    TestRequest& query(std::string_view name, std::string_view value);
    template <std::integral Number>
        requires(!std::same_as<Number, bool>)
    TestRequest& query(std::string_view name, Number value) {
        return query(name, std::string_view{std::to_string(value)});
    }
    TestRequest& query(std::string_view name, bool value) {
        return query(name, std::string_view{value ? "true" : "false"});
    }
    TestRequest& query(std::string_view name, const char* value) {
        return query(name, std::string_view{value});
    }

    /// The content and its type.
    TestRequest& body(std::string_view type, std::string content);
    /// A described value, or whatever else `to_json` takes, as JSON. JSON text goes by `body`.
    template <class T>
    TestRequest& json(const T& value) {
        return body("application/json", to_json(value));
    }
    /// Adds a field of a form (application/x-www-form-urlencoded).
    TestRequest& form(std::string_view name, std::string_view value);
    /// Adds a part of a multipart/form-data content (RFC 7578): a field …
    TestRequest& multipart(std::string_view name, std::string_view value);
    /// … or a file.
    TestRequest& multipart(std::string_view name, std::string_view filename, std::string_view type,
                           std::string_view content);

    /// Goes where redirects lead, on this application, as browsers do.
    TestRequest& follow_redirects(unsigned most = 10);

    /// Sends and waits for the whole response, letting as much time pass as that needs. Throws
    /// `TestFailure` when there is none: nothing is left to run, or it takes too long.
    [[nodiscard]] TestResponse send();
    /// Sends and gives the call, without letting time pass.
    [[nodiscard]] TestCall start();
    /// Sends the head alone; the content follows by `TestCall::write`, and `finish` ends it.
    [[nodiscard]] TestCall upload();
    /// Opens a WebSocket (testing/websocket.hpp) or an event stream (testing/events.hpp) at the
    /// target.
    [[nodiscard]] TestWebSocket websocket();
    [[nodiscard]] TestEvents events();

  private:
    struct Pair {
        std::string name;
        std::string value;
    };
    [[nodiscard]] testkit::Outgoing outgoing() const;
    [[nodiscard]] bool redirect(const TestResponse& response);

    std::shared_ptr<testkit::Session> session_;
    std::string method_;
    std::string target_;
    std::vector<Pair> fields_;
    std::vector<Pair> cookies_;
    QueryPairs form_;
    std::string parts_; ///< of multipart/form-data, each behind its boundary
    std::optional<std::string> content_;
    unsigned redirects_ = 0;
};

} // namespace armature

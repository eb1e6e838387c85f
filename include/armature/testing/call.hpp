#pragma once

#include <armature/testing/response.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace armature {

namespace testkit {
class Call;
struct Session;
} // namespace testkit

/// A request that is under way. Its handler runs until it waits; time passes only by
/// `client.clock().advance(…)`, or as far as a member here that waits needs it. Destroying it
/// before the end is a client that leaves.
class TestCall {
  public:
    TestCall(std::unique_ptr<testkit::Call> call, std::shared_ptr<testkit::Session> session,
             std::string target);
    TestCall(TestCall&&) noexcept;
    TestCall& operator=(TestCall&&) noexcept;
    ~TestCall();

    /// Sends more of the request's content, in a call begun by `TestRequest::upload`.
    void write(std::string_view bytes);
    /// A field after the content; before `finish`. Only in process.
    void trailer(std::string_view name, std::string_view value);
    /// The request is complete.
    void finish();

    /// The response's head is here.
    [[nodiscard]] bool is_answered() const;
    /// These wait for the head. Throw `TestFailure` when none comes.
    [[nodiscard]] Status status();
    [[nodiscard]] const Headers& headers();
    /// Waits for the next piece of content and gives it; nullopt at the end. Until it is called
    /// the application can't send more: that is a client which reads slowly.
    [[nodiscard]] std::optional<std::string> read();
    /// Waits for all that is left.
    [[nodiscard]] TestResponse response();
    /// The client leaves.
    void leave();

  private:
    friend class TestRequest;
    void take_head();

    std::unique_ptr<testkit::Call> call_;
    std::shared_ptr<testkit::Session> session_;
    TestResponse response_;
    bool has_head_ = false;
};

} // namespace armature

#include "testing/transport.hpp"

#include <armature/testing/call.hpp>

#include <utility>

namespace armature {

TestCall::TestCall(std::unique_ptr<testkit::Call> call, std::shared_ptr<testkit::Session> session,
                   std::string target)
    : call_(std::move(call)), session_(std::move(session)) {
    response_.target_ = std::move(target);
}
TestCall::TestCall(TestCall&&) noexcept = default;
TestCall& TestCall::operator=(TestCall&&) noexcept = default;
TestCall::~TestCall() = default;

void TestCall::write(std::string_view bytes) {
    if (call_) call_->write(bytes);
}

void TestCall::trailer(std::string_view name, std::string_view value) {
    if (call_) call_->trailer(name, value);
}

void TestCall::finish() {
    if (call_) call_->finish();
}

bool TestCall::is_answered() const { return has_head_ || (call_ && call_->has_head()); }

void TestCall::take_head() {
    if (has_head_) return;
    if (!call_) throw TestFailure{"the client left before there was a response"};
    call_->wait_for_head();
    has_head_ = true;
    response_.status_ = call_->status;
    response_.headers_ = std::move(call_->headers);
    response_.cookies_ = session_->take_cookies(response_.headers_, response_.target_);
}

Status TestCall::status() {
    take_head();
    return response_.status_;
}

const Headers& TestCall::headers() {
    take_head();
    return response_.headers_;
}

std::optional<std::string> TestCall::read() {
    take_head();
    std::string bytes;
    if (!call_ || call_->read(bytes, testkit::longest_wait) != testkit::Call::Got::bytes) {
        if (call_) response_.trailers_ = std::move(call_->trailers);
        call_.reset();
        return std::nullopt;
    }
    response_.text_ += bytes;
    response_.chunks_.push_back(bytes);
    return bytes;
}

TestResponse TestCall::response() {
    while (read()) {
    }
    return std::move(response_);
}

void TestCall::leave() { call_.reset(); }

} // namespace armature

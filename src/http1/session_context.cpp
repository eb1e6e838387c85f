#include "http1/session_context.hpp"

#include <algorithm>

namespace armature::http1 {

namespace {

constexpr std::size_t kept_inputs = 64;
constexpr std::size_t kept_exchanges = 256;
// Room for the fields of a usual browser's request.
constexpr std::size_t request_fields = 24;

} // namespace

SessionContext::SessionContext(const Dispatcher& served, const SessionLimits& session_limits,
                               Scheduler& on, bool is_secure)
    : dispatcher(served), limits(session_limits), loop(on), secure(is_secure),
      read_buffer_(read_bytes + HeadParser::slack), scratch_(new SessionExchange) {
    scratch_->request.mutable_headers().reserve(request_fields);
    for (session::OutputBuffer& output : outputs_)
        free_outputs_[free_output_count_++] = &output;
}

SessionContext::~SessionContext() {
    delete scratch_;
    while (SessionExchange* exchange = free_exchanges_) {
        free_exchanges_ = exchange->next_free;
        delete exchange;
    }
}

void SessionContext::set_common_fields(const Headers& fields) {
    ok_and_common_fields_.resize(ok_line.size() + fields_bound(fields));
    const char* end = write_fields(ok_and_common_fields_.data() + ok_line.size(), fields);
    ok_and_common_fields_.resize(static_cast<std::size_t>(end - ok_and_common_fields_.data()));
}

std::unique_ptr<Input> SessionContext::take_input() {
    if (free_inputs_.empty()) return std::make_unique<Input>();
    auto input = std::move(free_inputs_.back());
    free_inputs_.pop_back();
    return input;
}

void SessionContext::give_back(std::unique_ptr<Input> input) noexcept {
    if (free_inputs_.size() >= kept_inputs ||
        input->buffer.size() > Input::content_bytes + HeadParser::slack)
        return;
    input->begin = input->end = 0;
    input->parser.reset();
    free_inputs_.push_back(std::move(input));
}

void SessionContext::make_upgraded_input() {
    upgraded_input_ = take_input();
    std::vector<char>& buffer = upgraded_input_->buffer;
    buffer.resize(std::max(buffer.size(), Input::usual_bytes + HeadParser::slack));
}

SessionExchange* SessionContext::take_exchange() {
    SessionExchange* exchange = free_exchanges_;
    if (exchange == nullptr) {
        exchange = new SessionExchange;
        exchange->request.mutable_headers().reserve(request_fields);
        return exchange;
    }
    free_exchanges_ = exchange->next_free;
    --free_exchange_count_;
    return exchange;
}

void SessionContext::give_back(SessionExchange* exchange) noexcept {
    exchange->disarm_deadline();
    exchange->reset();
    exchange->session = nullptr;
    // When there are enough, another one goes: this one's cancellation may be what brought us here.
    if (free_exchange_count_ >= kept_exchanges) delete take_exchange();
    exchange->next_free = free_exchanges_;
    free_exchanges_ = exchange;
    ++free_exchange_count_;
}

} // namespace armature::http1

#include <armature/observability/trace_context.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

// The same bytes as a traceparent and as a tracestate: what was read must be read again as the
// same.

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace armature;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto context = TraceContext::parse(text)) {
        require(text.find(context->trace_id()) == 3);
        const auto again = TraceContext::parse(context->to_string());
        require(again && again->trace_id() == context->trace_id() &&
                again->span_id() == context->span_id() && again->sampled() == context->sampled());
    }
    if (const auto state = parse_tracestate(text)) {
        require(state->size() <= text.size());
        require(parse_tracestate(*state) == state);
    }
    return 0;
}

#pragma once

#include <armature/core/headers.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace armature {

/// Where a piece of work stands in a distributed trace, as it travels from program to program:
/// W3C Trace Context (https://www.w3.org/TR/trace-context/), version 00.
///
/// Identifiers are kept as they are written everywhere: in lower-case hexadecimal digits.
class TraceContext {
  public:
    /// A new trace, with identifiers by chance. They are no secrets.
    [[nodiscard]] static TraceContext start(bool sampled);
    /// A `traceparent` (§3.2), or nullopt for one that isn't valid. A later version is read as far
    /// as version 00 goes, as §3.2.4 asks.
    [[nodiscard]] static std::optional<TraceContext> parse(std::string_view traceparent);
    /// What a message's fields say: nullopt without exactly one valid `traceparent`. A `tracestate`
    /// that isn't valid (§3.3), or is longer than `max_state`, is left out, as §4.3 asks.
    [[nodiscard]] static std::optional<TraceContext> from(const Headers& fields);

    /// Characters of a `tracestate` that are passed on.
    static constexpr std::size_t max_state = 512;

    /// 32 digits, not all 0.
    [[nodiscard]] std::string_view trace_id() const noexcept { return {trace_.data(), 32}; }
    /// 16 digits, not all 0: the work that this is about.
    [[nodiscard]] std::string_view span_id() const noexcept { return {span_.data(), 16}; }
    /// Whether it is recorded, by whom passes it on and so by who takes it over.
    [[nodiscard]] bool sampled() const noexcept { return sampled_; }
    /// `tracestate`: what other systems keep in the trace; passed on as it is. Often empty.
    [[nodiscard]] const std::string& state() const noexcept { return state_; }

    /// The same trace with new work in it.
    [[nodiscard]] TraceContext child() const;
    /// Whether a sampler for that share of all traces, 0 to 1, takes this one. It looks at the
    /// trace's identifier only, so all programs with the same share take the same ones.
    [[nodiscard]] bool falls_into(double ratio) const noexcept;
    void set_sampled(bool sampled) noexcept { sampled_ = sampled; }

    /// The value of `traceparent`.
    [[nodiscard]] std::string to_string() const;

  private:
    std::array<char, 32> trace_{};
    std::array<char, 16> span_{};
    bool sampled_ = false;
    std::string state_;
};

/// The list of a `tracestate` (§3.3) in its normal form, or nullopt if it isn't valid: more than 32
/// members, a key twice, a key or value that the grammar doesn't have.
[[nodiscard]] std::optional<std::string> parse_tracestate(std::string_view text);

} // namespace armature

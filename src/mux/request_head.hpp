#pragma once

#include <armature/core/exchange.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace armature::mux {

/// What a request's head may cost.
struct HeadLimits {
    /// Names and values together, 4 bytes more for each field, in bytes (431 above it).
    std::uint32_t head_bytes = 16384;
    /// Longest :path, in bytes (414 above it).
    std::uint32_t target_bytes = 8192;
    /// Most fields (431 above it).
    std::uint16_t field_count = 100;
};

/// Makes a `Request` of the fields of an HTTP/2 or HTTP/3 head (RFC 9113 §8.3, RFC 9114 §4.3) as
/// an HTTP/1.1 head would have made it. The protocol library has checked the syntax of names and
/// values and the order and number of the pseudo-header fields.
class RequestHeadBuilder {
  public:
    explicit RequestHeadBuilder(Exchange& exchange) noexcept : x_(exchange) {}

    void begin(Protocol protocol, bool secure, const HeadLimits& limits) noexcept;
    /// One field; its text is copied. Past the limits it is only counted.
    void add(std::string_view name, std::string_view value);
    /// How much came, by the measure of `HeadLimits::head_bytes`.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    /// All fields are there. Throws the `Error` to answer with.
    void finish();

    /// CONNECT with a :protocol (RFC 8441, RFC 9220). The request looks like a GET that asks for an
    /// upgrade, so that one handler serves all protocols.
    [[nodiscard]] bool is_extended_connect() const noexcept { return !protocol_.empty(); }

  private:
    void add_pseudo(std::string_view name, std::string_view value);
    void add_cookie(std::string_view value);

    Exchange& x_;
    const HeadLimits* limits_ = nullptr;
    std::size_t bytes_ = 0;
    std::uint32_t count_ = 0;
    std::string_view path_;
    std::string_view authority_;
    std::string_view protocol_;
    std::string_view cookie_;
    std::size_t cookie_room_ = 0;
};

} // namespace armature::mux

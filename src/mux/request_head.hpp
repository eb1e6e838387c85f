#pragma once

#include <armature/core/exchange.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// The last authority that was found valid: nearly every request of a server names the same one.
struct KnownHost {
    char text[64] = {};
    std::uint8_t size = 0;

    [[nodiscard]] bool check(std::string_view host) noexcept;
};

/// Whether a field may stand in a message of HTTP/2 or HTTP/3: its name is a token in lower case,
/// its value text without spaces around it, and it says nothing about a connection (RFC 9113 §8.2.1
/// and §8.2.2). `field` is what `name` is known as.
[[nodiscard]] bool may_be_sent(Field field, std::string_view name, std::string_view value) noexcept;

/// Makes a `Request` of the fields of an HTTP/2 or HTTP/3 head (RFC 9113 §8.3, RFC 9114 §4.3) as
/// an HTTP/1.1 head would have made it, and checks them: nothing else does.
class RequestHeadBuilder {
  public:
    explicit RequestHeadBuilder(Exchange& exchange) noexcept : x_(exchange) {}

    /// `limits` and `known_host` must outlive the head.
    void begin(Protocol protocol, bool secure, const HeadLimits& limits,
               KnownHost& known_host) noexcept;
    /// One field; its text is copied. Past the limits it is only counted.
    void add(std::string_view name, std::string_view value);
    /// How much came, by the measure of `HeadLimits::head_bytes`.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    /// All fields are there, and they break a rule: the stream has to be reset.
    [[nodiscard]] bool is_malformed() const noexcept;
    /// The head is well formed. Throws the `Error` to answer with if it can't be served.
    void finish();
    /// What Content-Length says.
    [[nodiscard]] const std::optional<std::uint64_t>& content_length() const noexcept {
        return content_length_;
    }

    /// CONNECT with a :protocol (RFC 8441, RFC 9220). The request looks like a GET that asks for an
    /// upgrade, so that one handler serves all protocols.
    [[nodiscard]] bool is_extended_connect() const noexcept { return !protocol_.empty(); }

  private:
    void add_pseudo(std::string_view name, std::string_view value);
    void add_cookie(std::string_view value);
    void read_content_length(std::string_view value);

    Exchange& x_;
    const HeadLimits* limits_ = nullptr;
    KnownHost* known_host_ = nullptr;
    std::size_t bytes_ = 0;
    std::uint32_t count_ = 0;
    std::uint8_t seen_ = 0; ///< which pseudo-header fields
    bool seen_regular_ = false;
    bool broken_ = false;
    std::optional<std::uint64_t> content_length_;
    std::string_view path_;
    std::string_view authority_;
    std::string_view protocol_;
    std::string_view cookie_;
    std::size_t cookie_room_ = 0;
};

} // namespace armature::mux

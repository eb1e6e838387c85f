#pragma once

#include <armature/core/request.hpp>
#include <armature/core/response.hpp>

#include <array>
#include <string>
#include <string_view>
#include <type_traits>

namespace armature {

/// Lets the client choose the form of a response by its Accept field (RFC 9110 §12.5.1), in one
/// expression:
///
///     return negotiate(request)
///         .offer("application/json", [&] { return to_json(user); })
///         .offer("text/csv; charset=utf-8", [&] { return csv_of(user); })
///         .respond();
///
/// The best match wins, of equals the first offer; only its function runs. None: `respond` throws
/// `Error` 406 that names the offers. The response has `Vary: Accept`.
class Negotiation {
  public:
    static constexpr std::size_t max_offers = 8;

    explicit Negotiation(const Request& request) noexcept : request_(request) {}

    /// `make` gives the content as text. Both arguments must live until `respond` returns, as they
    /// do within one expression. Throws std::length_error after `max_offers`.
    template <class Make>
        requires std::is_invocable_r_v<std::string, const Make&>
    Negotiation& offer(std::string_view type, const Make& make) {
        return add(type, &make, [](const void* object) -> std::string {
            return (*static_cast<const Make*>(object))();
        });
    }
    [[nodiscard]] Response respond();

  private:
    using MakeText = std::string (*)(const void* object);
    Negotiation& add(std::string_view type, const void* object, MakeText make);

    const Request& request_;
    std::size_t size_ = 0;
    std::array<std::string_view, max_offers> types_;
    std::array<const void*, max_offers> objects_{};
    std::array<MakeText, max_offers> makers_{};
};

[[nodiscard]] inline Negotiation negotiate(const Request& request) noexcept {
    return Negotiation{request};
}

/// Adds a name to the response's Vary field, unless it is there: caches keep a response for each
/// value of that request field (RFC 9110 §12.5.5).
void add_vary(Response& response, std::string_view field);

} // namespace armature

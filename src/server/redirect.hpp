#pragma once

#include <armature/core/error.hpp>
#include <armature/core/exchange.hpp>

#include <string>
#include <string_view>

namespace armature::server {

/// Answers every request with 308 to the same target over TLS.
class Redirect final : public Dispatcher {
  public:
    /// `errors` renders what isn't even a request.
    explicit Redirect(const Dispatcher& errors) noexcept : errors_(errors) {}
    /// "HOST:PORT"; only the port counts, clients know the host by its name. Before the first
    /// request.
    void set_target(std::string_view address) {
        const std::string_view port = address.substr(address.rfind(':') + 1);
        if (port != "443") port_ = ":" + std::string{port};
    }

    const RoutePolicy& route(Exchange&) const override { return policy_; }
    bool dispatch(Exchange& x) const override {
        std::string_view host = x.request.authority();
        if (const std::size_t colon = host.rfind(':');
            colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos)
            host = host.substr(0, colon);
        if (host.empty() || !x.request.target().starts_with('/')) {
            errors_.render(
                Error::bad_request("Only HTTPS is served, and the request names no host"), x);
            return true;
        }
        std::string location = "https://";
        location.append(host).append(port_).append(x.request.target());
        x.response.status(Status::permanent_redirect).header(Field::location, location);
        return true;
    }
    void render(const Error& error, Exchange& x) const override { errors_.render(error, x); }

  private:
    const Dispatcher& errors_;
    std::string port_;
    RoutePolicy policy_{};
};

} // namespace armature::server

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace armature {

/// A Content-Security-Policy (CSP level 3): which sources a page's parts may come from. Begins with
/// helmet's defaults; `none()` begins with nothing.
///
///     ContentSecurityPolicy{}.add("script-src", "https://cdn.example").nonce("script-src")
///
/// Every member throws std::invalid_argument for what browsers would read as something else: a
/// directive's name that isn't one, a source with `;`, `,` or a control character, a keyword
/// without its quotes, a nonce written by hand.
class ContentSecurityPolicy {
  public:
    ContentSecurityPolicy();
    [[nodiscard]] static ContentSecurityPolicy none();

    /// Replaces a directive. `sources` are separated by spaces, keywords in single quotes:
    /// "'self' https://cdn.example"; empty for a directive without any.
    ContentSecurityPolicy& set(std::string_view directive, std::string_view sources) &;
    ContentSecurityPolicy&& set(std::string_view directive, std::string_view sources) && {
        return std::move(set(directive, sources));
    }
    /// Adds sources to a directive, which begins with those of default-src when it isn't there yet.
    ContentSecurityPolicy& add(std::string_view directive, std::string_view sources) &;
    ContentSecurityPolicy&& add(std::string_view directive, std::string_view sources) && {
        return std::move(add(directive, sources));
    }
    /// Throws std::invalid_argument when it isn't there.
    ContentSecurityPolicy& remove(std::string_view directive) &;
    ContentSecurityPolicy&& remove(std::string_view directive) && {
        return std::move(remove(directive));
    }
    /// Lets parts of a page in that bear the nonce of its response: a handler takes
    /// `Extension<CspNonce>` and writes `<script nonce="…">`. Costs a system call per request.
    ContentSecurityPolicy& nonce(std::string_view directive) &;
    ContentSecurityPolicy&& nonce(std::string_view directive) && {
        return std::move(nonce(directive));
    }
    /// Browsers report what it forbids, and do it all the same.
    ContentSecurityPolicy& report_only() & noexcept {
        is_report_only_ = true;
        return *this;
    }
    ContentSecurityPolicy&& report_only() && noexcept { return std::move(report_only()); }

    [[nodiscard]] bool is_report_only() const noexcept { return is_report_only_; }
    /// The field's value. `nonce` stands where the policy has one.
    [[nodiscard]] std::string text(std::string_view nonce = {}) const;
    /// The same in pieces: a nonce belongs between each two of them.
    [[nodiscard]] std::vector<std::string> pieces() const;

  private:
    struct Directive {
        std::string name;
        std::string sources;
        bool has_nonce;
    };
    [[nodiscard]] Directive* find(std::string_view name) noexcept;
    Directive& find_or_add(std::string_view name);

    std::vector<Directive> directives_;
    bool is_report_only_ = false;
};

} // namespace armature

#include "core/characters.hpp"

#include <armature/middleware/content_security_policy.hpp>

#include <algorithm>
#include <stdexcept>

namespace armature {
namespace {

constexpr std::string_view default_source = "default-src";
constexpr std::string_view keywords[] = {"self",           "none",          "unsafe-inline",
                                         "unsafe-eval",    "unsafe-hashes", "report-sample",
                                         "strict-dynamic", "script",        "wasm-unsafe-eval"};

[[noreturn]] void refuse(std::string_view directive, std::string_view why) {
    throw std::invalid_argument(
        std::string{"armature: ContentSecurityPolicy: "}.append(directive).append(" ").append(why));
}

std::string_view take_word(std::string_view& rest) noexcept {
    rest = trim(rest);
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end);
    return word;
}

std::string_view checked_name(std::string_view name) {
    const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || c == '-';
    });
    if (!is_name)
        refuse("\"" + std::string{name} + '"', "is no directive: lower case letters and hyphens");
    return name;
}

std::string_view checked_sources(std::string_view name, std::string_view sources) {
    for (const char c : sources)
        if (c <= ' ' ? c != ' ' : c == ';' || c == ',' || c > '~')
            refuse(name, "has a source with ';', ',' or a character that isn't visible ASCII");
    for (std::string_view rest = sources;;) {
        const std::string_view word = take_word(rest);
        if (word.empty()) return trim(sources);
        // A directive such as sandbox or require-trusted-types-for has other words.
        const bool is_source_list = name.ends_with("-src") || name.ends_with("-src-elem") ||
                                    name.ends_with("-src-attr") || name.ends_with("-uri") ||
                                    name == "frame-ancestors" || name == "form-action";
        if (is_source_list &&
            std::find(std::begin(keywords), std::end(keywords), word) != std::end(keywords))
            refuse(name, "has " + std::string{word} + " without its quotes: write '" +
                             std::string{word} + "'");
        if (word.starts_with("'nonce-"))
            refuse(name, "has a nonce written by hand, which anybody can use again: call nonce()");
    }
}

} // namespace

// helmet 8's.
ContentSecurityPolicy::ContentSecurityPolicy() {
    for (const auto& [name, sources] : std::initializer_list<std::pair<const char*, const char*>>{
             {"default-src", "'self'"},
             {"base-uri", "'self'"},
             {"font-src", "'self' https: data:"},
             {"form-action", "'self'"},
             {"frame-ancestors", "'self'"},
             {"img-src", "'self' data:"},
             {"object-src", "'none'"},
             {"script-src", "'self'"},
             {"script-src-attr", "'none'"},
             {"style-src", "'self' https: 'unsafe-inline'"},
             {"upgrade-insecure-requests", ""}})
        directives_.push_back({name, sources, false});
}

ContentSecurityPolicy ContentSecurityPolicy::none() {
    ContentSecurityPolicy policy;
    policy.directives_.clear();
    return policy;
}

ContentSecurityPolicy& ContentSecurityPolicy::set(std::string_view directive,
                                                  std::string_view sources) & {
    sources = checked_sources(checked_name(directive), sources);
    Directive* const found = find(directive);
    if (found != nullptr)
        *found = {std::string{directive}, std::string{sources}, false};
    else
        directives_.push_back({std::string{directive}, std::string{sources}, false});
    return *this;
}

ContentSecurityPolicy& ContentSecurityPolicy::add(std::string_view directive,
                                                  std::string_view sources) & {
    sources = checked_sources(checked_name(directive), sources);
    Directive& to = find_or_add(directive);
    // 'none' means something only when it stands alone.
    if (to.sources == "'none'") to.sources.clear();
    if (!to.sources.empty()) to.sources += ' ';
    to.sources += sources;
    return *this;
}

ContentSecurityPolicy& ContentSecurityPolicy::remove(std::string_view directive) & {
    Directive* const found = find(directive);
    if (found == nullptr) refuse(directive, "can't be removed: it isn't there");
    directives_.erase(directives_.begin() + (found - directives_.data()));
    return *this;
}

ContentSecurityPolicy& ContentSecurityPolicy::nonce(std::string_view directive) & {
    Directive& to = find_or_add(checked_name(directive));
    if (to.sources == "'none'") to.sources.clear();
    to.has_nonce = true;
    return *this;
}

ContentSecurityPolicy::Directive* ContentSecurityPolicy::find(std::string_view name) noexcept {
    const auto found = std::find_if(directives_.begin(), directives_.end(),
                                    [&](const Directive& each) { return each.name == name; });
    return found == directives_.end() ? nullptr : &*found;
}

ContentSecurityPolicy::Directive& ContentSecurityPolicy::find_or_add(std::string_view name) {
    if (Directive* const found = find(name)) return *found;
    // Without the directive default-src holds; with it only what it says, so it begins the same.
    Directive made{std::string{name}, {}, false};
    const Directive* const fallback = find(default_source);
    if (fallback != nullptr && name.find("-src") != std::string_view::npos) {
        made.sources = fallback->sources;
        made.has_nonce = fallback->has_nonce;
    }
    return directives_.emplace_back(std::move(made));
}

std::vector<std::string> ContentSecurityPolicy::pieces() const {
    std::vector<std::string> out(1);
    for (const Directive& directive : directives_) {
        if (&directive != directives_.data()) out.back() += ';';
        out.back() += directive.name;
        if (!directive.sources.empty()) out.back().append(" ").append(directive.sources);
        if (!directive.has_nonce) continue;
        out.back() += " 'nonce-";
        out.emplace_back("'");
    }
    return out;
}

std::string ContentSecurityPolicy::text(std::string_view nonce) const {
    std::string out;
    for (const std::string& piece : pieces()) {
        if (!out.empty()) out += nonce;
        out += piece;
    }
    return out;
}

} // namespace armature

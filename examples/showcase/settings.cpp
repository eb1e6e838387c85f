#include "settings.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace armature;

namespace showcase {

namespace {

template <class T>
T number(std::string_view text, T most) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value > most)
        throw UsageError{"must be a number from 0 to " + std::to_string(most)};
    return value;
}

Duration positive_time(std::string_view text) {
    const auto milliseconds = number<std::int64_t>(text, 24 * 3600 * 1000);
    if (milliseconds == 0) throw UsageError{"must be at least 1 (milliseconds)"};
    return Duration::milliseconds(milliseconds);
}

log::Level level(std::string_view text) {
    if (text != "off" && text != "info" && text != "debug")
        throw UsageError{"must be off, info or debug"};
    return *log::parse_level(text);
}

struct Flag {
    std::string_view name;
    void (*apply)(Settings& settings, std::string_view value);
};

constexpr Flag flags[] = {
    {"--http", [](Settings& s, std::string_view v) { s.server.http.add(std::string{v}); }},
    {"--https", [](Settings& s, std::string_view v) { s.server.https.add(std::string{v}); }},
    {"--http3",
     [](Settings& s, std::string_view v) {
         s.server.http3.enabled = true;
         s.server.http3.addresses.add(std::string{v});
     }},
    {"--unix",
     [](Settings& s, std::string_view v) { s.server.http.add("unix:" + std::string{v}); }},
    {"--cert", [](Settings& s, std::string_view v) { s.certificate = v; }},
    {"--key", [](Settings& s, std::string_view v) { s.key = v; }},
    {"--threads", [](Settings& s, std::string_view v) { s.server.threads = number(v, 1024u); }},
    {"--log", [](Settings& s, std::string_view v) { s.log.level = level(v); }},
    {"--static", [](Settings& s, std::string_view v) { s.app.static_files = v; }},
    {"--production", [](Settings& s, std::string_view v) { s.app.production.directory = v; }},
    {"--proxy", [](Settings& s, std::string_view v) { s.app.production.proxies.add(v); }},
    {"--max-body",
     [](Settings& s, std::string_view v) {
         s.app.max_body = number(v, std::numeric_limits<std::uint64_t>::max());
     }},
    {"--header-timeout",
     [](Settings& s, std::string_view v) { s.server.limits.header_timeout = positive_time(v); }},
    {"--idle-timeout",
     [](Settings& s, std::string_view v) { s.server.limits.idle_timeout = positive_time(v); }},
};

std::string names_of_flags() {
    std::string names;
    for (const Flag& flag : flags)
        names.append(" ").append(flag.name);
    return names;
}

} // namespace

Settings read_arguments(std::span<char* const> arguments) {
    Settings settings;
    std::vector<std::string_view> seen;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const std::string_view name = arguments[i];
        const auto* flag = std::ranges::find(flags, name, &Flag::name);
        if (flag == std::end(flags))
            throw UsageError{"unknown flag " + std::string{name} + "; there are" +
                             names_of_flags()};
        if (std::ranges::find(seen, name) != seen.end())
            throw UsageError{std::string{name} + " is given twice"};
        if (i + 1 == arguments.size()) throw UsageError{std::string{name} + " needs a value"};
        seen.push_back(name);
        try {
            flag->apply(settings, arguments[i + 1]);
        } catch (const UsageError& error) {
            throw UsageError{std::string{name} + " " + error.what()};
        }
    }
    Production& production = settings.app.production;
    if (!production && !production.proxies.empty())
        throw UsageError{"--proxy goes with --production"};
    if (production) {
        const char* const secret = std::getenv("SHOWCASE_SECRET");
        production.secret = SecretString{secret != nullptr ? secret : ""};
        if (production.secret.expose().size() < 32)
            throw UsageError{"--production needs 32 random bytes or more in SHOWCASE_SECRET, "
                             "for example of `openssl rand -base64 32`"};
        settings.server.server_name = "";
        settings.server.limits.header_timeout = Duration::seconds(5);
    }
    if (settings.certificate.empty() != settings.key.empty())
        throw UsageError{"--cert and --key go together"};
    if (!settings.server.https.empty() || settings.server.http3.enabled)
        settings.server.tls.identities = {
            settings.key.empty()
                ? armature::tls::self_signed()
                : armature::tls::Identity::files(settings.certificate, settings.key)};
    return settings;
}

} // namespace showcase

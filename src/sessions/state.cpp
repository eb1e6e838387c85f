#include "sessions/state.hpp"

#include "crypto/crypto.hpp"
#include "sessions/sealer.hpp"

#include <algorithm>
#include <stdexcept>

namespace armature {

namespace sessions {

namespace {

constexpr char version = 1;

void write_number(std::string& to, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7)
        to += static_cast<char>(number | 0x80);
    to += static_cast<char>(number);
}

std::optional<std::uint64_t> read_number(std::string_view& from) {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 63 && !from.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(from.front());
        from.remove_prefix(1);
        number |= std::uint64_t{byte & 0x7fu} << shift;
        if (byte < 0x80) return number;
    }
    return std::nullopt;
}

std::optional<std::string> read_text(std::string_view& from) {
    const std::optional<std::uint64_t> size = read_number(from);
    if (!size || *size > from.size()) return std::nullopt;
    std::string text{from.substr(0, *size)};
    from.remove_prefix(*size);
    return text;
}

} // namespace

const std::string* SessionState::find(std::string_view name) const noexcept {
    for (const auto& [known, value] : values)
        if (known == name) return &value;
    return nullptr;
}

void SessionState::set(std::string_view name, std::string_view value) {
    written.emplace_back(name);
    for (auto& [known, old] : values)
        if (known == name) {
            if (old == value) return; // nothing to write
            old = value;
            changed = true;
            return;
        }
    values.emplace_back(name, value);
    changed = true;
}

bool SessionState::erase(std::string_view name) {
    const bool erased =
        std::erase_if(values, [&](const auto& value) { return value.first == name; }) > 0;
    changed |= erased;
    return erased;
}

void SessionState::drop_what_came() {
    std::erase_if(values, [&](const auto& value) {
        return std::find(written.begin(), written.end(), value.first) == written.end();
    });
}

std::string SessionState::to_text() const {
    std::string text(1, version);
    write_number(text, static_cast<std::uint64_t>(began));
    write_number(text, static_cast<std::uint64_t>(seen));
    for (const auto& [name, value] : values) {
        write_number(text, name.size());
        text += name;
        write_number(text, value.size());
        text += value;
    }
    return text;
}

bool SessionState::read(std::string_view text) {
    if (text.empty() || text.front() != version) return false;
    text.remove_prefix(1);
    const std::optional<std::uint64_t> when_began = read_number(text);
    const std::optional<std::uint64_t> when_seen = read_number(text);
    if (!when_began || !when_seen) return false;
    began = static_cast<std::int64_t>(*when_began);
    seen = static_cast<std::int64_t>(*when_seen);
    while (!text.empty()) {
        std::optional<std::string> name = read_text(text);
        if (!name) return false;
        std::optional<std::string> value = read_text(text);
        if (!value) return false;
        values.emplace_back(*std::move(name), *std::move(value));
    }
    return true;
}

Cookies::Cookies(SessionOptions options) : options_(std::move(options)) {
    if (options_.idle < Duration::seconds(1) || options_.absolute < options_.idle)
        throw std::invalid_argument("armature: a session's idle time is a second at least, and its "
                                    "absolute one not shorter");
    SetCookie probe{options_.cookie, "x"};
    probe.path("/").http_only().secure(options_.secure).same_site(options_.same_site);
    (void)probe.to_string(); // says what contradicts what
}

std::optional<std::string_view> Cookies::text(const Request& request) const noexcept {
    return find_cookie(request.headers(), options_.cookie);
}

bool Cookies::holds(const SessionState& state, std::int64_t now) const noexcept {
    const std::int64_t milliseconds = 1000;
    return (now - state.seen) * milliseconds < options_.idle.count() &&
           (now - state.began) * milliseconds < options_.absolute.count();
}

Fate Cookies::fate(SessionState& state, std::int64_t now) const noexcept {
    if (state.values.empty() && (state.changed || state.renewed))
        return state.came || state.stale ? Fate::forget : Fate::stay;
    if (!state.changed && !state.renewed) {
        if (!state.came) return state.stale ? Fate::forget : Fate::stay;
        if ((now - state.seen) * 8000 < options_.idle.count()) return Fate::stay;
    }
    if (!state.came || state.renewed) state.began = now;
    state.seen = now;
    return Fate::keep;
}

Duration Cookies::life(const SessionState& state, std::int64_t now) const noexcept {
    const Duration rest =
        Duration::milliseconds(options_.absolute.count() - (now - state.began) * 1000);
    return std::max(std::min(options_.idle, rest), Duration::seconds(1));
}

void Cookies::add(Response& response, SetCookie cookie) const {
    cookie.path("/").http_only().secure(options_.secure).same_site(options_.same_site);
    response.headers().append(Field::set_cookie, cookie.to_string());
    // What is meant for one client must not be kept for others.
    if (!response.headers().contains(Field::cache_control))
        response.headers().append_view(Field::cache_control, "no-store");
}

void Cookies::send(Response& response, std::string_view text) const {
    SetCookie cookie{options_.cookie, text};
    if (options_.persistent) cookie.max_age(options_.idle.count() / 1000);
    add(response, std::move(cookie));
}

void Cookies::forget(Response& response) const {
    add(response, SetCookie::removal(options_.cookie));
}

} // namespace sessions

namespace {

constexpr std::string_view own_names = "armature:";
constexpr std::string_view secret_name = "armature:secret";

std::string flash_name(std::string_view name) { return "armature:flash:" + std::string{name}; }

} // namespace

std::optional<Session> Session::find(Request& request) noexcept {
    sessions::SessionState* const state = request.find<sessions::SessionState>();
    if (state == nullptr) return std::nullopt;
    return Session{*state};
}

Session Session::of(Request& request) {
    const std::optional<Session> found = find(request);
    if (!found)
        throw Error::internal(
            "No session: wrap CookieSessions or StoredSessions around this route");
    return *found;
}

std::optional<std::string_view> Session::get(std::string_view name) const noexcept {
    if (name.starts_with(own_names)) return std::nullopt;
    const std::string* const value = state_->find(name);
    if (value == nullptr) return std::nullopt;
    return *value;
}

void Session::set(std::string_view name, std::string_view value) {
    if (name.empty() || name.starts_with(own_names))
        throw std::invalid_argument("armature: a session's value has a name, which doesn't begin "
                                    "with 'armature:'");
    state_->set(name, value);
}

bool Session::erase(std::string_view name) {
    return !name.starts_with(own_names) && state_->erase(name);
}

void Session::clear() {
    if (state_->values.empty()) return;
    state_->values.clear();
    state_->changed = true;
}

void Session::renew() {
    state_->erase(secret_name);
    state_->renewed = true;
}

void Session::end() {
    state_->values.clear();
    state_->changed = true;
    state_->renewed = true; // what is set after it begins anew
}

bool Session::is_new() const noexcept { return !state_->came; }
std::int64_t Session::began_at() const noexcept { return state_->began; }

void Session::flash(std::string_view name, std::string_view text) {
    state_->set(flash_name(name), text);
}

std::optional<std::string> Session::take_flash(std::string_view name) {
    const std::string key = flash_name(name);
    const std::string* const found = state_->find(key);
    if (found == nullptr) return std::nullopt;
    std::string text = *found;
    state_->erase(key);
    return text;
}

std::string_view Session::secret() {
    if (state_->find(secret_name) == nullptr)
        state_->set(secret_name, crypto::random_bytes(sessions::key_size));
    return *state_->find(secret_name);
}

} // namespace armature

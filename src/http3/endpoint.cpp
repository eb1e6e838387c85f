#include "http3/endpoint.hpp"

#include <armature/log/log.hpp>

#include <gnutls/crypto.h>

#include <algorithm>
#include <cstring>

namespace armature::http3 {

namespace {

constexpr Nanoseconds second = 1'000'000'000;
constexpr Nanoseconds retry_token_life = 10 * second;
constexpr Nanoseconds new_token_life = 24 * 3600 * second;
// More handshakes at a time than that are an attack, or a load under which a round trip is cheap.
constexpr std::size_t usual_handshakes = 128;
// A client that just sent its next request when it was told to go elsewhere.
constexpr Duration drain_quiet_time = Duration::milliseconds(500);

const std::uint8_t* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}
std::string_view text_of(const std::uint8_t* bytes, ngtcp2_ssize size) noexcept {
    return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

} // namespace

// Clients choose some of the ids, so the hash has a secret.
std::size_t Endpoint::IdHash::operator()(const ngtcp2_cid& id) const noexcept {
    std::uint64_t words[3] = {};
    std::memcpy(words, id.data, id.datalen);
    __extension__ using Wide = unsigned __int128;
    const auto mix = [](std::uint64_t a, std::uint64_t b) {
        const Wide product = static_cast<Wide>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    return mix(mix(words[0] ^ seed[0], words[1] ^ seed[1]) ^ words[2], seed[0] ^ id.datalen);
}

Endpoint::Endpoint(const EndpointOptions& options, const Secrets& secrets,
                   const CredentialsSlot& credentials, const Dispatcher& dispatcher,
                   Scheduler& loop, PacketSink& sink, Host& host)
    : options_(options), secrets_(secrets), credentials_(credentials), loop_(loop), sink_(sink),
      host_(host), sessions_(dispatcher, options_.limits, loop), batch_(sink), ids_(64, [] {
          IdHash hash;
          gnutls_rnd(GNUTLS_RND_RANDOM, hash.seed, sizeof hash.seed);
          return hash;
      }()) {}

Endpoint::~Endpoint() {
    for (Connection* connection : connections_)
        delete connection;
}

// --- connections' needs -------------------------------------------------------------------------

void Endpoint::mark(Connection& connection) {
    if (std::exchange(connection.is_marked, true)) return;
    marked_.push_back(&connection);
    host_.endpoint_changed();
}

ngtcp2_cid Endpoint::make_id() {
    ngtcp2_cid id{};
    id.datalen = id_bytes;
    gnutls_rnd(GNUTLS_RND_RANDOM, id.data, id_bytes);
    // The first two bytes modulo the number of workers name the one that has the connection.
    unsigned share = static_cast<unsigned>(id.data[0]) << 8 | id.data[1];
    share = share - share % options_.workers + options_.worker;
    if (share > 0xffff) share -= options_.workers;
    id.data[0] = static_cast<std::uint8_t>(share >> 8);
    id.data[1] = static_cast<std::uint8_t>(share);
    return id;
}

void Endpoint::make_reset_token(std::uint8_t* token, const ngtcp2_cid& id) const noexcept {
    ngtcp2_crypto_generate_stateless_reset_token(token, secrets_.reset.data(),
                                                 secrets_.reset.size(), &id);
}

// --- datagrams in -------------------------------------------------------------------------------

void Endpoint::receive(const Path& path, std::string_view datagram) {
    const Nanoseconds now = host_.now();
    ngtcp2_version_cid ids;
    if (datagram.empty()) return;
    switch (ngtcp2_pkt_decode_version_cid(&ids, bytes_of(datagram), datagram.size(), id_bytes)) {
    case 0:
        break;
    case NGTCP2_ERR_VERSION_NEGOTIATION:
        if (may_answer(now)) send_versions(path, ids);
        return;
    default:
        return;
    }
    if (ids.dcidlen > NGTCP2_MAX_CIDLEN) return;
    ngtcp2_cid id;
    ngtcp2_cid_init(&id, ids.dcid, ids.dcidlen);
    if (const auto found = ids_.find(id); found != ids_.end())
        return found->second->receive(path, datagram, now);
    const bool is_long = (static_cast<unsigned char>(datagram.front()) & 0x80) != 0;
    if (is_long) return accept(path, datagram, now);
    if (may_answer(now)) send_reset(path, datagram);
}

bool Endpoint::must_validate() const noexcept {
    return options_.address_validation == AddressValidation::always ||
           handshakes_ >= usual_handshakes;
}

void Endpoint::accept(const Path& path, std::string_view datagram, Nanoseconds now) {
    ngtcp2_pkt_hd head;
    // Early data that overtook its handshake is dropped as well: its client sends it again.
    if (ngtcp2_accept(&head, bytes_of(datagram), datagram.size()) != 0) return;
    if (head.dcid.datalen < NGTCP2_MIN_INITIAL_DCIDLEN) return;
    const auto token = quic::token_of(head);
    const auto& key = secrets_.token;
    const sockaddr* address = &path.remote.any;
    const socklen_t address_size = path.remote.size;
    Connection::Opening opening{head, path, std::nullopt, false};
    if (!token.empty() && token.front() == NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY) {
        ngtcp2_cid original;
        if (ngtcp2_crypto_verify_retry_token(&original, token.data(), token.size(), key.data(),
                                             key.size(), head.version, address, address_size,
                                             &head.dcid, retry_token_life, wall_now()) != 0) {
            if (may_answer(now)) send_close(path, head, NGTCP2_INVALID_TOKEN);
            return;
        }
        opening.original_id = original;
        opening.validated = true;
    } else if (!token.empty() && token.front() == NGTCP2_CRYPTO_TOKEN_MAGIC_REGULAR) {
        opening.validated = ngtcp2_crypto_verify_regular_token(
                                token.data(), token.size(), key.data(), key.size(), address,
                                address_size, new_token_life, wall_now()) == 0;
    }
    if (!opening.validated && must_validate()) return send_retry(path, head);
    const std::atomic<std::uint32_t>* open = options_.connections;
    if (draining_ ||
        (open != nullptr && open->load(std::memory_order_relaxed) >= options_.most_connections)) {
        if (may_answer(now)) send_close(path, head, NGTCP2_CONNECTION_REFUSED);
        return;
    }
    try {
        auto made = std::make_unique<Connection>(*this, opening, now);
        made->position = connections_.size();
        connections_.push_back(made.get());
        if (options_.connections != nullptr)
            options_.connections->fetch_add(1, std::memory_order_relaxed);
        ++handshakes_;
        made.release()->receive(path, datagram, now);
    } catch (const std::exception& error) {
        log::warn("refused a connection", {{"reason", error.what()}});
    }
}

// --- answers that belong to no connection -------------------------------------------------------

// A second's worth at most may come at once.
bool Endpoint::may_answer(Nanoseconds now) noexcept {
    const Nanoseconds each = second / options_.limits.stateless_answers_per_second;
    answers_from_ = std::max(answers_from_, now - second);
    if (answers_from_ + each > now) return false;
    answers_from_ += each;
    return true;
}

void Endpoint::send_versions(const Path& path, const ngtcp2_version_cid& ids) {
    std::uint8_t packet[NGTCP2_MAX_UDP_PAYLOAD_SIZE];
    std::uint8_t random = 0;
    gnutls_rnd(GNUTLS_RND_NONCE, &random, 1);
    // One that nobody has keeps clients from depending on what is in the list (RFC 9000 §6.3).
    const std::uint32_t versions[] = {0x1a2a3a4a, NGTCP2_PROTO_VER_V1};
    const auto size =
        ngtcp2_pkt_write_version_negotiation(packet, sizeof packet, random, ids.scid, ids.scidlen,
                                             ids.dcid, ids.dcidlen, versions, std::size(versions));
    if (size > 0) static_cast<void>(sink_.send(path, text_of(packet, size), sizeof packet));
}

void Endpoint::send_retry(const Path& path, const ngtcp2_pkt_hd& head) {
    const ngtcp2_cid id = make_id();
    const auto& key = secrets_.token;
    std::uint8_t token[NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN];
    const auto token_size = ngtcp2_crypto_generate_retry_token(
        token, key.data(), key.size(), head.version, &path.remote.any, path.remote.size, &id,
        &head.dcid, wall_now());
    if (token_size < 0) return;
    std::uint8_t packet[NGTCP2_MAX_UDP_PAYLOAD_SIZE];
    const auto size =
        ngtcp2_crypto_write_retry(packet, sizeof packet, head.version, &head.scid, &id, &head.dcid,
                                  token, static_cast<std::size_t>(token_size));
    if (size > 0) static_cast<void>(sink_.send(path, text_of(packet, size), sizeof packet));
}

void Endpoint::send_close(const Path& path, const ngtcp2_pkt_hd& head, std::uint64_t code) {
    std::uint8_t packet[NGTCP2_MAX_UDP_PAYLOAD_SIZE];
    const auto size = ngtcp2_crypto_write_connection_close(
        packet, sizeof packet, head.version, &head.scid, &head.dcid, code, nullptr, 0);
    if (size > 0) static_cast<void>(sink_.send(path, text_of(packet, size), sizeof packet));
}

// We have lost the connection, or never had it. Shorter than what it answers, so that two servers
// never answer each other for ever (RFC 9000 §10.3.3).
void Endpoint::send_reset(const Path& path, std::string_view datagram) {
    constexpr std::size_t most_random = 26; // like a small packet
    if (datagram.size() <= NGTCP2_MIN_STATELESS_RESET_RANDLEN + NGTCP2_STATELESS_RESET_TOKENLEN)
        return;
    ngtcp2_cid id;
    ngtcp2_cid_init(&id, bytes_of(datagram) + 1, id_bytes);
    std::uint8_t token[NGTCP2_STATELESS_RESET_TOKENLEN];
    make_reset_token(token, id);
    std::uint8_t random[most_random];
    const std::size_t random_size =
        std::min(most_random, datagram.size() - NGTCP2_STATELESS_RESET_TOKENLEN - 1);
    gnutls_rnd(GNUTLS_RND_NONCE, random, random_size);
    std::uint8_t packet[NGTCP2_MAX_UDP_PAYLOAD_SIZE];
    const auto size =
        ngtcp2_pkt_write_stateless_reset(packet, sizeof packet, token, random, random_size);
    if (size > 0) static_cast<void>(sink_.send(path, text_of(packet, size), sizeof packet));
}

// --- datagrams out, time ------------------------------------------------------------------------

bool Endpoint::flush() {
    if (batch_.is_blocked()) return false; // `writable` goes on
    sending_.swap(marked_);
    for (Connection* connection : sending_) {
        connection->is_marked = false;
        if (batch_.is_blocked())
            mark(*connection);
        else
            connection->send(host_.now());
    }
    for (Connection* connection : sending_)
        if (connection->is_gone() && !connection->is_marked) reap(*connection);
    sending_.clear();
    if (draining_ && at_rest()) host_.endpoint_at_rest();
    return !marked_.empty() && !batch_.is_blocked();
}

void Endpoint::writable() {
    batch_.retry();
    if (!batch_.is_blocked() && !marked_.empty()) host_.endpoint_changed();
}

void Endpoint::reap(Connection& connection) {
    connections_[connection.position] = connections_.back();
    connections_[connection.position]->position = connection.position;
    connections_.pop_back();
    delete &connection;
    if (options_.connections != nullptr)
        options_.connections->fetch_sub(1, std::memory_order_relaxed);
}

Nanoseconds Endpoint::next_expiry() const noexcept {
    const std::int64_t wait = timers_.until_next(0); // from the clock's beginning
    return wait < 0 ? ~Nanoseconds{0} : static_cast<Nanoseconds>(wait);
}

void Endpoint::expire() { timers_.run_expired(static_cast<std::int64_t>(host_.now())); }

// --- endings ------------------------------------------------------------------------------------

void Endpoint::drain() {
    if (std::exchange(draining_, true)) return;
    for (Connection* connection : connections_)
        connection->drain();
    loop_.timers().arm(quiet_timer_, loop_.now() + drain_quiet_time.count());
    if (at_rest()) host_.endpoint_at_rest();
}

void Endpoint::quiet_time_is_over() {
    for (Connection* connection : connections_)
        connection->refuse_requests();
}

void Endpoint::abort() {
    draining_ = true;
    for (Connection* connection : connections_)
        connection->abort(CancelReason::shutdown);
}

bool Endpoint::at_rest() const noexcept {
    return std::all_of(connections_.begin(), connections_.end(),
                       [](const Connection* connection) { return connection->is_over(); });
}

} // namespace armature::http3

#include "websocket/handshake.hpp"

#include "websocket/deflate.hpp"

#include <armature/core/error.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace armature::ws {

namespace {

constexpr std::string_view blanks = " \t";

// Reads a field's value from left to right.
class Scanner {
  public:
    explicit Scanner(std::string_view text) noexcept : rest_(text) {}

    bool skip(char wanted) noexcept {
        skip_blanks();
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool at_end() noexcept {
        skip_blanks();
        return rest_.empty();
    }
    std::string_view token() {
        skip_blanks();
        const std::size_t size = std::min(rest_.find_first_of(" \t,;=\""), rest_.size());
        if (size == 0) fail();
        const std::string_view found = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return found;
    }
    // A token, or one in quotes (RFC 6455 §9.1: what is quoted must be a token as well).
    std::string_view value() {
        if (!skip('"')) return token();
        const std::string_view found = token();
        if (rest_.empty() || rest_.front() != '"') fail();
        rest_.remove_prefix(1);
        return found;
    }
    [[noreturn]] static void fail() {
        throw Error::bad_request("Sec-WebSocket-Extensions has a wrong syntax");
    }

  private:
    void skip_blanks() noexcept {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
    }

    std::string_view rest_;
};

// 8 to 15, without leading zeros (RFC 7692 §7.1.2), or 0.
int window_bits_of(std::string_view value) noexcept {
    if (value == "8" || value == "9") return value.front() - '0';
    if (value.size() == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5')
        return 10 + value[1] - '0';
    return 0;
}

struct Parameter {
    std::string_view name;
    std::string_view value;
    bool has_value;
};

// One offer's window size for us, or 0 when it asks for what we can't do. What a list may hold is
// RFC 7692 §7.1: anything unknown, repeated or out of range declines the offer.
class Offer {
  public:
    void add(const Parameter& parameter) noexcept {
        static constexpr std::array<std::string_view, 4> known{
            "server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits",
            "client_max_window_bits"};
        const auto found = std::find(known.begin(), known.end(), parameter.name);
        const auto index = static_cast<std::size_t>(found - known.begin());
        if (index == known.size() || seen_[index]) return refuse();
        seen_[index] = true;
        if (index < 2) {
            if (parameter.has_value) refuse();
            return;
        }
        if (index == 3 && !parameter.has_value) return;
        const int bits = window_bits_of(parameter.value);
        if (bits == 0) return refuse();
        if (index == 2) window_bits_ = bits;
    }
    [[nodiscard]] int accepted() const noexcept {
        return refused_ || window_bits_ < min_window_bits ? 0 : window_bits_;
    }

  private:
    void refuse() noexcept { refused_ = true; }

    std::array<bool, 4> seen_{};
    int window_bits_ = max_window_bits;
    bool refused_ = false;
};

} // namespace

bool is_allowed_origin(std::string_view origin, std::string_view authority,
                       const WebSocketOptions& options) noexcept {
    if (options.origins.empty()) {
        for (const std::string_view scheme : {"http://", "https://"})
            if (origin.starts_with(scheme))
                return Headers::equal_names(origin.substr(scheme.size()), authority);
        return false;
    }
    return std::any_of(options.origins.begin(), options.origins.end(), [&](const auto& allowed) {
        return allowed == "*" || Headers::equal_names(allowed, origin);
    });
}

std::optional<std::string> accept_key(std::string_view key) {
    // 16 bytes in base64: 22 characters and "==", with the last bits zero.
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (key.size() != 24 || !key.ends_with("==")) return std::nullopt;
    if (key.substr(0, 22).find_first_not_of(alphabet) != std::string_view::npos)
        return std::nullopt;
    if (alphabet.find(key[21]) % 16 != 0) return std::nullopt;

    std::string text{key};
    text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[20];
    unsigned size = 0;
    if (::EVP_Digest(text.data(), text.size(), digest, &size, ::EVP_sha1(), nullptr) != 1)
        throw Error::internal("SHA-1, which the WebSocket handshake needs, is not available");
    std::string answer(28, '\0');
    ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(answer.data()), digest, sizeof digest);
    return answer;
}

int accept_compression(std::string_view offers) {
    int accepted = 0;
    Scanner scanner{offers};
    do {
        const std::string_view extension = scanner.token();
        Offer offer;
        while (scanner.skip(';')) {
            Parameter parameter{scanner.token(), {}, false};
            if (scanner.skip('=')) {
                parameter.has_value = true;
                parameter.value = scanner.value();
            }
            offer.add(parameter);
        }
        if (accepted == 0 && extension == "permessage-deflate") accepted = offer.accepted();
    } while (scanner.skip(','));
    if (!scanner.at_end()) Scanner::fail();
    return accepted;
}

std::string compression_answer(int window_bits) {
    std::string answer =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    if (window_bits < max_window_bits)
        answer += "; server_max_window_bits=" + std::to_string(window_bits);
    return answer;
}

} // namespace armature::ws

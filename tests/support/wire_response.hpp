#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Reads what a server sent by the letter of RFC 9112, and throws std::runtime_error where it isn't
// well-formed: tests and fuzz targets judge responses by it.
namespace armature::testing {

struct WireResponse {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields; ///< names as sent
    std::string body;                                        ///< after 101: all that follows
    std::vector<std::pair<std::string, std::string>> trailers;
    bool chunked = false;
    bool until_close = false; ///< no framing: the end of the connection is the end of the body
    bool complete = false;

    [[nodiscard]] std::optional<std::string> field(std::string_view name) const {
        std::optional<std::string> found;
        for (const auto& [have, value] : fields) {
            if (have != name) continue;
            if (found) throw std::runtime_error("field " + have + " is there twice");
            found = value;
        }
        return found;
    }
    /// The server announced the end of the connection.
    [[nodiscard]] bool closes() const {
        return std::any_of(fields.begin(), fields.end(), [](const auto& field) {
            return field.first == "connection" && field.second == "close";
        });
    }
};

class WireReader {
  public:
    /// `closed` tells that nothing follows `bytes`.
    WireReader(std::string_view bytes, bool closed) : rest_(bytes), closed_(closed) {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

    /// The next response, or nullopt when it isn't there whole and may still come. With `closed`
    /// an unfinished one is given as far as it came.
    [[nodiscard]] std::optional<WireResponse> next(bool to_head = false) {
        const std::string_view start = rest_;
        WireResponse response;
        if (!read_head(response)) {
            rest_ = start;
            return std::nullopt;
        }
        read_body(response, to_head);
        if (!response.complete && !closed_) {
            rest_ = start;
            return std::nullopt;
        }
        return response;
    }

  private:
    static void require(bool holds, const char* what) {
        if (!holds) throw std::runtime_error(what);
    }

    std::optional<std::string_view> line() {
        const std::size_t end = rest_.find("\r\n");
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view found = rest_.substr(0, end);
        require(found.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
                "a control character in a line");
        rest_.remove_prefix(end + 2);
        return found;
    }

    // False when the section isn't complete.
    bool read_fields(std::vector<std::pair<std::string, std::string>>& fields) {
        for (;;) {
            const auto text = line();
            if (!text) return false;
            if (text->empty()) return true;
            const std::size_t colon = text->find(": ");
            require(colon != std::string_view::npos && colon > 0, "a field without name or colon");
            const std::string_view name = text->substr(0, colon);
            require(std::none_of(name.begin(), name.end(),
                                 [](unsigned char c) {
                                     return c <= ' ' || c >= 0x7f ||
                                            std::string_view{"()<>@,;:\\\"/[]?={}"}.find(
                                                static_cast<char>(c)) != std::string_view::npos;
                                 }),
                    "a field name that is no token");
            fields.emplace_back(name, text->substr(colon + 2));
        }
    }

    bool read_head(WireResponse& response) {
        const auto status = line();
        if (!status) return false;
        require(status->size() >= 13 && status->starts_with("HTTP/1.1 ") && (*status)[12] == ' ',
                "a malformed status line");
        for (const char digit : status->substr(9, 3))
            require(digit >= '0' && digit <= '9', "a status that is no number");
        response.status = std::stoi(std::string{status->substr(9, 3)});
        require(response.status >= 100, "a status below 100");
        return read_fields(response.fields);
    }

    void read_body(WireResponse& response, bool to_head) {
        const auto length = response.field("content-length");
        const auto coding = response.field("transfer-encoding");
        require(!length || !coding, "both Content-Length and Transfer-Encoding");
        require(!coding || *coding == "chunked", "an unknown coding");
        response.chunked = coding.has_value();
        if (response.status == 101) {
            require(!length && !coding, "framing in a 101");
            response.body = rest_;
            rest_ = {};
            response.complete = true;
            return;
        }
        if (response.status < 200 || response.status == 204)
            require(!length && !coding, "framing where no content may be");
        if (to_head || response.status < 200 || response.status == 204 || response.status == 304) {
            response.complete = true;
        } else if (coding) {
            read_chunks(response);
        } else if (length) {
            require(!length->empty() &&
                        length->find_first_not_of("0123456789") == std::string::npos,
                    "a malformed Content-Length");
            const std::size_t size = std::stoull(*length);
            response.body = rest_.substr(0, size);
            response.complete = response.body.size() == size;
            rest_.remove_prefix(response.body.size());
        } else {
            response.until_close = true;
            response.body = rest_;
            rest_ = {};
            response.complete = closed_;
        }
    }

    void read_chunks(WireResponse& response) {
        for (;;) {
            const auto text = line();
            if (!text) return drop_rest();
            require(!text->empty() && text->size() <= 16 &&
                        text->find_first_not_of("0123456789abcdef") == std::string_view::npos,
                    "a malformed chunk size");
            const std::size_t size = std::stoull(std::string{*text}, nullptr, 16);
            if (size == 0) {
                response.complete = read_fields(response.trailers);
                if (!response.complete) drop_rest();
                return;
            }
            const std::string_view piece = rest_.substr(0, size);
            response.body += piece;
            rest_.remove_prefix(piece.size());
            if (rest_.size() < 2) return drop_rest();
            require(rest_.starts_with("\r\n"), "a chunk that doesn't end with CR LF");
            rest_.remove_prefix(2);
        }
    }
    void drop_rest() noexcept { rest_ = {}; }

    std::string_view rest_;
    bool closed_;
};

/// All responses of one connection. `heads` tells which requests were HEAD, in order.
inline std::vector<WireResponse> read_responses(std::string_view bytes, bool closed = true,
                                                const std::vector<bool>& heads = {}) {
    WireReader reader{bytes, closed};
    std::vector<WireResponse> responses;
    std::size_t answered = 0;
    while (!reader.at_end()) {
        auto response = reader.next(answered < heads.size() && heads[answered]);
        if (!response) break;
        if (response->status >= 200) ++answered;
        responses.push_back(std::move(*response));
    }
    return responses;
}

} // namespace armature::testing

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace armature::audit {

/// A row of the log.
struct Entry {
    std::int64_t seq = 0; ///< from 1, without gaps
    std::string at;       ///< RFC 3339, UTC
    std::string actor, action, target, outcome;
    std::string address, method, route;
    std::string request_id, trace_id;
    std::string before = "null", after = "null"; ///< canonical JSON
    std::string previous;                        ///< hash of the entry before, in hexadecimal
    std::string hash;                            ///< of this one

    /// As JSON in canonical form; `with_hash` as it is exported, without as it is hashed.
    [[nodiscard]] std::string to_json(bool with_hash) const;
    [[nodiscard]] std::string computed_hash() const;
};

/// What the first entry has for a hash before it.
[[nodiscard]] std::string no_hash();

/// A signed statement that the log once was that far.
struct Anchor {
    std::int64_t seq = 0;
    std::string at;
    std::string hash;      ///< of the entry with that number
    std::string key;       ///< which key signed it
    std::string signature; ///< base64url

    [[nodiscard]] std::string to_json(bool with_signature) const;
    [[nodiscard]] static std::optional<Anchor> parse(std::string_view line);
    void sign(std::string_view seed);
    [[nodiscard]] bool is_signed_by(std::string_view public_key) const;
};

/// The name that anchors have for a public key.
[[nodiscard]] std::string key_name(std::string_view public_key);

/// `now` as RFC 3339 with milliseconds.
[[nodiscard]] std::string time_text(std::int64_t unix_milliseconds);

/// Names of fields in the form in which they are compared.
[[nodiscard]] std::string folded(std::string_view name);

/// JSON text in canonical form, values of secret fields replaced. `secrets` are folded.
[[nodiscard]] std::string redacted(std::string_view json, const std::vector<std::string>& secrets);

} // namespace armature::audit

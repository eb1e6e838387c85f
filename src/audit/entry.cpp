#include "audit/entry.hpp"

#include "audit/canonical_json.hpp"
#include "crypto/crypto.hpp"

#include <armature/core/base64.hpp>
#include <armature/describe/chrono.hpp>
#include <armature/json/nlohmann.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace armature::audit {

namespace {

// An object in canonical form, whose members are added in their order.
class CanonicalObject {
  public:
    CanonicalObject& text(std::string_view name, std::string_view value) {
        append_canonical(next(name), value);
        return *this;
    }
    /// A value that is in canonical form already.
    CanonicalObject& value(std::string_view name, std::string_view json) {
        next(name) += json;
        return *this;
    }
    [[nodiscard]] std::string take() { return std::move(text_ += '}'); }

  private:
    std::string& next(std::string_view name) {
        text_ += text_.empty() ? "{\"" : ",\"";
        text_ += name;
        return text_ += "\":";
    }
    std::string text_;
};

void redact(nlohmann::json& value, const std::vector<std::string>& secrets) {
    if (value.is_array())
        for (nlohmann::json& item : value)
            redact(item, secrets);
    if (!value.is_object()) return;
    for (auto& [name, member] : value.items()) {
        const std::string compared = folded(name);
        const auto is_part = [&](const std::string& secret) {
            return compared.find(secret) != compared.npos;
        };
        if (std::any_of(secrets.begin(), secrets.end(), is_part)) {
            if (!member.is_null()) member = "[redacted]";
        } else {
            redact(member, secrets);
        }
    }
}

} // namespace

std::string Entry::to_json(bool with_hash) const {
    CanonicalObject object;
    object.text("action", action).text("actor", actor).text("address", address);
    object.value("after", after).text("at", at).value("before", before);
    if (with_hash) object.text("hash", hash);
    object.text("method", method).text("outcome", outcome).text("previous", previous);
    object.text("request_id", request_id).text("route", route);
    object.value("seq", std::to_string(seq)).text("target", target).text("trace_id", trace_id);
    return object.take();
}

std::string Entry::computed_hash() const { return crypto::to_hex(crypto::sha256(to_json(false))); }

std::string no_hash() { return std::string(64, '0'); }

std::string Anchor::to_json(bool with_signature) const {
    CanonicalObject object;
    object.text("at", at).text("hash", hash).text("key", key).value("seq", std::to_string(seq));
    if (with_signature) object.text("signature", signature);
    return object.take();
}

std::optional<Anchor> Anchor::parse(std::string_view line) {
    nlohmann::json object;
    JsonErrors errors;
    if (read_json(line, object, errors) != JsonStatus::ok || !object.is_object())
        return std::nullopt;
    Anchor anchor;
    const auto read = [&](const char* name, std::string& to) {
        const auto found = object.find(name);
        if (found == object.end() || !found->is_string()) return false;
        to = found->get<std::string>();
        return true;
    };
    const auto seq = object.find("seq");
    if (seq == object.end() || !seq->is_number_unsigned() || !read("at", anchor.at) ||
        !read("hash", anchor.hash) || !read("key", anchor.key) ||
        !read("signature", anchor.signature))
        return std::nullopt;
    anchor.seq = seq->get<std::int64_t>();
    return anchor;
}

void Anchor::sign(std::string_view seed) {
    key = key_name(crypto::ed25519_public_key(seed));
    signature = to_base64url(crypto::ed25519_sign(seed, to_json(false)));
}

bool Anchor::is_signed_by(std::string_view public_key) const {
    const auto bytes = from_base64url(signature);
    return bytes && key == key_name(public_key) &&
           crypto::ed25519_verify(public_key, *bytes, to_json(false));
}

std::string key_name(std::string_view public_key) {
    return crypto::to_hex(crypto::sha256(public_key).substr(0, 8));
}

std::string time_text(std::int64_t unix_milliseconds) {
    using Time = std::chrono::sys_time<std::chrono::milliseconds>;
    char text[TextForm<Time>::max_size];
    const char* const end =
        TextForm<Time>::write(text, Time{std::chrono::milliseconds{unix_milliseconds}});
    return {text, static_cast<std::size_t>(end - text)};
}

std::string folded(std::string_view name) {
    std::string text;
    for (const char c : name) {
        if (c == '_' || c == '-') continue;
        text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

std::string redacted(std::string_view json, const std::vector<std::string>& secrets) {
    if (json.empty()) return "null";
    nlohmann::json value;
    JsonErrors errors;
    if (read_json(json, value, errors) != JsonStatus::ok)
        throw std::invalid_argument("armature: `before` and `after` of an AuditEvent have to be "
                                    "values that JSON can hold");
    redact(value, secrets);
    std::string text;
    append_canonical(text, value);
    return text;
}

} // namespace armature::audit

#include "core/unix_time.hpp"
#include "sessions/sealer.hpp"

#include <armature/core/base64.hpp>
#include <armature/core/constant_time.hpp>
#include <armature/core/error.hpp>
#include <armature/core/url.hpp>
#include <armature/sessions/signed_urls.hpp>

#include <charconv>
#include <stdexcept>

namespace armature {

namespace {

constexpr std::string_view expires = "expires=";
constexpr std::string_view signature = "&signature=";

} // namespace

SignedUrls::SignedUrls(const SecretKeys& keys) {
    auto derived = std::make_shared<std::vector<SecretString>>();
    for (const SecretString& key : keys.all())
        derived->push_back(sessions::derive(key, "signed url"));
    keys_ = std::move(derived);
}

std::string SignedUrls::sign(std::string_view target, Duration valid) const {
    const std::optional<TargetParts> parts = split_target(target);
    if (!parts || parts->form != TargetForm::origin)
        throw std::invalid_argument("armature: a URL to sign is a path with or without a query, "
                                    "encoded as it is sent: /files/7?inline=1");
    for (const QueryView::Pair& pair : QueryView{parts->query.value_or("")})
        if (pair.name == "expires" || pair.name == "signature")
            throw std::invalid_argument(
                "armature: a URL to sign has no parameters 'expires' and 'signature' of its own");
    std::string text{target};
    text += parts->query ? '&' : '?';
    text += expires;
    text += std::to_string(unix_seconds() + valid.count() / 1000);
    const std::string made = sessions::hmac(keys_->front().expose(), text);
    text += signature;
    text += to_base64url(made);
    return text;
}

bool SignedUrls::verify(const Request& request) const {
    const std::optional<TargetParts> parts = split_target(request.target());
    if (!parts || !parts->query) return false;
    std::string text{parts->path};
    text += '?';
    text += *parts->query;
    const std::size_t signed_size = text.rfind(signature);
    if (signed_size == std::string::npos) return false;
    const std::optional<std::string> claimed =
        from_base64url(std::string_view{text}.substr(signed_size + signature.size()));
    if (!claimed || claimed->size() != sessions::digest_size) return false;
    const std::string_view covered = std::string_view{text}.substr(0, signed_size);
    bool is_ours = false;
    for (const SecretString& key : *keys_)
        is_ours |= constant_time_equal(sessions::hmac(key.expose(), covered), *claimed);
    if (!is_ours) return false;
    const std::string_view end = covered.substr(covered.rfind(expires) + expires.size());
    std::int64_t until = 0;
    const auto [rest, error] = std::from_chars(end.data(), end.data() + end.size(), until);
    return error == std::errc{} && rest == end.data() + end.size() && unix_seconds() < until;
}

void SignedUrls::can_activate(Request& request) const {
    if (!verify(request)) throw Error::forbidden("The link is not valid, or no longer");
}

} // namespace armature

#include "cli/openapi/document.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

namespace armature::spec {

namespace {

constexpr std::size_t most_bytes = 64 * 1024 * 1024;

bool is_url(std::string_view location) {
    return location.starts_with("http://") || location.starts_with("https://");
}

std::size_t receive(char* data, std::size_t size, std::size_t count, void* to) {
    std::string& text = *static_cast<std::string*>(to);
    if (text.size() + size * count > most_bytes) return 0; // ends the transfer
    text.append(data, size * count);
    return size * count;
}

std::string load_url(const std::string& url) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(
        ready == CURLE_OK ? curl_easy_init() : nullptr, &curl_easy_cleanup);
    if (easy == nullptr) throw ReadError(url + ": there is no HTTP client");
    std::string text;
    char why[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy.get(), CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(easy.get(), CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &receive);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &text);
    const CURLcode result = curl_easy_perform(easy.get());
    if (result == CURLE_WRITE_ERROR) throw ReadError(url + ": more than 64 MiB");
    if (result != CURLE_OK)
        throw ReadError(url + ": " + (why[0] != '\0' ? why : curl_easy_strerror(result)));
    return text;
}

} // namespace

std::string load_file_or_url(const std::string& location) {
    if (is_url(location)) return load_url(location);
    if (location == "-")
        return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    std::error_code problem;
    const std::uintmax_t size = std::filesystem::file_size(location, problem);
    if (problem) throw ReadError(location + ": " + problem.message());
    if (size > most_bytes) throw ReadError(location + ": more than 64 MiB");
    std::ifstream file(location, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file) throw ReadError(location + ": " + std::strerror(errno));
    return text;
}

std::optional<std::string> resolve_location(std::string_view base, std::string_view reference) {
    if (is_url(reference)) return std::string(reference);
    if (!is_url(base)) {
        if (reference.starts_with("file://")) reference.remove_prefix(7);
        return (std::filesystem::path(base).parent_path() / reference).lexically_normal().string();
    }
    if (reference.find("://") != reference.npos || reference.starts_with("file:"))
        return std::nullopt;
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
    char* resolved = nullptr;
    if (url == nullptr ||
        curl_url_set(url.get(), CURLUPART_URL, std::string(base).c_str(), 0) != CURLUE_OK ||
        curl_url_set(url.get(), CURLUPART_URL, std::string(reference).c_str(), 0) != CURLUE_OK ||
        curl_url_get(url.get(), CURLUPART_URL, &resolved, 0) != CURLUE_OK)
        return std::nullopt;
    const std::unique_ptr<char, decltype(&curl_free)> owner(resolved, &curl_free);
    return is_url(resolved) ? std::optional<std::string>(resolved) : std::nullopt;
}

} // namespace armature::spec

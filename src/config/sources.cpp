#include "config/sources.hpp"

#include "core/nearest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace armature::config::detail {
namespace {

constexpr std::size_t max_file_bytes = 1024 * 1024;
constexpr std::size_t max_shown_bytes = 60;

/// Returns the error number, 0 after success.
int read_all(int descriptor, std::string& text) {
    text.resize(max_file_bytes + 1);
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t count = ::read(descriptor, text.data() + size, text.size() - size);
        if (count == 0) break;
        if (count > 0) {
            size += static_cast<std::size_t>(count);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    text.resize(size);
    return 0;
}

} // namespace

void add_value(Values& values, Faults& faults, std::string key, RawValue value) {
    const auto found = values.find(key);
    if (found == values.end()) {
        values.emplace(std::move(key), std::move(value));
        return;
    }
    faults.push_back(value.origin + ": " + quoted(key) + " is given twice, first at " +
                     found->second.origin + "; remove one");
}

std::optional<SecretString> read_file(const std::string& path, Presence presence, Faults& faults) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT && presence == Presence::optional) return std::nullopt;
    std::string text;
    const int error = descriptor < 0 ? errno : read_all(descriptor, text);
    if (descriptor >= 0) ::close(descriptor);
    SecretString content(std::move(text));
    if (error != 0) {
        faults.push_back(path + ": can't be read: " + std::generic_category().message(error) +
                         "; correct the path or its permissions");
        return std::nullopt;
    }
    if (content.expose().size() > max_file_bytes) {
        faults.push_back(path + ": is larger than 1 MiB; correct the path");
        return std::nullopt;
    }
    return content;
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text.substr(0, max_shown_bytes)) {
        const bool control = (c >= 0 && c < 0x20) || c == 0x7F;
        result += control ? '?' : c;
    }
    return result + (text.size() > max_shown_bytes ? "…\"" : "\"");
}

std::string suggestion(std::string_view name, const std::vector<std::string>& candidates) {
    const std::string* nearest = armature::detail::nearest(name, candidates);
    return nearest ? "; did you mean \"" + *nearest + "\"?" : "; remove it";
}

} // namespace armature::config::detail

#include "cli/dev/failure.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

namespace armature::cli::dev {

namespace {

constexpr std::size_t most_complaints = 20;
constexpr unsigned lines_around = 2;

std::optional<unsigned> take_number(std::string_view& text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool take(std::string_view& text, std::string_view start) {
    if (!text.starts_with(start)) return false;
    text.remove_prefix(start.size());
    return true;
}

// "src/main.cpp:12:5: error: …" of GCC and Clang, without the column as well.
std::optional<Complaint> compiler_error(std::string_view line) {
    for (const std::string_view kind : {": error: ", ": fatal error: "}) {
        const std::size_t at = line.find(kind);
        if (at == line.npos) continue;
        Complaint found;
        found.message = line.substr(at + kind.size());
        std::string_view place = line.substr(0, at);
        for (unsigned* number : {&found.column, &found.line}) {
            const std::size_t colon = place.rfind(':');
            if (colon == place.npos) break;
            std::string_view digits = place.substr(colon + 1);
            const auto value = take_number(digits);
            if (!value || !digits.empty()) break;
            *number = *value;
            place = place.substr(0, colon);
        }
        // One number is a line.
        if (found.line == 0) std::swap(found.line, found.column);
        if (found.line == 0 || place.empty()) continue;
        found.file = place;
        return found;
    }
    return std::nullopt;
}

// "/usr/bin/ld: main.cpp.o: in function `main': /p/main.cpp:12: undefined reference to `f()'", of
// which the linker may put the first half in a line of its own; without debug information the place
// is "main.cpp:(.text+0x5)".
std::optional<Complaint> linker_error(std::string_view line) {
    for (const std::string_view kind : {": undefined reference to ", ": multiple definition of "}) {
        const std::size_t at = line.find(kind);
        if (at == line.npos) continue;
        std::string_view place = line.substr(0, at);
        if (const std::size_t before = place.rfind(": "); before != place.npos)
            place.remove_prefix(before + 2);
        Complaint found;
        found.message = line.substr(at + 2);
        const std::size_t colon = place.rfind(':');
        if (colon == place.npos) continue;
        std::string_view digits = place.substr(colon + 1);
        found.line = take_number(digits).value_or(0);
        found.file = place.substr(0, colon);
        if (found.line == 0 || !digits.empty()) found.line = 0;
        return found;
    }
    return std::nullopt;
}

// "CMake Error at CMakeLists.txt:7 (find_package):" and an indented text behind it.
std::optional<Complaint> cmake_error(std::string_view line, std::string_view behind) {
    if (!take(line, "CMake Error at ")) return std::nullopt;
    const std::size_t colon = line.find(':');
    if (colon == line.npos) return std::nullopt;
    Complaint found;
    found.file = line.substr(0, colon);
    line.remove_prefix(colon + 1);
    found.line = take_number(line).value_or(0);
    while (!behind.empty()) {
        const std::size_t end = std::min(behind.find('\n'), behind.size());
        std::string_view text = behind.substr(0, end);
        behind.remove_prefix(std::min(end + 1, behind.size()));
        if (!text.empty() && text.front() != ' ') break;
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        if (text.empty() && !found.message.empty()) break;
        if (!found.message.empty() && !text.empty()) found.message += ' ';
        found.message += text;
    }
    if (found.message.empty()) found.message = "CMake stopped here";
    return found;
}

void find_source(Complaint& complaint, const std::filesystem::path& project,
                 const std::filesystem::path& build) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    fs::path path;
    for (const fs::path& folder : {project, build}) {
        path = (folder / complaint.file).lexically_normal();
        if (fs::is_regular_file(path, ignored)) break;
        path.clear();
    }
    if (path.empty()) return;
    complaint.path = path.string();
    const std::string prefix = project.string() + '/';
    complaint.file =
        complaint.path.starts_with(prefix) ? complaint.path.substr(prefix.size()) : complaint.path;
    std::ifstream file(path);
    std::string text;
    for (unsigned number = 1; std::getline(file, text); ++number) {
        if (number + lines_around < complaint.line) continue;
        if (number > complaint.line + lines_around) break;
        complaint.source.push_back({number, text});
    }
}

} // namespace

std::vector<Complaint> find_complaints(std::string_view output, const std::string& project,
                                       const std::string& build) {
    std::vector<Complaint> found;
    while (!output.empty() && found.size() < most_complaints) {
        const std::size_t end = std::min(output.find('\n'), output.size());
        const std::string_view line = output.substr(0, end);
        output.remove_prefix(std::min(end + 1, output.size()));
        std::optional<Complaint> complaint = compiler_error(line);
        if (!complaint) complaint = linker_error(line);
        if (!complaint) complaint = cmake_error(line, output);
        if (!complaint) continue;
        find_source(*complaint, project, build);
        found.push_back(*std::move(complaint));
    }
    return found;
}

std::string without_escapes(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r') continue;
        if (text[i] != '\x1b') {
            plain += text[i];
            continue;
        }
        if (i + 1 < text.size() && text[i + 1] == '[') // CSI: up to a letter
            for (i += 2; i < text.size() && (text[i] < '@' || text[i] > '~');)
                ++i;
        else
            ++i;
    }
    return plain;
}

} // namespace armature::cli::dev

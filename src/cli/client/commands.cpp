#include "cli/client/commands.hpp"

#include "cli/client/generate.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace armature::cli {

namespace {

namespace fs = std::filesystem;
using terminal::Arguments;
using terminal::CommandError;
using terminal::Terminal;
using terminal::UsageError;

// Lists what a folder was given, so that what is no longer made can be removed.
constexpr const char* list_name = ".armature-client";

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const fs::path& path, const std::string& text) {
    // An unchanged file keeps its time: nobody has to compile it again.
    if (fs::is_regular_file(path) && read_file(path) == text) return;
    fs::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file << text;
    if (!file.flush()) throw CommandError(path.string() + ": can't be written");
}

void write_client(const fs::path& folder, const client_gen::Generated& client, bool is_forced) {
    const fs::path list = folder / list_name;
    if (!is_forced && fs::is_directory(folder) && !fs::is_empty(folder) && !fs::exists(list))
        throw CommandError(folder.string() +
                           " is not empty and holds no client; choose another folder, or --force");
    std::string names;
    for (const client_gen::File& file : client.files)
        names += file.name + "\n";
    const std::string before = read_file(list);
    for (std::size_t from = 0; from < before.size();) {
        const std::size_t end = std::min(before.find('\n', from), before.size());
        const fs::path name = before.substr(from, end - from);
        from = end + 1;
        const bool is_inside =
            name.is_relative() && name.lexically_normal().string().find("..") == std::string::npos;
        if (is_inside && std::none_of(client.files.begin(), client.files.end(),
                                      [&](const auto& file) { return file.name == name; }))
            fs::remove(folder / name);
    }
    for (const client_gen::File& file : client.files)
        write_file(folder / file.name, file.text);
    write_file(list, names);
}

int run(const Arguments& arguments, Terminal& terminal) {
    const auto language = arguments.value("--language");
    const auto out = arguments.value("--out");
    if (!language || !out || arguments.words().size() != 1)
        throw UsageError("client takes --language, --out and one file or URL");
    using Generate = client_gen::Generated (*)(const spec::Document&, const client_gen::Options&);
    const std::pair<std::string_view, Generate> languages[] = {
        {"typescript", client_gen::typescript},
        {"rust", client_gen::rust},
        {"cpp", client_gen::cpp},
    };
    const auto chosen = std::find_if(std::begin(languages), std::end(languages),
                                     [&](const auto& one) { return one.first == *language; });
    if (chosen == std::end(languages))
        throw UsageError("no client in \"" + std::string(*language) +
                         "\"; there are typescript, rust and cpp");
    try {
        const spec::Document document = spec::Document::read(arguments.words().front());
        bool is_sound = true;
        for (const spec::Finding& finding : document.findings()) {
            if (finding.severity != spec::Finding::Severity::error) continue;
            is_sound = false;
            terminal.err(spec::to_text(finding) + "\n");
        }
        if (!is_sound && !arguments.has("--keep-going"))
            throw CommandError("the document has errors; correct them, or --keep-going to have of "
                               "unknown type what can't be understood");
        client_gen::Options options;
        options.package = arguments.value("--package").value_or("");
        const client_gen::Generated client = chosen->second(document, options);
        write_client(fs::path(*out), client, arguments.has("--force"));
        for (const std::string& warning : client.warnings)
            terminal.err(terminal.paint_message(terminal::Colour::yellow, "warning: ") + warning +
                         "\n");
        terminal.err(std::to_string(client.functions) + " functions and " +
                     std::to_string(client.types) + " types in " + std::string(*out) + "\n");
    } catch (const spec::ReadError& error) {
        throw CommandError(error.what());
    } catch (const fs::filesystem_error& error) {
        throw CommandError(error.what());
    }
    return 0;
}

constexpr terminal::Option options[] = {
    {"--language", 'l', "LANGUAGE", "typescript, rust or cpp"},
    {"--out", 'o', "FOLDER", "where its files go; those of an earlier one are replaced"},
    {"--package", '\0', "NAME", "what the package, crate or namespace is called"},
    {"--keep-going", '\0', "", "in spite of errors of the document"},
    {"--force", '\0', "", "into a folder that has other files"},
};

} // namespace

const terminal::Command client{
    .name = "client",
    .words = "FILE|URL",
    .summary = "Makes a typed client from an OpenAPI document",
    .options = options,
    .details =
        "  armature client --language typescript --out clients/web "
        "http://localhost:8080/openapi.json\n"
        "\n"
        "The same document gives the same bytes, so that a client can be kept with its sources.\n"
        "What a client can't do is told on standard error and in its README.\n",
    .run = run,
};

} // namespace armature::cli

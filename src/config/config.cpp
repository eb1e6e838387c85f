#include "config/sources.hpp"

#include <armature/config/config.hpp>

#include <cstdio>
#include <cstdlib>
#include <set>

namespace armature::config {
namespace {

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        if (!text.empty()) text += '\n';
        text += line;
    }
    return text;
}

bool is_key(std::string_view key) noexcept {
    bool word = false;
    for (const char c : key) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (!letter && (c != '.' || !word)) return false;
        word = letter;
    }
    return word;
}

} // namespace

namespace detail {

struct Sources {
    struct File {
        std::string path;
        Presence presence;
    };
    std::vector<File> files;
    std::optional<File> dotenv_file;
    bool reads_environment = false;
    std::string prefix;
    bool reads_arguments = false;
    std::vector<SecretString> arguments;

    /// What one `load` found. `file_values` has one entry for each of `files`.
    std::vector<Values> file_values;
    Values dotenv_values;
    Values environment_values;
    Values argument_values;
    Faults faults;
    /// A source could not be understood: what it may have held is not reported as missing.
    bool incomplete = false;
    /// Every key read so far, and every variable name with its key.
    std::set<std::string, std::less<>> keys;
    std::map<std::string, std::string, std::less<>> variables;
    std::vector<Setting> settings;

    [[nodiscard]] std::string variable_of(std::string_view key) const {
        std::string name = prefix.empty() ? "" : prefix + "_";
        for (const char c : key) {
            name += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
        return name;
    }

    /// A misnamed key is the program's mistake, found by the first start of it.
    std::string register_key(std::string_view key) {
        if (!is_key(key)) {
            throw std::invalid_argument("config: the key \"" + std::string(key) +
                                        "\" is not lower-case words joined by dots");
        }
        const std::string variable = variable_of(key);
        const auto [known, added] = variables.emplace(variable, key);
        if (!added && known->second != key) {
            throw std::invalid_argument("config: the keys " + known->second + " and " +
                                        std::string(key) + " share the variable " + variable);
        }
        keys.emplace(key);
        return variable;
    }

    void read_arguments_given() {
        for (const SecretString& argument : arguments) {
            std::string_view text = argument.expose();
            if (text == "--") break;
            if (!text.starts_with("--")) continue;
            const std::size_t equals = text.find('=');
            const std::string key(text.substr(2, equals == text.npos ? text.npos : equals - 2));
            if (equals == text.npos) {
                faults.push_back("command line: " + quoted("--" + key) +
                                 " has no value; write --key=value");
                incomplete = true;
                continue;
            }
            add_value(argument_values, faults, key,
                      {RawValue::Kind::text,
                       SecretString(std::string(text.substr(equals + 1))),
                       {},
                       "--" + key});
        }
    }

    void read_files() {
        for (const File& file : files) {
            Values& values = file_values.emplace_back();
            const bool toml = file.path.ends_with(".toml");
            if (!toml && !file.path.ends_with(".json")) {
                faults.push_back(file.path + ": unknown format; name the file .toml or .json");
                incomplete = true;
                continue;
            }
            const std::size_t faults_before = faults.size();
            if (const auto text = read_file(file.path, file.presence, faults)) {
                const auto parse_file = toml ? parse_toml : parse_json;
                parse_file(file.path, text->expose(), values, faults);
            }
            incomplete = incomplete || faults.size() > faults_before;
        }
        if (!dotenv_file) return;
        const std::size_t faults_before = faults.size();
        if (const auto text = read_file(dotenv_file->path, dotenv_file->presence, faults)) {
            parse_dotenv(dotenv_file->path, text->expose(), dotenv_values, faults);
        }
        incomplete = incomplete || faults.size() > faults_before;
    }

    void note_unknown_keys() {
        const std::vector<std::string> known(keys.begin(), keys.end());
        const auto note = [&](const Values& values) {
            for (const auto& [key, value] : values) {
                if (keys.contains(key)) continue;
                faults.push_back(value.origin + ": unknown key " + quoted(key) +
                                 suggestion(key, known));
            }
        };
        for (const Values& values : file_values)
            note(values);
        note(argument_values);

        if (prefix.empty()) return;
        std::vector<std::string> known_variables;
        for (const auto& [variable, key] : variables)
            known_variables.push_back(variable);
        for (const auto& [name, value] : dotenv_values) {
            if (!name.starts_with(prefix + "_") || variables.contains(name)) continue;
            faults.push_back(value.origin + ": unknown variable " + quoted(name) +
                             suggestion(name, known_variables));
        }
    }

    [[nodiscard]] std::string ways_to_set(std::string_view key, bool secret) const {
        std::vector<std::string> ways;
        if (reads_environment || dotenv_file) ways.push_back(variable_of(key));
        if (!files.empty()) ways.push_back(std::string(key) + " in " + files.back().path);
        if (reads_arguments && !secret) ways.push_back("--" + std::string(key) + "=…");
        std::string text;
        for (const std::string& way : ways)
            text += (text.empty() ? "set " : " or ") + way;
        return text.empty() ? "the program reads no source" : text;
    }

    const RawValue* find(const std::string& variable, std::string_view key) {
        if (const auto found = argument_values.find(key); found != argument_values.end()) {
            return &found->second;
        }
        if (const char* text = reads_environment ? std::getenv(variable.c_str()) : nullptr) {
            RawValue& value = environment_values[variable];
            value = {RawValue::Kind::text, SecretString(std::string(text)), {}, variable};
            return &value;
        }
        if (const auto found = dotenv_values.find(variable); found != dotenv_values.end()) {
            return &found->second;
        }
        for (auto values = file_values.rbegin(); values != file_values.rend(); ++values) {
            if (const auto found = values->find(key); found != values->end()) {
                return &found->second;
            }
        }
        return nullptr;
    }
};

} // namespace detail

ConfigError::ConfigError(std::vector<std::string> faults)
    : std::runtime_error(joined(faults)), faults_(std::move(faults)) {}

const detail::RawValue* Reader::find(std::string_view key, Presence presence, bool secret) {
    const std::string variable = sources_->register_key(key);
    sources_->settings.push_back({std::string{key}, {}, {}, variable});
    if (secret && sources_->argument_values.contains(key)) {
        sources_->faults.push_back("--" + std::string(key) + ": a secret on the command line can " +
                                   "be read by every user of the machine; " +
                                   sources_->ways_to_set(key, true));
        return nullptr;
    }
    const detail::RawValue* raw = sources_->find(variable, key);
    sources_->settings.back().origin = raw == nullptr ? "default" : raw->origin;
    if (raw == nullptr && presence == Presence::required && !sources_->incomplete) {
        sources_->faults.push_back(std::string(key) + ": required, but not set; " +
                                   sources_->ways_to_set(key, secret));
    }
    return raw;
}

void Reader::note(std::string value) { sources_->settings.back().value = std::move(value); }

void Reader::note_fault(const detail::RawValue& raw, std::string_view key,
                        std::string_view complaint, bool secret) {
    const std::string value = secret ? "[redacted]"
                              : raw.kind == detail::RawValue::Kind::list
                                  ? "the list"
                                  : detail::quoted(raw.text.expose());
    sources_->faults.push_back(raw.origin + ": " + std::string(key) + ": " + value + " " +
                               std::string(complaint));
}

Loader::Loader() : sources_(std::make_unique<detail::Sources>()) {}
Loader::~Loader() = default;

Loader& Loader::file(std::string path, Presence presence) {
    sources_->files.push_back({std::move(path), presence});
    return *this;
}

Loader& Loader::dotenv(std::string path, Presence presence) {
    sources_->dotenv_file = {std::move(path), presence};
    return *this;
}

Loader& Loader::environment(std::string prefix) {
    sources_->reads_environment = true;
    sources_->prefix = std::move(prefix);
    return *this;
}

Loader& Loader::arguments(int argc, const char* const* argv) {
    sources_->reads_arguments = true;
    sources_->arguments.clear();
    for (int i = 1; i < argc; ++i)
        sources_->arguments.emplace_back(std::string(argv[i]));
    return *this;
}

const std::vector<Setting>& Loader::settings() const noexcept { return sources_->settings; }

void Loader::open() {
    detail::Sources& s = *sources_;
    s.file_values.clear();
    s.dotenv_values.clear();
    s.environment_values.clear();
    s.argument_values.clear();
    s.faults.clear();
    s.incomplete = false;
    s.keys.clear();
    s.variables.clear();
    s.settings.clear();
    s.read_files();
    s.read_arguments_given();
}

void Loader::close() {
    sources_->note_unknown_keys();
    if (!sources_->faults.empty()) throw ConfigError(std::move(sources_->faults));
}

void Loader::exit_with(const ConfigError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::exit(2);
}

} // namespace armature::config

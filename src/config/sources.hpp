#pragma once

#include <armature/config/config.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace armature::config::detail {

/// Values by key (a file, the command line) or by variable name (`.env`).
using Values = std::map<std::string, RawValue, std::less<>>;
using Faults = std::vector<std::string>;

/// Adds the value unless the key is there already, which is a fault.
void add_value(Values& values, Faults& faults, std::string key, RawValue value);

/// Each parser adds what it understands to `values` and a line per fault to `faults`. `path` is
/// what faults call the file.
void parse_toml(const std::string& path, std::string_view text, Values& values, Faults& faults);
void parse_json(const std::string& path, std::string_view text, Values& values, Faults& faults);
void parse_dotenv(const std::string& path, std::string_view text, Values& values, Faults& faults);

/// Reads a file of at most 1 MiB. Returns nullopt if it is absent and may be, or after a fault.
std::optional<SecretString> read_file(const std::string& path, Presence presence, Faults& faults);

/// A value as a fault shows it: quoted, printable and not too long.
std::string quoted(std::string_view text);

/// Returns `; did you mean "…"?` for the closest candidate, or an empty text.
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

} // namespace armature::config::detail

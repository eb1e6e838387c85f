#include "config/sources.hpp"

#include <toml++/toml.h>

namespace armature::config::detail {
namespace {

class Flattener {
  public:
    Flattener(const std::string& path, Values& values, Faults& faults)
        : path_(path), values_(values), faults_(faults) {}

    void table(const toml::table& table, const std::string& prefix) {
        for (const auto& [name, node] : table) {
            const std::string key = prefix + std::string(name.str());
            if (const toml::table* inner = node.as_table()) {
                this->table(*inner, key + ".");
                continue;
            }
            const std::string origin = path_ + ":" + std::to_string(name.source().begin.line);
            if (auto value = convert(node, origin)) {
                add_value(values_, faults_, key, std::move(*value));
            } else {
                faults_.push_back(origin + ": " + key +
                                  ": dates and lists of tables or lists are not supported; use "
                                  "a string, a number, true, false or a list of these");
            }
        }
    }

  private:
    static std::optional<RawValue> convert(const toml::node& node, const std::string& origin) {
        const auto scalar = [&](RawValue::Kind kind, std::string text) {
            return RawValue{kind, SecretString(std::move(text)), {}, origin};
        };
        if (const auto* text = node.as_string()) return scalar(RawValue::Kind::string, text->get());
        if (const auto* number = node.as_integer()) {
            return scalar(RawValue::Kind::integer, shown(number->get()));
        }
        if (const auto* number = node.as_floating_point()) {
            return scalar(RawValue::Kind::real, shown(number->get()));
        }
        if (const auto* truth = node.as_boolean()) {
            return scalar(RawValue::Kind::boolean, truth->get() ? "true" : "false");
        }
        const toml::array* array = node.as_array();
        if (array == nullptr) return std::nullopt;
        RawValue list{RawValue::Kind::list, {}, {}, origin};
        for (const toml::node& element : *array) {
            auto item = element.is_array() ? std::nullopt : convert(element, origin);
            if (!item) return std::nullopt;
            list.items.push_back(std::move(*item));
        }
        return list;
    }

    const std::string& path_;
    Values& values_;
    Faults& faults_;
};

/// The parser quotes what it read, which may be part of a secret.
std::string without_quotations(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::size_t open = text.find('\'');
        result += text.substr(0, open);
        if (open == std::string_view::npos) break;
        const std::size_t close = text.rfind('\'');
        result += "…";
        text.remove_prefix(close + 1);
    }
    return result;
}

} // namespace

void parse_toml(const std::string& path, std::string_view text, Values& values, Faults& faults) {
    try {
        Flattener(path, values, faults).table(toml::parse(text), "");
    } catch (const toml::parse_error& error) {
        faults.push_back(path + ":" + std::to_string(error.source().begin.line) + ": " +
                         without_quotations(error.description()) + "; correct the TOML here");
    }
}

} // namespace armature::config::detail

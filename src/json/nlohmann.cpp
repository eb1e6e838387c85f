#include <armature/json/nlohmann.hpp>
#include <armature/json/read.hpp>

#include <charconv>

namespace armature {
namespace {

using nlohmann::json;

JsonStatus read_tree(JsonReader& reader, json& out);

JsonStatus read_tree_number(JsonReader& reader, json& out) {
    // Whole numbers stay exact as far as 64 bits go, as in the library itself.
    const std::string_view rest = reader.rest();
    const std::size_t size =
        std::min(rest.find_first_not_of("0123456789", rest.starts_with('-')), rest.size());
    if (size == rest.size() || std::string_view(".eE").find(rest[size]) == std::string_view::npos) {
        const char* const end = rest.data() + size;
        std::uint64_t natural = 0;
        std::int64_t negative = 0;
        if (std::from_chars(rest.data(), end, natural).ec == std::errc()) {
            out = natural;
            return reader.skip_value();
        }
        if (std::from_chars(rest.data(), end, negative).ec == std::errc()) {
            out = negative;
            return reader.skip_value();
        }
    }
    double value = 0;
    const JsonStatus status = reader.read_real(value);
    out = value;
    return status;
}

JsonStatus read_tree_item(JsonReader& reader, void* list, std::size_t) {
    auto& items = *static_cast<json::array_t*>(list);
    return read_tree(reader, items.emplace_back());
}

bool read_tree_member(JsonReader& reader, void* map, JsonPath& step, JsonStatus& status) {
    auto& members = *static_cast<json::object_t*>(map);
    const auto [place, is_new] = members.emplace(std::string(step.key), json());
    if (!is_new) return false;
    step.key = place->first;
    status = read_tree(reader, place->second);
    return true;
}

JsonStatus read_tree(JsonReader& reader, json& out) {
    if (reader.take_null()) {
        out = nullptr;
        return JsonStatus::ok;
    }
    const std::string_view rest = reader.rest();
    switch (rest.empty() ? '\0' : rest[0]) {
    case '{':
        out = json::object();
        return reader.read_map(out.get_ptr<json::object_t*>(), &read_tree_member);
    case '[':
        out = json::array();
        return reader.read_list(out.get_ptr<json::array_t*>(), &read_tree_item);
    case '"':
        out = std::string();
        return reader.read_text(*out.get_ptr<std::string*>());
    case 't':
    case 'f': {
        bool value = false;
        const JsonStatus status = reader.read_boolean(value);
        out = value;
        return status;
    }
    case 'n':
        return reader.skip_value(); // not null: reports the syntax error
    default:
        return read_tree_number(reader, out);
    }
}

} // namespace

std::string to_json(const json& document) {
    return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

void write_json(std::string& out, const json& document) { out += to_json(document); }

JsonStatus read_json(std::string_view text, json& document, JsonErrors& errors) {
    JsonReader reader(text, errors);
    const JsonStatus status = read_tree(reader, document);
    if (status == JsonStatus::malformed) return status;
    return reader.finish() == JsonStatus::ok ? status : JsonStatus::malformed;
}

} // namespace armature

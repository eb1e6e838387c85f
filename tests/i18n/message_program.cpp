// Formats what messages.mjs asks for: message_program FOLDER < cases, one JSON array, gives the
// texts as another.
#include <armature/i18n/i18n.hpp>
#include <armature/json/nlohmann.hpp>

#include <iostream>

using namespace armature;

int main(int, char* argv[]) {
    const Translations translations{argv[1]};
    const nlohmann::json cases = nlohmann::json::parse(std::cin);
    nlohmann::json texts = nlohmann::json::array();
    for (const auto& one : cases) {
        const Translator tr = translations.translator(one["locale"].get<std::string>());
        // As many as the messages there have.
        MessageArgument given[3]{{"", 0}, {"", 0}, {"", 0}};
        std::vector<std::string> kept;
        kept.reserve(6);
        std::size_t count = 0;
        for (const auto& [name, value] : one["arguments"].items()) {
            const std::string& key = kept.emplace_back(name);
            if (value.is_string())
                given[count++] = {key, kept.emplace_back(value.get<std::string>())};
            else if (value.is_number_integer())
                given[count++] = {key, value.get<std::int64_t>()};
            else
                given[count++] = {key, value.get<double>()};
        }
        texts.push_back(tr(one["key"].get<std::string>(), {given[0], given[1], given[2]}));
    }
    std::cout << texts << '\n';
}

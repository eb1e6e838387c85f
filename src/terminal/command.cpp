#include "terminal/command.hpp"

#include "core/nearest.hpp"

#include <algorithm>
#include <charconv>

namespace armature::terminal {

namespace {

constexpr Option help_option{"--help", 'h', "", "this text"};

std::string joined(const std::string& prefix, const std::string* name) {
    return name == nullptr ? std::string{} : "; did you mean " + prefix + *name + '?';
}

std::string usage_of(const Option& option) {
    std::string text = option.letter == '\0' ? "    " : std::string{'-', option.letter, ',', ' '};
    text += option.name;
    if (!option.value.empty()) text.append(" ").append(option.value);
    return text;
}

// Two columns; a line break within the second stays within it.
std::string table_of(const std::vector<std::pair<std::string, std::string_view>>& rows) {
    std::size_t width = 0;
    for (const auto& row : rows)
        width = std::max(width, row.first.size());
    std::string text;
    for (const auto& [left, right] : rows) {
        text += "  " + left + std::string(width - left.size() + 2, ' ');
        for (const char c : right) {
            text += c;
            if (c == '\n') text.append(width + 4, ' ');
        }
        text += '\n';
    }
    return text;
}

const Command* find(const Program& program, std::string_view name) {
    for (const CommandGroup& group : program.groups)
        for (const Command* command : group.commands)
            if (command->name == name) return command;
    return nullptr;
}

std::string help_of(const Program& program, Terminal& terminal) {
    std::string text = std::string{program.name} + ' ' + std::string{program.version} + ": " +
                       std::string{program.summary} + "\n\nUsage: " + std::string{program.name} +
                       " COMMAND [OPTIONS]\n";
    std::size_t width = 0;
    for (const CommandGroup& group : program.groups)
        for (const Command* command : group.commands)
            width = std::max(width, command->name.size());
    for (const CommandGroup& group : program.groups) {
        text += '\n' + terminal.paint(Colour::bold, group.title) + '\n';
        for (const Command* command : group.commands)
            text += "  " + std::string{command->name} +
                    std::string(width - command->name.size() + 2, ' ') +
                    std::string{command->summary} + '\n';
    }
    text += "\n'" + std::string{program.name} + " help COMMAND' explains one of them. " +
            "--no-color, or NO_COLOR in the environment, leaves out colours.\n";
    return program.details.empty() ? text : text + '\n' + std::string{program.details};
}

UsageError unknown_command(const Program& program, const std::string& name) {
    std::vector<std::string> names;
    for (const CommandGroup& group : program.groups)
        for (const Command* command : group.commands)
            names.emplace_back(command->name);
    return UsageError{"there is no command '" + name + '\'' +
                      joined(std::string{program.name} + ' ', detail::nearest(name, names))};
}

int call(const Command& command, const Arguments& arguments, Terminal& terminal) {
    return command.run_with != nullptr ? command.run_with(command.self, arguments, terminal)
                                       : command.run(arguments, terminal);
}

int run_command(const Program& program, const Command& command, std::span<const std::string> given,
                Terminal& terminal) {
    const auto ends = std::find(given.begin(), given.end(), "--");
    if (!command.passes_on && std::any_of(given.begin(), ends, [](const std::string& word) {
            return word == "--help" || word == "-h";
        })) {
        terminal.out(help_of(program.name, command));
        return 0;
    }
    if (command.passes_on) {
        std::vector<std::string> all{"--"};
        all.insert(all.end(), given.begin(), given.end());
        return call(command, read_arguments({}, all), terminal);
    }
    const Arguments arguments = read_arguments(command.options, given);
    if (command.words.empty() && !arguments.words().empty())
        throw UsageError{"'" + arguments.words().front() + "' is one word too many"};
    return call(command, arguments, terminal);
}

} // namespace

bool Arguments::has(std::string_view option) const {
    return std::any_of(options_.begin(), options_.end(),
                       [option](const auto& given) { return given.first == option; });
}

std::vector<std::string_view> Arguments::values(std::string_view option) const {
    std::vector<std::string_view> all;
    for (const auto& [name, text] : options_)
        if (name == option) all.emplace_back(text);
    return all;
}

std::optional<std::string_view> Arguments::value(std::string_view option) const {
    const std::vector<std::string_view> all = values(option);
    return all.empty() ? std::nullopt : std::optional{all.back()};
}

std::uint64_t Arguments::number(std::string_view option, std::uint64_t least, std::uint64_t most,
                                std::uint64_t otherwise) const {
    const std::optional<std::string_view> text = value(option);
    if (!text) return otherwise;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size() || number < least ||
        number > most)
        throw UsageError{std::string{option} + " takes a whole number from " +
                         std::to_string(least) + " to " + std::to_string(most) + ", not '" +
                         std::string{*text} + '\''};
    return number;
}

Arguments read_arguments(std::span<const Option> options, std::span<const std::string> given) {
    Arguments arguments;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string& word = given[i];
        if (word == "--") {
            arguments.rest_.assign(given.begin() + static_cast<std::ptrdiff_t>(i) + 1, given.end());
            break;
        }
        if (word.size() < 2 || word[0] != '-') { // "-" is a file's name for standard input
            arguments.words_.push_back(word);
            continue;
        }
        const bool is_long = word[1] == '-';
        const std::size_t equals = is_long ? word.find('=') : std::string::npos;
        const std::string name = is_long ? word.substr(0, equals) : word.substr(0, 2);
        const auto option = std::find_if(options.begin(), options.end(), [&](const Option& known) {
            return is_long ? known.name == name : known.letter == word[1];
        });
        if (option == options.end()) {
            std::vector<std::string> names;
            for (const Option& known : options)
                names.emplace_back(known.name);
            throw UsageError{"there is no option " + name +
                             joined("", detail::nearest(name, names))};
        }
        std::optional<std::string> value;
        if (equals != std::string::npos)
            value = word.substr(equals + 1);
        else if (!is_long && word.size() > 2)
            value = word.substr(2);
        if (option->value.empty()) {
            if (value) throw UsageError{name + " takes no value"};
            value = "";
        } else if (!value) {
            if (++i == given.size())
                throw UsageError{name + " needs a value: " + name + ' ' +
                                 std::string{option->value}};
            value = given[i];
        }
        arguments.options_.emplace_back(option->name, std::move(*value));
    }
    return arguments;
}

std::string help_of(std::string_view program, const Command& command) {
    std::string text = "Usage: " + std::string{program} + ' ' + std::string{command.name};
    if (!command.options.empty()) text += " [OPTIONS]";
    if (!command.words.empty()) text.append(" ").append(command.words);
    text.append("\n\n").append(command.summary).append("\n");
    if (!command.passes_on) {
        std::vector<std::pair<std::string, std::string_view>> rows;
        for (const Option& option : command.options)
            rows.emplace_back(usage_of(option), option.help);
        rows.emplace_back(usage_of(help_option), help_option.help);
        text += '\n' + table_of(rows);
    }
    return command.details.empty() ? text : text + '\n' + std::string{command.details};
}

int run(const Program& program, std::span<const std::string> arguments, Terminal& terminal) {
    std::vector<std::string> words;
    bool is_before_rest = true;
    for (const std::string& word : arguments) {
        is_before_rest = is_before_rest && word != "--";
        if (is_before_rest && word == "--no-color")
            terminal.no_colours();
        else
            words.push_back(word);
    }
    const std::string name = words.empty() ? "" : words[0];
    const auto complain = [&](const std::exception& error) {
        terminal.err(terminal.paint_message(Colour::red, std::string{program.name} + ": ") +
                     error.what() + '\n');
    };
    try {
        if (name == "--version" || name == "-V") {
            terminal.out(std::string{program.name} + ' ' + std::string{program.version} + '\n');
            return 0;
        }
        const bool asks_for_help = name == "help" || name == "--help" || name == "-h";
        if (name.empty() || (asks_for_help && words.size() == 1)) {
            terminal.out(help_of(program, terminal));
            return 0;
        }
        const std::string& wanted = asks_for_help ? words[1] : name;
        const Command* command = find(program, wanted);
        if (command == nullptr) throw unknown_command(program, wanted);
        if (asks_for_help) {
            terminal.out(help_of(program.name, *command));
            return 0;
        }
        return run_command(program, *command, std::span{words}.subspan(1), terminal);
    } catch (const UsageError& error) {
        complain(error);
        const bool known = find(program, name) != nullptr;
        terminal.err("See '" + std::string{program.name} + " help" + (known ? ' ' + name : "") +
                     "'.\n");
        return 2;
    } catch (const std::exception& error) {
        complain(error);
        return 1;
    }
}

} // namespace armature::terminal

#include "cli/completions/completions.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace armature::cli {

namespace {

using terminal::Arguments;
using terminal::Command;
using terminal::Option;
using terminal::Program;
using terminal::Terminal;

// "bash|zsh|fish", the first word of what a command or an option takes, as "bash zsh fish"; empty
// if it is no such list.
std::string choices_of(std::string_view words) {
    std::string first{words.substr(0, words.find(' '))};
    if (first.find('|') == std::string::npos) return {};
    std::replace(first.begin(), first.end(), '|', ' ');
    return first;
}

bool takes_file(const Option& option) {
    return option.value == "FILE" || option.value == "DIR" || option.value == "FOLDER";
}

std::string options_of(const Command& command) {
    std::string text;
    for (const Option& option : command.options)
        text += std::string{option.name} + ' ';
    return text + "--help";
}

std::vector<const Command*> commands_of(const Program& program) {
    std::vector<const Command*> all;
    for (const auto& group : program.groups)
        all.insert(all.end(), group.commands.begin(), group.commands.end());
    return all;
}

// A text within single quotes of a shell.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return out + '\'';
}

std::string bash(const Program& program) {
    const std::string name{program.name};
    std::string names = "help";
    std::string options;
    std::string values;
    std::string words;
    for (const Command* command : commands_of(program)) {
        names += ' ' + std::string{command->name};
        options += "        " + std::string{command->name} +
                   ") options=" + quoted(options_of(*command)) + " ;;\n";
        for (const Option& option : command->options) {
            const std::string choices = choices_of(option.value);
            const std::string pattern =
                "        " + std::string{command->name} + '/' + std::string{option.name} +
                (option.letter == '\0' ? ""
                                       : '|' + std::string{command->name} + "/-" + option.letter);
            if (!choices.empty())
                values += pattern + ") COMPREPLY=($(compgen -W " + quoted(choices) +
                          " -- \"$word\")); return ;;\n";
            else if (takes_file(option))
                values += pattern + ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n";
            else if (!option.value.empty())
                values += pattern + ") return ;;\n";
        }
        if (const std::string choices = choices_of(command->words); !choices.empty())
            words +=
                "        " + std::string{command->name} + ") words=" + quoted(choices) + " ;;\n";
    }
    return "# bash completion of " + name + ": eval \"$(" + name + " completions bash)\"\n" + "_" +
           name +
           "() {\n"
           "    local word=\"${COMP_WORDS[COMP_CWORD]}\" command=\"${COMP_WORDS[1]}\" options= "
           "words=\n"
           "    # A name such as db:seed is several words to bash.\n"
           "    if [[ ${COMP_WORDS[2]} == : ]]; then command+=\":${COMP_WORDS[3]}\"; fi\n"
           "    COMPREPLY=()\n"
           "    if ((COMP_CWORD == 1)) || [[ $command == help ]]; then\n"
           "        COMPREPLY=($(compgen -W " +
           quoted(names) +
           " -- \"$word\"))\n"
           "        return\n"
           "    fi\n"
           "    if [[ ${COMP_WORDS[2]} == : ]] && ((COMP_CWORD <= 3)); then\n"
           "        [[ $word == : ]] && word=\n"
           "        COMPREPLY=($(compgen -W " +
           quoted(names) +
           " -- \"${COMP_WORDS[1]}:$word\"))\n"
           "        COMPREPLY=(\"${COMPREPLY[@]#*:}\")\n"
           "        return\n"
           "    fi\n"
           "    case $command/${COMP_WORDS[COMP_CWORD - 1]} in\n" +
           values +
           "    esac\n"
           "    case $command in\n" +
           options +
           "    esac\n"
           "    case $command in\n" +
           words +
           "    esac\n"
           "    if [[ $word == -* ]]; then\n"
           "        COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
           "    elif [[ -n $words ]] && ((COMP_CWORD == 2)); then\n"
           "        COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
           "    fi\n"
           "}\n"
           "complete -o default -F _" +
           name + ' ' + name + '\n';
}

std::string zsh_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string zsh(const Program& program) {
    const std::string name{program.name};
    std::string names;
    std::string cases;
    for (const Command* command : commands_of(program)) {
        names += "        " +
                 quoted(zsh_text(command->name) + ':' + std::string{command->summary}) + '\n';
        std::string specs;
        for (const Option& option : command->options) {
            std::string value;
            if (!option.value.empty()) {
                const std::string choices = choices_of(option.value);
                value = ":value:" + (!choices.empty()     ? '(' + choices + ')'
                                     : takes_file(option) ? std::string{"_files"}
                                                          : std::string{" "});
            }
            const std::string help = '[' + zsh_text(option.help) + ']' + value;
            specs += " \\\n                " + quoted(std::string{option.name} + help);
            if (option.letter != '\0')
                specs += " \\\n                " + quoted(std::string{'-', option.letter} + help);
        }
        if (const std::string choices = choices_of(command->words); !choices.empty())
            specs += " \\\n                " + quoted("1:word:(" + choices + ')');
        cases += "            " + quoted(command->name) + ") _arguments" + specs +
                 " \\\n                '--help[this text]' '*:word:_default' ;;\n";
    }
    return "#compdef " + name + "\n# zsh completion of " + name + ": eval \"$(" + name +
           " completions zsh)\", or as a file _" + name + " in $fpath\n_" + name +
           "() {\n"
           "    local -a commands\n"
           "    commands=(\n" +
           names +
           "        'help:explains a command'\n    )\n"
           "    if ((CURRENT == 2)) || [[ ${words[2]} == help ]]; then\n"
           "        _describe command commands\n"
           "        return\n"
           "    fi\n"
           "    local command=${words[2]}\n"
           "    shift words\n"
           "    ((CURRENT--))\n"
           "    case $command in\n" +
           cases +
           "    esac\n"
           "}\n"
           "if [[ ${funcstack[1]} == _" +
           name + " ]]; then _" + name + " \"$@\"; else compdef _" + name + ' ' + name + "; fi\n";
}

std::string fish(const Program& program) {
    const std::string name{program.name};
    std::string text = "# fish completion of " + name + ": " + name +
                       " completions fish > ~/.config/fish/completions/" + name + ".fish\n" +
                       "complete -c " + name +
                       " -n __fish_use_subcommand -f -a help -d "
                       "'explains a command'\n";
    std::string names;
    for (const Command* command : commands_of(program)) {
        names += (names.empty() ? "" : " ") + std::string{command->name};
        text += "complete -c " + name + " -n __fish_use_subcommand -f -a " + quoted(command->name) +
                " -d " + quoted(command->summary) + '\n';
        const std::string within =
            "complete -c " + name + " -n " +
            quoted("__fish_seen_subcommand_from " + std::string{command->name});
        for (const Option& option : command->options) {
            text += within + " -l " + std::string{option.name.substr(2)};
            if (option.letter != '\0') text += std::string{" -s "} + option.letter;
            const std::string choices = choices_of(option.value);
            if (!choices.empty())
                text += " -x -a " + quoted(choices);
            else if (!option.value.empty())
                text += takes_file(option) ? " -r -F" : " -x";
            text += " -d " + quoted(option.help) + '\n';
        }
        if (const std::string choices = choices_of(command->words); !choices.empty())
            text += within + " -f -a " + quoted(choices) + '\n';
    }
    return text + "complete -c " + name + " -n '__fish_seen_subcommand_from help' -f -a " +
           quoted(names) + '\n';
}

int run_completions(const void* self, const Arguments& arguments, Terminal& terminal) {
    if (arguments.words().size() != 1)
        throw terminal::UsageError{"completions takes a shell: bash, zsh or fish"};
    terminal.out(completion_script(*static_cast<const Program*>(self), arguments.words()[0]));
    return 0;
}

} // namespace

std::string completion_script(const Program& program, std::string_view shell) {
    if (shell == "bash") return bash(program);
    if (shell == "zsh") return zsh(program);
    if (shell == "fish") return fish(program);
    throw terminal::UsageError{"there are completions for bash, zsh and fish, not for '" +
                               std::string{shell} + '\''};
}

terminal::Command completions_of(const terminal::Program& program) {
    return {.name = "completions",
            .words = "bash|zsh|fish",
            .summary = "Prints a script that makes a shell complete these commands",
            .options = {},
            .details =
                "  eval \"$(armature completions bash)\"     # in ~/.bashrc\n"
                "  eval \"$(armature completions zsh)\"      # in ~/.zshrc, behind compinit\n"
                "  armature completions fish > ~/.config/fish/completions/armature.fish\n",
            .run_with = run_completions,
            .self = &program};
}

} // namespace armature::cli

#!/usr/bin/env python3
"""Keeps README.md and docs/**.md true.

- A ```cpp block must follow `<!-- snippet: path name -->` and equal the text between `// [name]` and
  `// [/name]` in that file, which must be one that the build compiles.
- A ```sh or ```console block must follow `<!-- run: path -->`, and each of its commands must be a line
  of that script, which a test or CI runs; or follow `<!-- no-run: reason -->`.
- A relative link must lead to a file, and its #fragment to a heading.
- A block names its language; plain text is ```text.
"""

import argparse
import json
import pathlib
import re
import sys
import textwrap
import urllib.parse

CPP = {"cpp", "c++", "cxx", "cc", "hpp"}
SHELL = {"sh", "bash", "shell", "console", "zsh"}
FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})\s*(?P<language>[^\s`]*)")
DIRECTIVE = re.compile(r"^\s*<!--\s*(snippet|run|no-run):\s*(.*?)\s*-->\s*$")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|^ {0,3}\[[^\]]+\]:\s+<?(\S+?)>?\s*$")


def blocks_and_prose(text):
    """Yields (line, language, directive, code) for blocks and (line, None, None, text) for the rest.

    A directive is the last non-blank line before its block, as (kind, argument)."""
    lines = text.splitlines()
    directive, i = None, 0
    while i < len(lines):
        fence = FENCE.match(lines[i])
        if not fence:
            found = DIRECTIVE.match(lines[i])
            if lines[i].strip():
                directive = found.groups() if found else None
            yield i + 1, None, None, lines[i]
            i += 1
            continue
        start, code, mark = i, [], fence["fence"]
        closing = re.compile(rf"^ *{re.escape(mark[0])}{{{len(mark)},}}\s*$")
        i += 1
        while i < len(lines) and not closing.match(lines[i]):
            code.append(lines[i])
            i += 1
        code = [line.removeprefix(fence["indent"]) for line in code]
        yield start + 1, fence["language"].lower(), directive, "\n".join(code)
        directive = None
        i += 1


def without_margin(text):
    lines = textwrap.dedent(text).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def snippet_of(source, name):
    """The text between the markers, without marker lines of other snippets inside it; None if the
    markers are not there exactly once each."""
    begin, end = f"// [{name}]", f"// [/{name}]"
    lines = source.splitlines()
    begins = [i for i, line in enumerate(lines) if line.strip() == begin]
    ends = [i for i, line in enumerate(lines) if line.strip() == end]
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
        return None
    inside = lines[begins[0] + 1:ends[0]]
    return "\n".join(line for line in inside if not re.match(r"^\s*// \[/?[\w.-]+\]\s*$", line))


def commands_of(code, language):
    if language == "console":
        code = "\n".join(line.lstrip()[2:] for line in code.splitlines()
                         if line.lstrip().startswith("$ "))
    code = code.replace("\\\n", " ")
    stripped = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in code.splitlines())
    return [re.sub(r"\s+", " ", line) for line in stripped if line]


def slug(heading):
    """The fragment that GitHub gives a heading."""
    heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    heading = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return heading.replace(" ", "-")


def fragments_of(text):
    seen, found = {}, set()
    for _, language, _, line in blocks_and_prose(text):
        heading = language is None and re.match(r"^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$", line)
        if heading:
            base = slug(heading[1])
            count = seen.get(base, 0)
            seen[base] = count + 1
            found.add(base if count == 0 else f"{base}-{count}")
        if language is None:
            found.update(re.findall(r"""<a\s+(?:id|name)=["']([^"']+)["']""", line))
    return found


class Checker:
    def __init__(self, root, compiled):
        self.root = root
        self.compiled = compiled
        self.faults = []
        self.checked = {"snippets": 0, "commands": 0, "links": 0}

    def check(self, path):
        text = path.read_text(encoding="utf-8")
        for line, language, directive, content in blocks_and_prose(text):
            where = f"{path.relative_to(self.root)}:{line}"
            if language is None:
                self.check_links(path, where, content)
            elif language == "":
                self.faults.append(f"{where}: the block names no language (```text for plain text)")
            elif language in CPP:
                self.check_snippet(where, directive, content)
            elif language in SHELL:
                self.check_commands(where, directive, content, language)

    def check_snippet(self, where, directive, code):
        self.checked["snippets"] += 1
        words = directive[1].split() if directive and directive[0] == "snippet" else []
        if len(words) != 2:
            self.faults.append(f"{where}: no <!-- snippet: path name --> before the C++ block")
            return
        source = self.root / words[0]
        if not source.is_file():
            self.faults.append(f"{where}: {words[0]} does not exist")
        elif source.resolve() not in self.compiled:
            self.faults.append(f"{where}: {words[0]} is not compiled by this build")
        else:
            snippet = snippet_of(source.read_text(encoding="utf-8"), words[1])
            if snippet is None:
                self.faults.append(f"{where}: {words[0]} has not one // [{words[1]}] "
                                   f"and one // [/{words[1]}] after it")
            elif without_margin(snippet) != without_margin(code):
                self.faults.append(f"{where}: differs from [{words[1]}] in {words[0]}, "
                                   f"which reads:\n{textwrap.indent(without_margin(snippet), '    ')}")

    def check_commands(self, where, directive, code, language):
        self.checked["commands"] += 1
        kind, argument = directive if directive else (None, "")
        if kind == "no-run" and argument:
            return
        if kind != "run" or not argument:
            self.faults.append(f"{where}: no <!-- run: path --> or <!-- no-run: reason --> "
                               "before the shell block")
            return
        script = self.root / argument
        if not script.is_file():
            self.faults.append(f"{where}: {argument} does not exist")
            return
        executed = set(commands_of(script.read_text(encoding="utf-8"), "sh"))
        for command in commands_of(code, language):
            if command not in executed:
                self.faults.append(f"{where}: {argument} does not run: {command}")

    def check_links(self, path, where, prose):
        prose = re.sub(r"(`+)(?:(?!\1).)+\1", "", prose)
        for match in LINK.finditer(prose):
            target = match[1] or match[2]
            if re.match(r"^[a-z][a-z0-9+.-]*:", target, re.I):
                continue
            self.checked["links"] += 1
            file, _, fragment = target.partition("#")
            linked = path if not file else path.parent / urllib.parse.unquote(file)
            if file.startswith("/") or not linked.exists():
                self.faults.append(f"{where}: dead link {target}")
            elif fragment and linked.suffix == ".md" and (
                    fragment not in fragments_of(linked.read_text(encoding="utf-8"))):
                self.faults.append(f"{where}: no heading #{fragment} in {file or path.name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", required=True, type=pathlib.Path)
    parser.add_argument("--compile-commands", required=True, type=pathlib.Path)
    options = parser.parse_args()
    root = options.root.resolve()

    entries = json.loads(options.compile_commands.read_text(encoding="utf-8"))
    compiled = {pathlib.Path(entry["directory"], entry["file"]).resolve() for entry in entries}
    checker = Checker(root, compiled)
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    for page in pages:
        if page.is_file():
            checker.check(page)
        else:
            checker.faults.append(f"{page.relative_to(root)} does not exist")
    for fault in checker.faults:
        print(fault, file=sys.stderr)
    counts = ", ".join(f"{count} {what}" for what, count in checker.checked.items())
    print(f"{len(pages)} pages: {counts}; {len(checker.faults)} faults")
    return 1 if checker.faults else 0


if __name__ == "__main__":
    sys.exit(main())

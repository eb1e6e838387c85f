"""Plain-text tables."""


def number(value, digits=0):
    return "" if value is None else f"{value:,.{digits}f}"


class Table:
    def __init__(self, title, headings):
        self.title, self.headings, self.rows, self.notes = title, headings, [], []

    def add(self, *cells):
        self.rows.append([str(cell) for cell in cells] + [""] * (len(self.headings) - len(cells)))

    def note(self, text):
        self.notes.append(text)

    def numeric(self):
        """For each column, whether it holds figures only."""
        return [i > 0 and any(row[i] for row in self.rows) and
                all(not row[i] or row[i].lstrip("<≤-–+×")[:1].isdigit() or row[i] == "–" for row in self.rows)
                for i in range(len(self.headings))]

    def markdown(self):
        def line(cells):
            return "| " + " | ".join(cell.strip().replace("|", "\\|") for cell in cells) + " |"

        rule = "|" + "|".join("--:" if right else "---" for right in self.numeric()) + "|"
        return "\n".join([line(self.headings), rule, *map(line, self.rows), *(f"\n{note}" for note in self.notes)])

    def __str__(self):
        lines = [self.headings, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.headings))]
        numeric = self.numeric()

        def render(line):
            return "  ".join(cell.rjust(width) if right else cell.ljust(width)
                             for cell, width, right in zip(line, widths, numeric)).rstrip()

        rule = "  ".join("─" * width for width in widths)
        return "\n".join([self.title, "", render(self.headings), rule, *map(render, self.rows), *self.notes])


def page(tables):
    """All of them as Markdown, each below its title."""
    return "\n\n".join(f"## {table.title}\n\n{table.markdown()}" for table in tables) + "\n"

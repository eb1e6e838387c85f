"""Bar charts and plots as one SVG file, written by hand: no library, no script, no font to fetch."""

import math
from xml.sax.saxutils import escape

from . import instructions, memory, peers, scaling
from .workloads import WORKLOADS

OURS, OTHERS, LIMIT = "#2f6fde", "#c3ccd8", "#5b6675"
SERIES = (OURS, "#c2571a", "#2b8a5a")
COLUMN, LABEL, BAR, ROW, HEAD, GAP = 560, 170, 250, 24, 58, 28
LONGEST = 12  # of the peers: a bar that would be longer than so many of the shortest is drawn broken


class Panel:
    def __init__(self, title, subtitle, bars, limit=float("inf")):
        self.title, self.subtitle, self.limit = title, subtitle, limit
        self.bars = bars  # (label, value, text, colour)
        self.height = HEAD + ROW * len(bars)

    def svg(self, left, top):
        widest = min(max((value for _, value, _, _ in self.bars), default=1), self.limit) or 1
        parts = [f'<text x="{left}" y="{top + 18}" class="title">{escape(self.title)}</text>',
                 f'<text x="{left}" y="{top + 38}" class="note">{escape(self.subtitle)}</text>']
        for i, (label, value, text, colour) in enumerate(self.bars):
            y = top + HEAD + i * ROW
            width = max(2.0, BAR * min(value, widest) / widest)
            weight = ' font-weight="600"' if colour == OURS else ""
            parts += [f'<text x="{left + LABEL - 10}" y="{y + 13}" text-anchor="end"{weight}>{escape(label)}</text>',
                      f'<rect x="{left + LABEL}" y="{y}" width="{width:.1f}" height="17" rx="2" fill="{colour}"/>',
                      *([self.gap(left + LABEL + width - 30, y)] if value > widest else []),
                      f'<text x="{left + LABEL + width + 7:.1f}" y="{y + 13}"{weight}>{escape(text)}</text>']
        return "\n".join(parts)

    @staticmethod
    def gap(x, y):
        return f'<path d="M{x:.1f} {y + 18} l6 -19 h5 l-6 19 z" fill="#ffffff"/>'


class Plot:
    """Lines over a growing number. `lines`: (label, dashed, colour, [(x, y)])."""
    WIDTH, HEIGHT, LEFT = 400, 190, 64

    def __init__(self, title, subtitle, unit, lines, log_x, log_y):
        self.title, self.subtitle, self.unit, self.lines = title, subtitle, unit, lines
        self.log_x, self.log_y = log_x, log_y
        self.steps = sorted({x for *_, points in lines for x, _ in points})
        self.height = HEAD + self.HEIGHT + 48
        positive = [x for x in self.steps if x > 0]
        # Zero has no logarithm: it stands one step before the first that has.
        self.zero = positive[0] / 10 if positive else 1
        values = [y for *_, points in lines for _, y in points if y > 0]
        self.low, self.high = (min(values), max(values)) if log_y else (0, max(values) * 1.1)

    def across(self, x):
        scale = (lambda v: math.log10(v or self.zero)) if self.log_x else float
        first, last = scale(self.steps[0]), scale(self.steps[-1])
        return self.LEFT + self.WIDTH * (scale(x) - first) / ((last - first) or 1)

    def down(self, y):
        scale = (lambda v: math.log10(max(v, self.low))) if self.log_y else float
        low, high = scale(self.low), scale(self.high)
        return HEAD + self.HEIGHT * (1 - (scale(y) - low) / ((high - low) or 1))

    def marks(self):
        """Where the horizontal lines are."""
        if self.log_y:
            return [10.0 ** e for e in range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)]
        size = 10.0 ** math.floor(math.log10(self.high))
        step = next(s for s in (size / 5, size / 2, size, size * 2) if self.high / s <= 6)
        return [step * i for i in range(int(self.high / step) + 1)]

    def svg(self, left, top):
        bottom = HEAD + self.HEIGHT
        parts = [f'<g transform="translate({left},{top})">', f'<text x="0" y="18" class="title">{escape(self.title)}</text>',
                 f'<text x="0" y="38" class="note">{escape(self.subtitle)}</text>']
        for mark in self.marks():
            y = self.down(mark)
            parts += [f'<line x1="{self.LEFT}" x2="{self.LEFT + self.WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e3e8ee"/>',
                      f'<text x="{self.LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" class="note">{short(mark)}</text>']
        nearest = -100
        for x in self.steps:
            at = self.across(x)
            if at - nearest < 36:
                continue
            nearest = at
            parts.append(f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle" class="note">{short(x, 2)}</text>')
        parts.append(f'<text x="{self.LEFT + self.WIDTH / 2}" y="{bottom + 36}" text-anchor="middle" class="note">'
                     f"{escape(self.unit)}</text>")
        taken = []
        for label, dashed, colour, points in self.lines:
            places = [(self.across(x), self.down(y)) for x, y in points]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            if dashed and len(points) < 3:  # what lies between isn't known
                parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="none" stroke="{colour}"/>' for x, y in places]
                continue
            dash = ' stroke-dasharray="5 4"' if dashed else ""
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
            if dashed:
                continue
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
            y = places[-1][1] + 4
            while any(abs(y - other) < 15 for other in taken):
                y -= 1
            taken.append(y)
            parts.append(f'<text x="{places[-1][0] + 8:.1f}" y="{y:.1f}" fill="{colour}">{escape(label)}</text>')
        return "\n".join([*parts, "</g>"])


def short(number, digits=3):
    size, letter = next(((size, letter) for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if number >= size), (1, ""))
    return f"{float(f'{number / size:.{digits}g}'):g}{letter}"


def render(panels):
    """Two columns, each panel in the shorter one."""
    tops = [GAP, GAP]
    placed = []
    for panel in panels:
        column = 0 if tops[0] <= tops[1] else 1
        placed.append(panel.svg(GAP + column * (COLUMN + GAP), tops[column]))
        tops[column] += panel.height + GAP
    width = (COLUMN + GAP) * min(2, len(panels)) + GAP
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{max(tops)}" '
            f'viewBox="0 0 {width} {max(tops)}" font-family="system-ui, DejaVu Sans, sans-serif" font-size="13" '
            'fill="#1d2733">\n<style>.title{font-size:16px;font-weight:600}.note{fill:#5b6675;font-size:12px}</style>\n'
            '<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(placed) + "\n</svg>\n")


def colour_of(server, first):
    return OURS if server == first else LIMIT if server.startswith("floor") else OTHERS


def load_panels(result):
    panels = []
    first = next((r["server"] for r in result["rows"] if r["server"] != "floor"), None)
    for workload in WORKLOADS:
        rows = [r for r in result["rows"] if r["workload"] == workload.key and "efficiency" in r]
        bars = [(r["server"], r["efficiency"], f"{r['efficiency']:.2f}  ({r['cpu_us']:.2f} us)",
                 colour_of(r["server"], first)) for r in sorted(rows, key=lambda r: -r["efficiency"])]
        if bars:
            panels.append(Panel(workload.title, "floor's CPU per request ÷ the server's; 1.00 is the physical limit", bars))
    return panels


def instruction_panels(result):
    panels = []
    first = result["rows"][0]["server"]
    for workload in WORKLOADS:
        measured = {r["server"]: r["instructions"] for r in result["rows"]
                    if r["workload"] == workload.key and "instructions" in r}
        for name, figures in instructions.REFERENCES.items():
            if workload.key in figures and name.split()[0].lower() not in {m.lower() for m in measured}:
                measured[name] = figures[workload.key]
        bars = [(name, value, f"{value:,.0f}", colour_of(name, first))
                for name, value in sorted(measured.items(), key=lambda item: item[1])]
        if bars:
            panels.append(Panel(workload.title, "user-space instructions per request, callgrind", bars))
    return panels


def memory_panels(result):
    first = result["rows"][0]["server"]
    largest = memory.STEPS[-1]
    rows = sorted((r for r in result["rows"] if "failure" not in r), key=lambda r: r[f"per_connection_{largest}"])
    bars = [(r["server"], max(0, r[f"per_connection_{largest}"]), f"{r[f'per_connection_{largest}']:,.0f} B",
             colour_of(r["server"], first)) for r in rows]
    return [Panel("An idle connection", f"resident bytes each, {largest:,} connections that served a request", bars)]


# (title, unit, what grows in it, by its name in the plot), as `scaling` has it.
GROWING = (
    ("Routes", "routes, any of them asked for", {"routes": ""}),
    ("Middleware", "pieces of middleware", {"hooks": "before/after", "around": "coroutine"}),
    ("Connections", "connections", {"connections": "all ask", "idle": "64 ask"}),
    ("Content", "bytes", {"upload": "received", "stream": "… in pieces", "download": "sent"}),
    ("Header fields", "fields", {"request_fields": "request", "response_fields": "response"}),
)


def scaling_panels(result):
    panels = []
    for title, unit, names in GROWING:
        for figure, subtitle in (("instructions", "user-space instructions per request"),
                                 ("times_floor", "CPU per request ÷ the floor's for a small one")):
            lines = []
            for colour, (axis, label) in zip(SERIES, names.items()):
                for loops in scaling.LOOPS:
                    points = [(row["step"], row[figure]) for row in scaling.rows_of(result, axis, loops) if figure in row]
                    if len(points) > 1:
                        lines.append((label, loops > 1, colour, points))
            if lines:
                wide = unit == "bytes"
                log_x = wide or "routes" in names or "connections" in names
                panels.append(Plot(title, f"{subtitle}; dashed or ringed: two event loops", unit, lines, log_x, wide))
    return panels


def peer_panels(result):
    """What a request costs each server, then what the process costs; the shortest bar is the best."""
    panels = []
    for key in ("plain", "pipelined", "json", "path", "create", "file_small", "websocket", "http2", "http3",
                "http3_file"):
        rows = [r for r in result["rows"] if r["workload"] == key]
        bars = [(r["server"], r["cpu_by_ours"][1], f"{r['cpu_by_ours'][1]:.2f}×  ({r['cpu_us']:.2f} us)",
                 colour_of(r["server"], "armature")) for r in sorted(rows, key=lambda r: r["cpu_by_ours"][1])]
        if bars:
            panels.append(Panel(peers.TITLES[key], "server CPU per request, as a multiple of Armature's", bars,
                                limit=LONGEST * bars[0][1]))
    for key, title, text, scale in (
            ("p99_us", "Latency, 99 of 100 within", "GET / at 60 % of what each answers at most", ("us", 1, 0)),
            ("connected_bytes", "Memory", f"resident, with {peers.OPEN_CONNECTIONS:,} connections", ("MiB", 2**20, 1)),
            ("start_ms", "Start", "to the end of the first answer", ("ms", 1, 0))):
        unit, divisor, digits = scale
        rows = sorted((r for r in result["processes"] if key in r), key=lambda r: r[key])
        bars = [(r["server"], r[key], f"{r[key] / divisor:,.{digits}f} {unit}", colour_of(r["server"], "armature"))
                for r in rows]
        if bars:
            panels.append(Panel(title, text, bars, limit=LONGEST * bars[0][1]))
    return panels


PANELS = {"load": load_panels, "instructions": instruction_panels, "memory": memory_panels, "scaling": scaling_panels,
          "peers": peer_panels}


def draw(results):
    """The SVG of all results that have a chart, or None."""
    panels = [panel for name, result in results.items() if name in PANELS for panel in PANELS[name](result)]
    return render(panels) if panels else None

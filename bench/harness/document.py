"""Puts measured figures into a page, between <!-- bench: NAME --> and <!-- /bench -->."""

import re

from .servers import BenchError


def rewrite(page, texts):
    """Replaces what stands between the markers of each name in `texts`."""
    content = page.read_text()
    for name, text in texts.items():
        begin, end = f"<!-- bench: {name} -->\n", "<!-- /bench -->"
        content, count = re.subn(re.escape(begin) + r".*?" + re.escape(end), lambda _: f"{begin}{text}\n{end}", content,
                                 flags=re.S)
        if count != 1:
            raise BenchError(f"{page} has {count} places for {name}")
    page.write_text(content)
    print(f"→ {page}")

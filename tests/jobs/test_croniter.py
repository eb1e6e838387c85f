"""Our schedules beside those of croniter: 3,000 expressions and starts by chance.

test_croniter.py PROGRAM"""

import random
import subprocess
import sys

from croniter import CroniterBadDateError, croniter

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAYS = "sun mon tue wed thu fri sat".split()
chance = random.Random(4711)


def field(low, high, names=None):
    def value():
        number = chance.randint(low, high)
        if names and chance.random() < 0.3:
            return names[number - low], number
        return str(number), number

    def item():
        kind = chance.random()
        (first, a), (last, b) = value(), value()
        if kind < 0.5 or a == b:  # "5-5" is every value to croniter
            return first
        if a > b:
            first, last = last, first
        step = f"/{chance.randint(1, high)}" if kind < 0.7 else ""
        return f"{first}-{last}{step}"

    kind = chance.random()
    if kind < 0.4:
        return "*"
    if kind < 0.5:
        return f"*/{chance.randint(2, high)}"
    return ",".join(item() for _ in range(chance.randint(1, 3)))


rows = []
while len(rows) < 3000:
    seconds = field(0, 59) if chance.random() < 0.3 else None
    expression = " ".join([field(0, 59), field(0, 23), field(1, 31), field(1, 12, MONTHS), field(0, 6, DAYS)])
    start = chance.randint(0, 4_000_000_000)
    try:
        # Vixie's rule: a day field that begins with a star is no restriction.
        times = croniter(f"{seconds} {expression}" if seconds else expression, start,
                         second_at_beginning=True, implement_cron_bug=True, max_years_between_matches=9)
        expected = " ".join(str(round(times.get_next(float))) for _ in range(5))
    except CroniterBadDateError:
        continue
    rows.append((f"{start} {seconds} {expression}" if seconds else f"{start} {expression}", expected))

done = subprocess.run([sys.argv[1]], input="".join(row + "\n" for row, _ in rows), text=True,
                      capture_output=True, check=True)
wrong = 0
for (row, expected), line in zip(rows, done.stdout.splitlines(), strict=True):
    if line.strip() != expected:
        wrong += 1
        if wrong < 10:
            print(f"{row}\n  croniter: {expected}\n  ours:     {line}")
print(f"{len(rows)} expressions, {wrong} differ")
sys.exit(wrong != 0)

"""A Python shell job that fails if too many of a month's flights were cancelled.

Arguments: --lake, the folder of the samples' lake, and --most_cancelled, the share that is still good.
"""

import argparse
import csv
import sys
from collections import Counter
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--lake", type=Path, required=True)
parser.add_argument("--most_cancelled", type=float, required=True)
args, _ = parser.parse_known_args()

flights: Counter[str] = Counter()
cancelled: Counter[str] = Counter()
for file in sorted(args.lake.glob("flights/year=*/month=*/*.csv")):
    with file.open(newline="") as lines:
        for flight in csv.DictReader(lines):
            flights[file.parent.name] += 1
            cancelled[file.parent.name] += not flight["dep_time"]

odd = [month for month in flights if cancelled[month] > args.most_cancelled * flights[month]]
if odd:
    sys.exit("; ".join(f"{month}: {cancelled[month]} of {flights[month]} flights were cancelled" for month in odd))
print("all months look well")

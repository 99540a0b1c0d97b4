#!/bin/sh
# A dry run makes a plan and changes nothing; then one table of the plan is written, and the others are not.
. "$(dirname "$0")/begin.sh"
plan=$(isinglass crawl "$samples/lake" --database travel --dry-run --output json |
    python -c 'import json, sys; print(json.load(sys.stdin)["id"])')
isinglass crawl apply "$plan" --only flights
isinglass table list travel

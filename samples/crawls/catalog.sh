#!/bin/sh
# A table of the catalog, looked at where it lies: April's files come, and with them a partition and a column.
. "$(dirname "$0")/begin.sh"
cp -R "$samples/lake" "$scratch/lake"
isinglass crawl "$scratch/lake/flights" --database travel
isinglass crawler create flights --table travel.flights --on-gone LOG
cp -R "$samples/grows/." "$scratch/lake"
isinglass crawler run flights

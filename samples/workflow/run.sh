#!/bin/sh
# Crawl, clean and aggregate, beside a check that fails and the note that this leads to. Ends with exit code 1, as a
# workflow does of which not all runs succeeded.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
lake=$here/../lake
scratch=${SCRATCH:-$(mktemp -d)}
export ISINGLASS_HOME="$scratch/home"
isinglass database create travel
isinglass crawler create lake "$lake" --database travel
for step in clean aggregate; do
    isinglass job create "flights-$step" "$here/$step.py" -a --database=travel -a --output_path="$scratch/out"
done
isinglass job create flights-check "$here/check.py" --command pythonshell -a --lake="$lake"
isinglass job create flights-notify "$here/notify.py" --command pythonshell -a --output_path="$scratch/out"
isinglass workflow create "$here/flights.toml"
echo "everything lies in $scratch"
isinglass workflow run flights

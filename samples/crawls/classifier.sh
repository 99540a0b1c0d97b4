#!/bin/sh
# Lines that no built-in format knows, such as `517 UA1545 EWR-IAH delay 2`: a grok pattern takes them apart.
. "$(dirname "$0")/begin.sh"
mkdir "$scratch/tower"
awk -F, 'NR > 1 && $2 { print $2, $8 $9, $11 "-" $12, "delay " $4 }' \
    "$samples/lake/flights/year=2013/month=1/day-01.csv" > "$scratch/tower/day-01.txt"
isinglass classifier create-grok tower --classification tower \
    --pattern '%{INT:departed:int} %{NOTSPACE:flight} %{WORD:origin}-%{WORD:dest} delay %{INT:delay:int}'
isinglass crawler create tower "$scratch/tower" --database travel --classifier tower
isinglass crawler run tower

#!/bin/sh
# A Delta table: its columns come from its log, no data file is opened. Needs isinglass[delta].
. "$(dirname "$0")/begin.sh"
python "$samples/crawls/make.py" delta "$scratch/delta/planes"
isinglass crawler create planes --database travel --delta "$scratch/delta/planes"
isinglass crawler run planes

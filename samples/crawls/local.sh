#!/bin/sh
# A folder on this machine: five tables in three formats, one of them in partitions.
. "$(dirname "$0")/begin.sh"
isinglass crawl "$samples/lake" --database travel

#!/bin/sh
# Event mode: after its first crawl the crawler lists only the folders of files that it is told of, as a store's
# notifications would. Without an event it lists everything.
. "$(dirname "$0")/begin.sh"
cp -R "$samples/lake" "$scratch/lake"
isinglass crawler create lake "$scratch/lake" --database travel --recrawl CRAWL_EVENT_MODE
isinglass crawler run lake
cp -R "$samples/grows/." "$scratch/lake"
isinglass crawler events --created "$scratch/lake/flights/year=2013/month=4/day-01.csv"
isinglass crawler run lake

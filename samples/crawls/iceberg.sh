#!/bin/sh
# A folder with Iceberg tables, by their metadata. To write the sample table PyIceberg is needed: isinglass[iceberg].
. "$(dirname "$0")/begin.sh"
python "$samples/crawls/make.py" iceberg "$scratch/warehouse"
isinglass crawler create warehouse --database travel --iceberg "$scratch/warehouse"
isinglass crawler run warehouse

#!/bin/sh
# A database server's tables: a SQLite file with airlines and planes. For PostgreSQL or MySQL only the URL differs.
. "$(dirname "$0")/begin.sh"
python "$samples/crawls/make.py" sqlite "$scratch/registry.db"
isinglass connection create registry --url "jdbc:sqlite:$scratch/registry.db"
isinglass crawler create registry --database travel --jdbc registry=main/% --prefix reg_
isinglass crawler run registry

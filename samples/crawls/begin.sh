# Read by each script here: the samples' folder, a scratch folder and, in it, a home with the database `travel`.
set -eu
samples=$(cd "$(dirname "$0")/.." && pwd)
scratch=${SCRATCH:-$(mktemp -d)}
export ISINGLASS_HOME="$scratch/home"
isinglass database create travel
echo "everything lies in $scratch"

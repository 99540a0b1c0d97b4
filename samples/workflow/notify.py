"""A Python shell job that leaves a note: what a workflow runs when a check has failed.

Arguments: --output_path; and those that every job in a workflow is given, --WORKFLOW_NAME and --WORKFLOW_RUN_ID.
"""

import argparse
from pathlib import Path

parser = argparse.ArgumentParser()
for name in ("--output_path", "--WORKFLOW_NAME", "--WORKFLOW_RUN_ID"):
    parser.add_argument(name, required=True)
args, _ = parser.parse_known_args()

note = Path(args.output_path) / "note.txt"
note.parent.mkdir(parents=True, exist_ok=True)
note.write_text(f"A check of workflow {args.WORKFLOW_NAME} failed: isinglass workflow show {args.WORKFLOW_RUN_ID}\n")
print(f"left a note: {note}")

"""`neptune-guard schema`: the JSON Schema of an operation's requests, as far as single parameters decide."""

from __future__ import annotations

import argparse
import json
from typing import Any

from neptune_guard._rules import GUARDED, _documents, shapes
from neptune_guard.cli._program import CLEAN, Commands, Streams, command, operation


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = command(commands, "schema", run, "print the JSON Schema of an operation's requests")
    text = f"one of {', '.join(GUARDED)}; CopyDBClusterSnapshot is the default"
    parser.add_argument("--operation", type=operation, default="CopyDBClusterSnapshot", metavar="NAME", help=text)


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Print the schema: what the rules say about each parameter, then the names and types of botocore's model."""
    rules = _documents.document(arguments.operation)
    structure = shapes.structure(shapes.input_shape("neptune", arguments.operation))
    model = json.loads(structure, object_hook=_with_times)
    print(json.dumps({**rules, "allOf": [model]}, indent=2), file=streams.stdout)
    return CLEAN


def _with_times(schema: dict[str, Any]) -> dict[str, Any]:
    # The fast engine accepts no time at all; JSON writes one as a text or a number.
    return {"type": ["string", "number"]} if schema == {"not": {}} else schema

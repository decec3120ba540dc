"""`neptune-guard schema`: the JSON Schema of the rules about single fields."""

from __future__ import annotations

import argparse

from neptune_guard._schema import PATH
from neptune_guard.cli._program import CLEAN, Commands, Streams, command


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    command(commands, "schema", run, "print the JSON Schema of the rules about single fields")


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Print the schema."""
    print(PATH.read_text(encoding="utf-8"), end="", file=streams.stdout)
    return CLEAN

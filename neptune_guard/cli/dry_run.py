"""`neptune-guard dry-run`: look at the account, read-only, to see whether a copy would succeed."""

from __future__ import annotations

import argparse
import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

import neptune_guard
from neptune_guard._printing import escaped
from neptune_guard.cli._input import requests
from neptune_guard.cli._program import (
    CLEAN,
    EXIT_CODES,
    VIOLATED,
    Commands,
    Streams,
    Unusable,
    add_format,
    command,
    logging_to,
    region,
)


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "look at the account, read-only, to see whether a request would succeed"
    parser = command(commands, "dry-run", run, text, EXIT_CODES)
    parser.add_argument("file", metavar="FILE", help="one request as a JSON object; - for standard input")
    parser.add_argument("--region", type=region, required=True, help="the Region the request goes to")
    parser.add_argument("--profile", help="the AWS profile to use")
    add_format(parser, ("text", "json"))


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Ask the account about one request and print the report."""
    import boto3  # only this command makes a client

    params = _only_request(arguments.file, streams)
    try:
        session = boto3.Session(profile_name=arguments.profile, region_name=arguments.region)
        # The dry run checks by itself; this brings the stub and the rules to leave out that the environment names.
        with logging_to(streams):
            neptune_guard.register(session, mode="off")
            result = neptune_guard.dry_run(session.client("neptune"), session=session, **params)
    except (BotoCoreError, ClientError, ValueError) as problem:
        raise Unusable(" ".join(str(problem).split())) from problem
    if arguments.format == "json":
        print(json.dumps(result.to_dict(), indent=2), file=streams.stdout)
    else:
        print("\n".join(escaped(line) for line in str(result).splitlines()), file=streams.stdout)
    return CLEAN if result.ok else VIOLATED


def _only_request(name: str, streams: Streams) -> dict[str, Any]:
    found = list(requests(name, streams.stdin))
    if len(found) != 1:
        raise Unusable(f"{name}: holds {len(found)} requests; a dry run takes one")
    [entry] = found
    if isinstance(entry, Unusable):
        raise entry
    for path in entry.repeated() if entry.repeats else ():
        raise Unusable(f"{path} is given more than once; remove the others", entry.file, entry.line_of(path))
    if entry.operation != "CopyDBClusterSnapshot":
        raise entry.unusable(f"a dry run is made of CopyDBClusterSnapshot only, not of {entry.operation}")
    taken = sorted(entry.params.keys() & {"client", "session"})  # the names of dry_run's own arguments
    if taken:
        raise entry.unusable(f"CopyDBClusterSnapshot has no parameter {taken[0]!r}")
    return entry.params

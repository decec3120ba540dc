"""The call log as a test reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call that the stub answered or refused.

    Attributes:
        operation: The API operation; with the service before it, as in `s3.ListBuckets`, if `session()` refused the
            call of another service.
        params: Its parameters as given, without presigned URLs and other secrets; empty for another service.
        region: The client's Region.
        account_id: The account on whose behalf it was made.
        error: The code that it was refused with, `NotStubbed` if the stub does not know it, None for a success.
    """

    operation: str
    params: dict[str, Any]
    region: str
    account_id: str
    error: str | None

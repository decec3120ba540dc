"""The types that programs around `neptune_guard` need to name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neptune_guard._hook import Mode, OnViolation, Responder, Service
from neptune_guard._rules import Request

Params = Mapping[str, Any]
"""The parameters of a request, as given to a client's method."""

__all__ = ["Mode", "OnViolation", "Params", "Request", "Responder", "Service"]

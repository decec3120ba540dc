"""The handlers on botocore's events. Only this package knows that events exist."""

from __future__ import annotations

from neptune_guard._hook.answering import Answering, Responder, about_key
from neptune_guard._hook.guard import SERVICES, Guard, OnViolation, Service, held_by, logger
from neptune_guard._hook.settings import Mode, Setting

__all__ = [
    "SERVICES",
    "Answering",
    "Guard",
    "Mode",
    "OnViolation",
    "Responder",
    "Service",
    "Setting",
    "about_key",
    "held_by",
    "logger",
]

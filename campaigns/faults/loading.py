"""The modules to import before a process is forked; to import them afterwards would take longer than all it does."""

import pkgutil
from functools import cache
from importlib import import_module

import context_sync
from context_sync.symbols import resolver
from tests.rehearse import CALC

HEAVY = ("mcp_server", "watch")  # what they import doubles the time of a fork


@cache
def load_everything() -> None:
    """Import the whole package, but for what is heavy, and what it imports to find definitions."""
    for module in pkgutil.walk_packages(context_sync.__path__, "context_sync."):
        if not any(each in module.name for each in HEAVY):
            import_module(module.name)
    resolver.definitions("calc.py", CALC.encode())

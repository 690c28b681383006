"""Owns the one exception that a person may see."""


class ContextSyncError(Exception):
    """An expected failure: the message is one sentence saying what happened and what to do.

    The command line prints it on standard error and exits 1; every other exception is a bug.
    """

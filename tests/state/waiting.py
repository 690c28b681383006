"""Code for processes that tests start: wait for a file's lock however long it takes, and report the waiting."""

PATIENT = """
from context_sync.state import files
files.LOCK_TIMEOUT = 600.0  # a machine that was stopped for a second must not make it go on without the lock
"""

TELLING = f"""{PATIENT}
import time

def tell(seconds, sleep=time.sleep):
    if seconds == files.POLL_INTERVAL:
        time.sleep = sleep
        print("waits", flush=True)
    sleep(seconds)

time.sleep = tell
"""

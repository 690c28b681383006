from tests.rehearse import client, project
from tests.security.traps import trap

__all__ = ["client", "project", "trap"]

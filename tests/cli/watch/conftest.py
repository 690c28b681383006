from tests.rehearse import client, project

__all__ = ["client", "project"]

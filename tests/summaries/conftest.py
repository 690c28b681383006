from tests.cli.conftest import shop, the_stage
from tests.rehearse import client, project

__all__ = ["client", "project", "shop", "the_stage"]

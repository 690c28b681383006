from tests.cli.conftest import shop, the_stage

__all__ = ["shop", "the_stage"]

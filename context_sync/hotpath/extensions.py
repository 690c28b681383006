"""Loading of a compiled module by its file, without the package around it, which may import much more."""

from __future__ import annotations

import _imp
import sys
from os.path import isfile, join

from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.machinery import ExtensionFileLoader, ModuleSpec
    from types import ModuleType
else:  # `importlib` itself imports `warnings`
    from _frozen_importlib import ModuleSpec
    from _frozen_importlib_external import ExtensionFileLoader


def load(name: str, stem: str = "") -> ModuleType | None:
    """Return the compiled module `name`, or None when its file is in no folder of the search path.

    `stem` is the path of the file without its suffix, by default that of the module's name. Raises ImportError when
    the file does not load.
    """
    path = _on_search_path(stem or join(*name.split(".")))
    if path is None:
        return None
    loader = ExtensionFileLoader(name, path)
    module = loader.create_module(ModuleSpec(name, loader, origin=path))
    loader.exec_module(module)
    return module


def _on_search_path(stem: str) -> str | None:
    for folder in sys.path:
        for suffix in _imp.extension_suffixes():
            path = join(folder, stem + suffix)
            if isfile(path):
                return path
    return None

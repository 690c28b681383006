import pytest

from context_sync.references.imports import Import, imports, is_file

MODULES = [
    pytest.param("python", "pricing", "a.py", "shop/pricing.py", "certain", id="a module by its name"),
    pytest.param("python", "shop", "a.py", "shop/pricing.py", "likely", id="the package around the file"),
    pytest.param("python", "prices", "a.py", "shop/pricing.py", None, id="another module"),
    pytest.param("python", ".pricing", "shop/orders.py", "shop/pricing.py", "certain", id="a module beside"),
    pytest.param("python", ".pricing", "shop/orders.py", "shop/pricing/__init__.py", "certain", id="a package beside"),
    pytest.param("python", "..pricing", "shop/web/orders.py", "shop/pricing.py", "certain", id="a module above"),
    pytest.param("python", ".", "shop/orders.py", "shop/pricing.py", "likely", id="the package itself"),
    pytest.param("python", ".pricing", "other/orders.py", "shop/pricing.py", None, id="beside another file"),
    pytest.param("typescript", "./pricing", "shop/orders.ts", "shop/pricing.ts", "certain", id="a script beside"),
    pytest.param("tsx", "./pricing", "shop/orders.tsx", "shop/pricing/index.ts", "certain", id="a folder beside"),
    pytest.param("typescript", "@/shop/pricing", "a.ts", "src/shop/pricing.ts", "likely", id="an alias of the project"),
    pytest.param("javascript", "react", "a.js", "b.js", None, id="a package from elsewhere"),
    pytest.param("go", "example.com/shop/pricing", "a.go", "shop/pricing/tax.go", "certain", id="a package of Go"),
    pytest.param("go", "example.com/shop", "a.go", "tax.go", "likely", id="the package at the root"),
    pytest.param("go", "example.com/web", "a.go", "shop/pricing/tax.go", None, id="another package of Go"),
    pytest.param("rust", "crate.pricing", "src/main.rs", "src/pricing.rs", "certain", id="a module of the crate"),
]


@pytest.mark.parametrize(("family", "module", "importing", "target", "surely"), MODULES)
def test_whether_a_module_is_a_file(family: str, module: str, importing: str, target: str, surely: str | None):
    assert is_file(family, module, importing, target) == surely


TEXTS = [
    pytest.param("a.py", "from a import *\nfrom b.c import *\n", {"*": ("a", "*", 1), "*1": ("b.c", "*", 2)}, id="all"),
    pytest.param("a.py", "from a import b as c\n", {"c": ("a", "b", 1)}, id="another name"),
    pytest.param("a.go", 'import "example.com/shop/v2"\n', {"shop": ("example.com/shop/v2", "", 1)}, id="a version"),
    pytest.param("a.ts", "import Shop from './shop'\n", {"Shop": ("./shop", "default", 1)}, id="a default"),
    pytest.param("a.sql", "SELECT 1;\n", {}, id="a language without imports"),
]


@pytest.mark.parametrize(("path", "text", "found"), TEXTS)
def test_what_a_file_imports(path: str, text: str, found: dict[str, tuple[str, str, int]]):
    if path.endswith(".go"):
        text = f"package a\n{text}"
        found = {name: (module, what, line + 1) for name, (module, what, line) in found.items()}
    assert imports(path, text.encode()) == {name: Import(*each) for name, each in found.items()}

import pytest

from tests.symbols.outlines import expected, outlined

CASES = [
    pytest.param(
        "store.py",
        '''
        """Stores."""
        import os
        from typing import Any

        LIMIT = 3
        low, high = 1, 2
        name: str = "x"
        __all__ = [
            "Store",
        ]
        os.environ["A"] = "b"
        LIMIT += 1
        first = second = None
        ''',
        """
        5-5 constant LIMIT
        6-6 constant low
        6-6 constant high
        7-7 constant name
        8-10 constant __all__
        13-13 constant second
        13-13 constant first
        """,
        id="assignments at the top are constants, imports and augmented assignments are nothing",
    ),
    pytest.param(
        "store.py",
        """
        # a licence that stands apart

        # reads a thing
        # in two lines
        def read(path):
            local = 1

            def inner():
                deep = 2
                return deep

            return inner

        x = 1  # about x
        async def write(path): ...
        """,
        """
        3-12 function read
        8-10 function read.inner
        14-14 constant x
        15-15 function write
        """,
        id="comments right above belong to a function, locals are nothing, a nested function is qualified",
    ),
    pytest.param(
        "model.py",
        '''
        @dataclass(
            frozen=True,
        )  # a record
        # why it is frozen
        class Store(Base):
            """Doc."""

            path: str
            count = 0

            class Meta:
                ordering = ["path"]

                def check(self): ...

            @staticmethod
            def make():
                return Store()

            # the last words
        ''',
        """
        1-20 class Store
        8-8 field Store.path
        9-9 field Store.count
        11-14 class Store.Meta
        12-12 field Store.Meta.ordering
        14-14 method Store.Meta.check
        16-18 method Store.make
        """,
        id="a decorated class with fields, a nested class and a static method",
    ),
    pytest.param(
        "model.py",
        """
        class Box:
            @property
            def size(self):
                return self._size

            @size.setter
            def size(self, value):
                self._size = value

            @functools.cached_property
            def volume(self): ...

            @size.deleter
            def size(self): ...
        """,
        """
        1-14 class Box
        2-8 property Box.size
        10-11 property Box.volume
        13-14 property Box.size
        """,
        id="a getter and the setter after it are one property",
    ),
    pytest.param(
        "compat.py",
        """
        if TYPE_CHECKING:
            def load(path: str) -> str: ...
        else:
            @overload
            def load(path): ...

        try:
            import fast
        except ImportError:
            fast = None

        type Pair[T] = tuple[T, T]
        type Plain = int
        by_path = lambda item: item.path
        """,
        """
        2-2 function load
        4-5 function load
        10-10 constant fast
        12-12 type Pair
        13-13 type Plain
        14-14 constant by_path
        """,
        id="conditional definitions share a name, type aliases are types",
    ),
    pytest.param(
        "broken.py",
        """
        def good(a):
            return a

        def half(a, b
            x = [1, 2

        def later():
            return 2
        """,
        """
        1-2 function good
        7-8 function later
        """,
        id="a half-written function does not hide those around it",
    ),
    pytest.param(
        "merge.py",
        """
        def one():
            return 1
        <<<<<<< HEAD
        def two():
            return 2
        =======
        def two():
            return 22
        >>>>>>> other
        def three():
            return 3
        """,
        """
        1-2 function one
        4-5 function two
        7-8 function two
        10-11 function three
        """,
        id="merge markers do not hide the definitions between them",
    ),
]


@pytest.mark.parametrize(("path", "source", "outline"), CASES)
def test_python_definitions(path, source, outline):
    assert outlined(path, source) == expected(outline)

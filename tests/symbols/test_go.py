import pytest

from tests.symbols.outlines import expected, outlined

CASES = [
    pytest.param(
        "shape.go",
        """
        package shape

        import "fmt"

        // Pi is close enough.
        const Pi = 3

        const (
            A, B = iota, 2
            // C follows.
            C
        )

        var x, y int = 1, 2
        var (
            errBad = errors.New("bad")
            handler = func() error {
                local := 1
                return nil
            }
        )
        """,
        """
        5-6 constant Pi
        9-9 constant A
        9-9 constant B
        10-11 constant C
        14-14 constant x
        14-14 constant y
        16-16 constant errBad
        17-20 function handler
        """,
        id="constants and variables, alone and in groups",
    ),
    pytest.param(
        "shape.go",
        """
        // Shape has sides.
        //
        //go:generate stringer
        type Shape struct {
            Sides, Corners int `json:"sides"`
            Embedded
            nested struct {
                deep int
            }
        }

        type (
            ID    int
            Alias = string
            // Drawer draws.
            Drawer interface {
                Draw(at int) error
                fmt.Stringer
            }
            List[K comparable] struct{ head *K }
        )
        """,
        """
        1-10 struct Shape
        5-5 field Shape.Sides
        5-5 field Shape.Corners
        7-9 struct Shape.nested
        8-8 field Shape.nested.deep
        13-13 type ID
        14-14 type Alias
        15-19 interface Drawer
        17-17 method Drawer.Draw
        20-20 struct List
        20-20 field List.head
        """,
        id="structs, interfaces, aliases and groups of types",
    ),
    pytest.param(
        "shape.go",
        """
        func New(sides int) *Shape {
            const local = 1
            var other int
            check := func() {}
            type inner struct{ a int }
            return nil
        }

        // Area is positive.
        func (s *Shape) Area() int { return 1 }
        func (Shape) Name() string { return "" }
        func (l *List[K]) Push(item K) {}
        func Map[T any](items []T) {}
        func init() {}
        func init() {}
        """,
        """
        1-7 function New
        5-5 struct New.inner
        5-5 field New.inner.a
        9-10 method Shape.Area
        11-11 method Shape.Name
        12-12 method List.Push
        13-13 function Map
        14-14 function init
        15-15 function init
        """,
        id="functions, and methods under their receiver",
    ),
    pytest.param(
        "broken.go",
        """
        package broken

        func good() int {
            return 1
        }

        func half(a int {
            if a == {
        }

        func later() int {
            return 2
        }
        """,
        """
        3-5 function good
        7-9 function half
        11-13 function later
        """,
        id="a half-written function does not hide those around it",
    ),
]


@pytest.mark.parametrize(("path", "source", "outline"), CASES)
def test_go_definitions(path, source, outline):
    assert outlined(path, source) == expected(outline)

import pytest

from tests.symbols.outlines import expected, outlined

CASES = [
    pytest.param(
        "lib.rs",
        """
        //! The crate.

        use std::fmt;

        /// The limit.
        #[allow(dead_code)]
        pub const LIMIT: usize = 3;
        static mut STATE: i32 = 2;
        type Pairs<T> = Vec<(T, T)>;
        mod declared;

        #[macro_export]
        macro_rules! square {
            ($x:expr) => {
                $x * $x
            };
        }

        async unsafe fn run<'a>(x: &'a str) {
            const LOCAL: i32 = 1;
            let closure = |y| y;
            fn inner() {}
        }
        extern "C" {
            fn outside(x: i32);
        }
        """,
        """
        5-7 constant LIMIT
        8-8 constant STATE
        9-9 type Pairs
        10-10 module declared
        12-17 macro square
        19-23 function run
        22-22 function run.inner
        25-25 function outside
        """,
        id="constants, statics, aliases, macros and functions",
    ),
    pytest.param(
        "shape.rs",
        """
        /// A point.
        #[derive(Debug, Clone)]
        pub struct Point<T> {
            /// Across.
            pub x: T,
            y: T,
        }
        struct Unit;
        struct Tuple(i32, String);
        union Bits {
            float: f32,
        }
        enum Shape {
            Dot,
            Line(Point<i32>),
            Box { width: i32 },
        }
        """,
        """
        1-7 struct Point
        4-5 field Point.x
        6-6 field Point.y
        8-8 struct Unit
        9-9 struct Tuple
        10-12 struct Bits
        11-11 field Bits.float
        13-17 enum Shape
        14-14 field Shape.Dot
        15-15 field Shape.Line
        16-16 field Shape.Box
        16-16 field Shape.Box.width
        """,
        id="structs, unions and enums with their fields",
    ),
    pytest.param(
        "shape.rs",
        """
        trait Area<T>: Sized {
            type Unit;
            const SIDES: i32;
            fn area(&self) -> T;
            fn double(&self) -> T {
                self.area()
            }
        }
        impl<T: Copy> Point<T> {
            pub const ZERO: i32 = 0;
            #[inline]
            pub fn new() -> Self {
                todo!()
            }
        }
        impl shapes::Circle {
            fn grow(&mut self) {}
        }
        impl<T> fmt::Display for Point<T> {
            fn fmt(&self) -> fmt::Result {
                Ok(())
            }
        }
        impl From<u8> for Point<u8> {
            fn from(x: u8) -> Self {}
        }
        impl From<u16> for Point<u8> {
            fn from(x: u16) -> Self {}
        }
        """,
        """
        1-8 trait Area
        2-2 type Area.Unit
        3-3 constant Area.SIDES
        4-4 method Area.area
        5-7 method Area.double
        9-15 impl Point
        10-10 constant Point.ZERO
        11-14 method Point.new
        16-18 impl Circle
        17-17 method Circle.grow
        19-23 impl <Point<T> as fmt::Display>
        20-22 method <Point<T> as fmt::Display>.fmt
        24-26 impl <Point<u8> as From<u8>>
        25-25 method <Point<u8> as From<u8>>.from
        27-29 impl <Point<u8> as From<u16>>
        28-28 method <Point<u8> as From<u16>>.from
        """,
        id="traits, and methods under the type or the type as a trait",
    ),
    pytest.param(
        "lib.rs",
        """
        mod outer {
            pub mod inner {
                pub fn deep() {}
            }

            #[cfg(unix)]
            fn same() {}
            #[cfg(windows)]
            fn same() {}
        }

        #[cfg(test)]
        mod tests {
            #[test]
            fn adds() {}
        }
        """,
        """
        1-10 module outer
        2-4 module outer.inner
        3-3 function outer.inner.deep
        6-7 function outer.same
        8-9 function outer.same
        12-16 module tests
        14-15 function tests.adds
        """,
        id="modules, and conditional definitions that share a name",
    ),
    pytest.param(
        "broken.rs",
        """
        fn good() -> i32 {
            1
        }

        fn half(a: i32 {
            if a ==
        }

        fn later() -> i32 {
            2
        }
        """,
        """
        1-3 function good
        5-7 function half
        9-11 function later
        """,
        id="a half-written function does not hide those around it",
    ),
]


@pytest.mark.parametrize(("path", "source", "outline"), CASES)
def test_rust_definitions(path, source, outline):
    assert outlined(path, source) == expected(outline)

import pytest

from tests.symbols.outlines import expected, outlined

CASES = [
    pytest.param(
        "node.c",
        """
        #include <stdio.h>
        #define MAX 10
        #define SQUARE(x) \\
            ((x) * (x))

        /* a node */
        typedef struct node {
            int a, *b;
            struct node *next;
        } node_t;
        typedef struct {
            int x;
        } point;
        struct forward;
        enum color { RED, GREEN = 2 };
        typedef enum { ON, OFF } state;
        union bits { int whole; };
        typedef int (*callback)(int, char);

        static int counter = 0, *cursor, table[3];
        extern int outside;
        """,
        """
        2-2 macro MAX
        3-4 macro SQUARE
        6-10 struct node
        8-8 field node.a
        8-8 field node.b
        9-9 field node.next
        10-10 struct node_t
        11-13 struct point
        12-12 field point.x
        15-15 enum color
        15-15 field color.RED
        15-15 field color.GREEN
        16-16 enum state
        16-16 field state.ON
        16-16 field state.OFF
        17-17 struct bits
        17-17 field bits.whole
        18-18 type callback
        20-20 constant counter
        20-20 constant cursor
        20-20 constant table
        21-21 constant outside
        """,
        id="C macros, structs with and without typedef, enums, variables; a forward declaration is nothing",
    ),
    pytest.param(
        "node.c",
        """
        int declared(int a);

        // the length
        static inline int *length(int a, char *b)
        {
            int local;
            struct inner { int z; };
            return 0;
        }
        void (*choose(int x))(int) { return 0; }
        #ifdef UNIX
        int same(void) { return 1; }
        #else
        int same(void) { return 2; }
        #endif
        int main(argc, argv) int argc; char **argv; { return 0; }
        """,
        """
        1-1 function declared
        3-9 function length
        7-7 struct length.inner
        7-7 field length.inner.z
        10-10 function choose
        12-12 function same
        14-14 function same
        16-16 function main
        """,
        id="C functions: prototypes, pointers, old style, conditional",
    ),
    pytest.param(
        "shape.cpp",
        """
        namespace outer::inner {
        /// A shape.
        template <typename T>
        class Shape : public Base<T> {
        public:
            Shape() : sides_(1) {}
            explicit Shape(int sides);
            ~Shape() = default;
            int area(int a) const override { return 1; }
            int area(double a);
            static constexpr int kMax = 1;
            Shape& operator+=(const Shape& other) { return *this; }
            template <class U>
            void visit(U u) {}
            struct Inner { int y; };
            enum class Kind { X, Y };
            using type = T;
            int sides_, *corners_;
        };

        template <typename T>
        int Shape<T>::area(double a)
        {
            auto inner = [](int q) { int w; return q; };
            return 2;
        }
        Shape::~Shape() {}
        bool operator==(const Shape& a, const Shape& b) { return true; }
        }
        using Names = std::vector<int>;
        constexpr auto kLimit = 2;
        std::string* a::b::outside(int x) { return nullptr; }
        extern "C" {
        int plain() { return 1; }
        }
        TEST(Suite, Name) {
            int local;
        }
        """,
        """
        1-29 module outer.inner
        2-19 class outer.inner.Shape
        6-6 method outer.inner.Shape.Shape
        7-7 method outer.inner.Shape.Shape
        8-8 method outer.inner.Shape.~Shape
        9-9 method outer.inner.Shape.area
        10-10 method outer.inner.Shape.area
        11-11 field outer.inner.Shape.kMax
        12-12 method outer.inner.Shape.operator+=
        13-14 method outer.inner.Shape.visit
        15-15 struct outer.inner.Shape.Inner
        15-15 field outer.inner.Shape.Inner.y
        16-16 enum outer.inner.Shape.Kind
        16-16 field outer.inner.Shape.Kind.X
        16-16 field outer.inner.Shape.Kind.Y
        17-17 type outer.inner.Shape.type
        18-18 field outer.inner.Shape.sides_
        18-18 field outer.inner.Shape.corners_
        21-26 function outer.inner.Shape.area
        27-27 function outer.inner.Shape.~Shape
        28-28 function outer.inner.operator==
        30-30 type Names
        31-31 constant kLimit
        32-32 function a.b.outside
        34-34 function plain
        36-38 test Suite.Name
        """,
        id="C++ classes, members defined outside under their class, templates, namespaces, test macros",
    ),
    pytest.param(
        "widget.cpp",
        """
        #include "api.h"
        BEGIN_NAMESPACE
        class API_EXPORT Widget final : public Base {
            Q_OBJECT
            Q_DECLARE(Widget)
        public:
            int size() const NOEXCEPT(true) { return 1; }
        };
        extern "C" JNIEXPORT jint JNI_OnLoad(JavaVM* vm) {
            return 1;
        }
        END_NAMESPACE
        """,
        """
        3-8 class Widget
        7-7 method Widget.size
        9-11 function JNI_OnLoad
        """,
        id="macros in the way of a C++ class and its methods",
    ),
    pytest.param(
        "Shape.cs",
        """
        using System;
        namespace Outer.Inner
        {
            /// <summary>A shape.</summary>
            [Serializable]
            public class Shape<T> : Base where T : new()
            {
                public const int Max = 1, Min = 2;
                private readonly string _name = "a";
                public int Sides { get; set; } = 1;
                public int this[int i] { get { return 1; } }
                public event EventHandler Changed;
                public Shape(int x) : base(x) { }
                ~Shape() { }
                public async Task<int> Draw<K>(int a, string b)
                {
                    void Local() { }
                    int local = 1;
                    return 1;
                }
                public static Shape operator +(Shape a, Shape b) => a;
                enum Kind { A, B = 2 }
                delegate void Handler(int x);
                struct Point { int x; }
                interface IDraw { void Draw(); int Sides { get; } }
            }
        }
        record struct Pair(int X);
        """,
        """
        2-27 module Outer.Inner
        4-26 class Outer.Inner.Shape
        8-8 field Outer.Inner.Shape.Max
        8-8 field Outer.Inner.Shape.Min
        9-9 field Outer.Inner.Shape._name
        10-10 property Outer.Inner.Shape.Sides
        11-11 property Outer.Inner.Shape.this
        12-12 field Outer.Inner.Shape.Changed
        13-13 method Outer.Inner.Shape.Shape
        14-14 method Outer.Inner.Shape.~
        15-20 method Outer.Inner.Shape.Draw
        17-17 function Outer.Inner.Shape.Draw.Local
        21-21 method Outer.Inner.Shape.+
        22-22 enum Outer.Inner.Shape.Kind
        22-22 field Outer.Inner.Shape.Kind.A
        22-22 field Outer.Inner.Shape.Kind.B
        23-23 type Outer.Inner.Shape.Handler
        24-24 struct Outer.Inner.Shape.Point
        24-24 field Outer.Inner.Shape.Point.x
        25-25 interface Outer.Inner.Shape.IDraw
        25-25 method Outer.Inner.Shape.IDraw.Draw
        25-25 property Outer.Inner.Shape.IDraw.Sides
        28-28 class Pair
        """,
        id="C# members of every sort",
    ),
    pytest.param(
        "Account.m",
        """
        #import <Foundation/Foundation.h>
        @protocol Store <NSObject>
        @property (nonatomic) int count;
        - (void)save:(int)a with:(int)b;
        @end

        /// An account.
        @interface Account : NSObject <Store> {
            int total;
        }
        @property (nonatomic, strong) NSString *name;
        - (instancetype)initWithName:(NSString *)name age:(int)age;
        @end

        @implementation Account
        static int shared = 1;
        - (instancetype)initWithName:(NSString *)name age:(int)age {
            self = [super init];
            int local = 1;
            void (^block)(int) = ^(int x) { int y = 1; };
            return self;
        }
        + (void)reset { }
        @end

        NSString *const kName = @"x";
        static void helper(int x) { }
        """,
        """
        2-5 interface Store
        3-3 property Store.count
        4-4 method Store.save:with:
        7-13 class Account
        9-9 field Account.total
        11-11 property Account.name
        12-12 method Account.initWithName:age:
        15-24 class Account
        16-16 field Account.shared
        17-22 method Account.initWithName:age:
        23-23 method Account.reset
        26-26 constant kName
        27-27 function helper
        """,
        id="Objective-C methods are named by their selectors",
    ),
    pytest.param(
        "Account.h",
        """
        #pragma once

        @interface Account : NSObject
        - (void)save;
        @end
        """,
        """
        3-5 class Account
        4-4 method Account.save
        """,
        id="a header with an @interface is Objective-C",
    ),
]


@pytest.mark.parametrize(("path", "source", "outline"), CASES)
def test_c_family_definitions(path, source, outline):
    assert outlined(path, source) == expected(outline)

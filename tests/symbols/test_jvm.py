import pytest

from tests.symbols.outlines import expected, outlined

CASES = [
    pytest.param(
        "Account.java",
        """
        package bank;

        import java.util.List;

        /** An account. */
        @Entity
        public class Account<T> extends Base implements Closeable {
            private static final int MAX = 1, MIN = 2;
            @Inject
            private Store store;

            static {
                int setup = 1;
            }

            public Account(int x) {
                super();
            }

            // pays in
            @Override
            public <K> int pay(K key, String name) throws Failure {
                int local;
                class Local {
                    void deep() {}
                }
                Runnable later = new Runnable() {
                    public void run() {}
                };
                return 1;
            }

            int pay(int x) { return 1; }
        }
        """,
        """
        5-34 class Account
        8-8 field Account.MAX
        8-8 field Account.MIN
        9-10 field Account.store
        16-18 method Account.Account
        20-31 method Account.pay
        24-26 class Account.pay.Local
        25-25 method Account.pay.Local.deep
        28-28 method Account.pay.run
        33-33 method Account.pay
        """,
        id="a Java class; overloads share a name",
    ),
    pytest.param(
        "Kinds.java",
        """
        interface Shape {
            int SIDES = 1;
            void draw();
            default void erase() {}
        }
        enum Color {
            RED(1) {
                void mix() {}
            },
            GREEN;

            private int value;
            Color(int value) {}
        }
        record Point(int x, int y) {
            Point {
            }
            static void origin() {}
        }
        @interface Mark {
            String value() default "";
        }
        """,
        """
        1-5 interface Shape
        2-2 field Shape.SIDES
        3-3 method Shape.draw
        4-4 method Shape.erase
        6-14 enum Color
        7-9 field Color.RED
        8-8 method Color.RED.mix
        10-10 field Color.GREEN
        12-12 field Color.value
        13-13 method Color.Color
        15-19 class Point
        16-17 method Point.Point
        18-18 method Point.origin
        20-22 interface Mark
        21-21 method Mark.value
        """,
        id="Java interfaces, enums, records and annotations",
    ),
    pytest.param(
        "Account.kt",
        """
        package bank

        const val MAX = 1
        val (width, height) = size()
        var top: Int = 1
            get() = field
            set(value) { field = value }

        /** An account. */
        @Entity
        data class Account(val id: Int, var name: String) : Base(), Closeable {
            constructor(z: Int) : this(z, "")
            init { val local = 1 }
            val total: Int get() = 1
            lateinit var store: Store

            companion object {
                const val KEY = 1
                fun create() = Account(1)
            }

            fun pay(amount: Int): Int {
                fun inner() {}
                val local = 1
                items.forEach { item -> val deep = item }
                return 1
            }
            fun pay(amount: String) = 2
        }
        """,
        """
        3-3 constant MAX
        4-4 constant width
        4-4 constant height
        5-7 constant top
        9-29 class Account
        11-11 field Account.id
        11-11 field Account.name
        12-12 method Account.constructor
        14-14 field Account.total
        15-15 field Account.store
        17-20 class Account.companion
        18-18 field Account.companion.KEY
        19-19 method Account.companion.create
        22-27 method Account.pay
        23-23 function Account.pay.inner
        28-28 method Account.pay
        """,
        id="Kotlin properties with accessors, a class with constructor parameters and a companion",
    ),
    pytest.param(
        "Kinds.kt",
        """
        object Registry { fun find() {} }
        interface Shape {
            fun draw()
            val sides: Int
        }
        enum class Color(val value: Int) {
            RED(1),
            GREEN(2)
        }
        fun String.shout(): String = this
        fun <T> List<T>.second() {}
        typealias Names = Map<String, Int>
        val handler = { x: Int -> val local = 1; x }
        fun `adds two numbers`() {}
        """,
        """
        1-1 class Registry
        1-1 method Registry.find
        2-5 interface Shape
        3-3 method Shape.draw
        4-4 field Shape.sides
        6-9 enum Color
        6-6 field Color.value
        7-7 field Color.RED
        8-8 field Color.GREEN
        10-10 function String.shout
        11-11 function List.second
        12-12 type Names
        13-13 constant handler
        14-14 function adds two numbers
        """,
        id="Kotlin objects, interfaces, enums, extension functions under their receiver",
    ),
    pytest.param(
        "Account.scala",
        """
        package bank

        /** An account. */
        @entity
        case class Account[T](id: Int, var name: String) extends Base with Closeable {
          val first = 1
          var second: Int = 2
          val (left, right) = (1, 2)
          lazy val cache = {
            val local = 1
            local
          }
          def pay(amount: Int): Int = {
            def inner = 1
            val local = 1
            amount
          }
          type Key = Int
          given order: Ordering[Int] = ???
        }
        object Account {
          def apply() = 1
        }
        trait Shape { def draw: Int }
        enum Color { case Red, Green }
        class Indented:
          def method: Int =
            val local = 1
            local
        """,
        """
        3-20 class Account
        6-6 field Account.first
        7-7 field Account.second
        8-8 field Account.left
        8-8 field Account.right
        9-12 field Account.cache
        13-17 method Account.pay
        14-14 function Account.pay.inner
        18-18 type Account.Key
        19-19 field Account.order
        21-23 class Account
        22-22 method Account.apply
        24-24 trait Shape
        24-24 method Shape.draw
        25-25 enum Color
        25-25 field Color.Red
        25-25 field Color.Green
        26-29 class Indented
        27-29 method Indented.method
        """,
        id="Scala with braces and with indentation",
    ),
]


@pytest.mark.parametrize(("path", "source", "outline"), CASES)
def test_jvm_definitions(path, source, outline):
    assert outlined(path, source) == expected(outline)

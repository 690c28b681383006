import pytest

from tests.symbols.outlines import expected, outlined

CASES = [
    pytest.param(
        "Account.swift",
        """
        import Foundation

        /// An account.
        @MainActor
        public final class Account<T>: Base, Sendable where T: Codable {
            static let shared = Account()
            var balance: Int = 1 {
                didSet { log(balance) }
            }
            var total: Int {
                get { 1 }
                set { }
            }
            lazy var cache = { () -> Int in
                let local = 3
                return local
            }()
            let first, second: Int

            init(owner: String) {}
            convenience init?(id: Int) {}
            deinit {}
            subscript(index: Int) -> Int { index }

            // pays in
            @discardableResult
            func deposit(_ amount: Int, by name: String) -> Int {
                let local = 1
                func inner() {}
                return 1
            }
            func deposit(_ amount: Double) {}
            static func == (left: Account, right: Account) -> Bool { true }
            typealias Key = Int
            enum State: String {
                case open, closed = "x"
                case frozen(Int)
            }
        }
        """,
        """
        3-39 class Account
        6-6 field Account.shared
        7-9 field Account.balance
        10-13 property Account.total
        14-17 field Account.cache
        18-18 field Account.first
        18-18 field Account.second
        20-20 method Account.init
        21-21 method Account.init
        22-22 method Account.deinit
        23-23 method Account.subscript
        25-31 method Account.deposit
        29-29 function Account.deposit.inner
        32-32 method Account.deposit
        33-33 method Account.==
        34-34 type Account.Key
        35-38 enum Account.State
        36-36 field Account.State.open
        36-36 field Account.State.closed
        37-37 field Account.State.frozen
        """,
        id="a class with everything in it",
    ),
    pytest.param(
        "Views.swift",
        """
        struct Row: View {
            @State private var open = false
            var body: some View {
                Text("x")
            }
        }

        protocol Store: AnyObject {
            associatedtype Item
            var count: Int { get }
            func load() async throws
            init()
        }

        extension Row: Store where Item: Codable {
            func load() {}
            struct Nested {
                var deep: Int
            }
        }
        extension Swift.Array {
            var second: Element { self[1] }
        }
        actor Worker {
            func go() async {}
        }
        """,
        """
        1-6 struct Row
        2-2 field Row.open
        3-5 property Row.body
        8-13 interface Store
        9-9 type Store.Item
        10-10 property Store.count
        11-11 method Store.load
        12-12 method Store.init
        15-20 extension Row
        16-16 method Row.load
        17-19 struct Row.Nested
        18-18 field Row.Nested.deep
        21-23 extension Swift.Array
        22-22 property Swift.Array.second
        24-26 class Worker
        25-25 method Worker.go
        """,
        id="structs, protocols, actors, and extension members under the extended type",
    ),
    pytest.param(
        "main.swift",
        """
        let limit = 1
        var (width, height) = (1, 2)
        typealias Size = (Int, Int)

        #if DEBUG
        func debugOnly() {}
        #else
        func debugOnly() {}
        #endif
        func top<T>(_ item: T) {
            let local = 1
        }
        macro stringify() = #externalMacro(module: "m", type: "t")
        """,
        """
        1-1 constant limit
        2-2 constant width
        2-2 constant height
        3-3 type Size
        6-6 function debugOnly
        8-8 function debugOnly
        10-12 function top
        13-13 macro stringify
        """,
        id="globals, conditional functions and macros",
    ),
    pytest.param(
        "Broken.swift",
        """
        func good() -> Int {
            return 1
        }

        func half(a: Int {
            if a == {
        }

        func later() -> Int {
            return 2
        }
        """,
        """
        1-3 function good
        9-11 function later
        """,
        id="a half-written function does not hide those around it",
    ),
]


@pytest.mark.parametrize(("path", "source", "outline"), CASES)
def test_swift_definitions(path, source, outline):
    assert outlined(path, source) == expected(outline)

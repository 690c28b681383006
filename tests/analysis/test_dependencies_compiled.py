import pytest

from tests.analysis.pairs import Case, dependencies, in_short

STORE_GO = """\
package store

import "sync"

type Store struct {
	lock sync.Mutex
	size int
}

type Getter interface {
	Get(key string) string
}

func NewStore(size int) *Store {
	return &Store{size: size}
}

func (s *Store) Get(key string) string {
	return key
}

func (s *Store) Put(key, value string) error {
	return nil
}

func Hash(key string, seed int) int {
	return len(key) + seed
}
"""

SERVER_GO = """\
package server

import (
	"example.invalid/app/store"
	kv "example.invalid/app/store"
	"strings"
)

type Server struct {
	store *store.Store
}

func (s *Server) Handle(path string) string {
	return path
}

func Run(st *store.Store) {
	return
}
"""

GO = {"store/store.go": STORE_GO, "server/server.go": SERVER_GO}
GO_BODY = "	return len(key) + seed⇒	return len(key) * seed"

GO_CASES = [
    Case(
        "Go: a parameter is added to a function called through its package",
        GO,
        {"store/store.go": "func Hash(key string, seed int) int {⇒func Hash(key string, seed, size int) int {"},
        {"server/server.go": "	return path⇒	return string(store.Hash(path, 1))"},
        ["contract: parameters of Hash in Server.Handle"],
    ),
    Case(
        "Go: a parameter gets another type",
        GO,
        {"store/store.go": "func Hash(key string, seed int) int {⇒func Hash(key []byte, seed int) int {"},
        {"server/server.go": "	return path⇒	return string(kv.Hash(path, 1))"},
        ["contract: parameters of Hash in Server.Handle"],
    ),
    Case(
        "Go: a function's body changes and a file of the package calls it",
        GO | {"store/cache.go": "package store\n\nfunc Warm() {\n	return\n}\n"},
        {"store/store.go": GO_BODY},
        {"store/cache.go": '	return\n⇒	Hash("a", 1)\n'},
        ["behaviour: body of Hash in Warm"],
    ),
    Case(
        "Go: a function of that name in another package",
        GO,
        {"store/store.go": GO_BODY},
        {"server/server.go": "	return path⇒	return strings.Hash(path, 1)"},
        [],
    ),
    Case(
        "Go: a method on a typed parameter",
        GO,
        {"store/store.go": "	return key\n⇒	return key + s.name\n"},
        {"server/server.go": '	return\n⇒	st.Get("a")\n'},
        ["behaviour: body of Store.Get in Run"],
    ),
    Case(
        "Go: a method on a field of the receiver",
        GO,
        {"store/store.go": "	return key\n⇒	return key + s.name\n"},
        {"server/server.go": "	return path⇒	return s.store.Get(path)"},
        ["behaviour: body of Store.Get in Server.Handle"],
    ),
    Case(
        "Go: a method on what a constructor returns",
        GO,
        {"store/store.go": "	return key\n⇒	return key + s.name\n"},
        {"server/server.go": "	return path⇒	made := store.NewStore(3)\n	return made.Get(path)"},
        ["behaviour: body of Store.Get in Server.Handle"],
    ),
    Case(
        "Go: a method of that name on the receiver of another type",
        GO,
        {"store/store.go": "	return key\n⇒	return key + s.name\n"},
        {"server/server.go": "	return path⇒	return s.Get(path)"},
        [],
    ),
    Case(
        "Go: a method is removed",
        GO,
        {"store/store.go": "func (s *Store) Put(key, value string) error {\n	return nil\n}\n\n⇒"},
        {"server/server.go": '	return\n⇒	_ = st.Put("a", "b")\n'},
        ["contract: removed of Store.Put in Run"],
    ),
    Case(
        "Go: a local variable shadows the function",
        GO | {"store/cache.go": "package store\n\nfunc Warm() {\n	return\n}\n"},
        {"store/store.go": GO_BODY},
        {"store/cache.go": '	return\n⇒	Hash := func(a string) {}\n	Hash("a")\n'},
        [],
    ),
]

SHAPES_RS = """\
pub struct Square {
    side: f64,
}

impl Square {
    pub fn new(side: f64) -> Self {
        Square { side }
    }

    pub fn area(&self) -> f64 {
        self.side * self.side
    }
}

pub trait Named {
    fn name(&self, long: bool) -> String;
}

pub fn scale(side: f64, factor: f64) -> f64 {
    side * factor
}
"""

DRAW_RS = """\
use crate::shapes::{scale as resize, Named, Square};

pub struct Canvas {
    square: Square,
}

impl Canvas {
    pub fn draw(&self) -> f64 {
        1.0
    }
}

pub fn paint(square: &Square, depth: f64) -> f64 {
    depth
}
"""

RUST = {"src/shapes.rs": SHAPES_RS, "src/draw.rs": DRAW_RS}
AREA = "        self.side * self.side⇒        self.side.powi(2)"

RUST_CASES = [
    Case(
        "Rust: a parameter is added to a function imported under an alias",
        RUST,
        {"src/shapes.rs": "scale(side: f64, factor: f64)⇒scale(side: f64, factor: f64, most: f64)"},
        {"src/draw.rs": "    depth\n}⇒    resize(depth, 2.0)\n}"},
        ["contract: parameters of scale in paint"],
    ),
    Case(
        "Rust: a method on a typed parameter",
        RUST,
        {"src/shapes.rs": AREA},
        {"src/draw.rs": "    depth\n}⇒    square.area() + depth\n}"},
        ["behaviour: body of Square.area in paint"],
    ),
    Case(
        "Rust: a method on a field of self",
        RUST,
        {"src/shapes.rs": AREA},
        {"src/draw.rs": "        1.0⇒        self.square.area()"},
        ["behaviour: body of Square.area in Canvas.draw"],
    ),
    Case(
        "Rust: a method on what a constructor returns",
        RUST,
        {"src/shapes.rs": AREA},
        {"src/draw.rs": "        1.0⇒        let made = Square::new(2.0);\n        made.area()"},
        ["behaviour: body of Square.area in Canvas.draw"],
    ),
    Case(
        "Rust: an associated function loses a parameter",
        RUST,
        {"src/shapes.rs": "    pub fn new(side: f64) -> Self {⇒    pub fn new() -> Self {"},
        {"src/draw.rs": "        1.0⇒        Square::new(2.0).side"},
        ["contract: parameters of Square.new in Canvas.draw"],
    ),
    Case(
        "Rust: an associated function of that name of another type",
        RUST,
        {"src/shapes.rs": "    pub fn new(side: f64) -> Self {⇒    pub fn new() -> Self {"},
        {"src/draw.rs": "        1.0⇒        Vec::new(2.0).len()"},
        [],
    ),
    Case(
        "Rust: a trait's method changes and is implemented",
        RUST,
        {"src/shapes.rs": "    fn name(&self, long: bool) -> String;⇒    fn name(&self) -> String;"},
        {
            "src/draw.rs": "pub fn paint(⇒impl Named for Canvas {\n    fn name(&self, long: bool) -> String {\n"
            "        String::new()\n    }\n}\n\npub fn paint("
        },
        ["contract: parameters of Named.name in <Canvas as Named>.name"],
    ),
    Case(
        "Rust: a function through its module",
        RUST | {"src/main.rs": "mod shapes;\n\nfn main() {\n    let one = 1;\n}\n"},
        {"src/shapes.rs": "    side * factor⇒    side * factor.abs()"},
        {"src/main.rs": "    let one = 1;⇒    let one = shapes::scale(1.0, 2.0);"},
        ["behaviour: body of scale in main"],
    ),
    Case(
        "Rust: a local variable shadows the function",
        RUST,
        {"src/shapes.rs": "    side * factor⇒    side * factor.abs()"},
        {"src/draw.rs": "    depth\n}⇒    let resize = |x: f64, y: f64| x;\n    resize(depth, 2.0)\n}"},
        [],
    ),
]

BANK_JAVA = """\
class Bank {
    int deposit(int amount, String note) {
        return amount;
    }

    int close() {
        return 0;
    }
}
"""

TELLER_JAVA = """\
class Teller {
    int serve(Bank bank) {
        return 1;
    }
}
"""

JAVA = {"Bank.java": BANK_JAVA, "Teller.java": TELLER_JAVA}

OTHER_CASES = [
    Case(
        "Java: a parameter is added, the name is one definition's alone",
        JAVA,
        {"Bank.java": "(int amount, String note)⇒(int amount, String note, int day)"},
        {"Teller.java": '        return 1;⇒        return bank.deposit(max(1, 2), "x, y");'},
        ["contract: parameters of Bank.deposit in Teller.serve (likely)"],
    ),
    Case(
        "Java: the call has the new number of arguments",
        JAVA,
        {"Bank.java": "(int amount, String note)⇒(int amount, String note, int day)"},
        {"Teller.java": '        return 1;⇒        return bank.deposit(1, "x", 3);'},
        [],
    ),
    Case(
        "Java: a method is renamed",
        JAVA,
        {"Bank.java": "int deposit(⇒int payIn("},
        {"Teller.java": '        return 1;⇒        return bank.deposit(1, "x");'},
        ["contract: renamed of Bank.deposit in Teller.serve (likely)"],
    ),
    Case(
        "Java: two definitions have the name",
        JAVA | {"Vault.java": "class Vault {\n    int deposit(int amount) {\n        return amount;\n    }\n}\n"},
        {"Bank.java": "int deposit(⇒int payIn(", "Vault.java": "        return amount;⇒        return 0;"},
        {"Teller.java": '        return 1;⇒        return bank.deposit(1, "x");'},
        [],
    ),
    Case(
        "Java: only the body changes",
        JAVA,
        {"Bank.java": "        return amount;⇒        return amount + 1;"},
        {"Teller.java": '        return 1;⇒        return bank.deposit(1, "x");'},
        [],
    ),
    Case(
        "Java: the name stands in a comment",
        JAVA,
        {"Bank.java": "int deposit(⇒int payIn("},
        {"Teller.java": "        return 1;⇒        // once deposit(1, 2)\n        return 2;"},
        [],
    ),
    Case(
        "a name in a file of another language",
        JAVA | {"teller.py": "def serve(bank):\n    return 1\n"},
        {"Bank.java": "int deposit(⇒int payIn("},
        {"teller.py": "    return 1⇒    return bank.deposit(1, 2)"},
        [],
    ),
]


@pytest.mark.parametrize("case", [*GO_CASES, *RUST_CASES, *OTHER_CASES], ids=lambda case: case.id)
def test_what_is_found(case: Case):
    assert [in_short(dependency) for dependency in dependencies(case)] == case.found

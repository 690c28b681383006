import pytest

from tests.symbols.outlines import expected, outlined

CASES = [
    pytest.param(
        "store.js",
        """
        import { a } from "a";
        const fs = require("fs");
        const { join, sep } = require("path");

        /**
         * The limit.
         */
        const LIMIT = 3, other = 4;
        let [first, { second: third, fourth = LIMIT }, ...rest] = parts();

        // reads
        export function read(path) {
          const local = 1;
          const inner = () => {
            const deep = 2;
          };
          function named() {}
          return inner;
        }
        export const write = async (path) => {
          let hidden;
        };
        function* steps() {}
        var Old = class {
          x = 1;
        };
        """,
        """
        5-8 constant LIMIT
        5-8 constant other
        9-9 constant first
        9-9 constant third
        9-9 constant fourth
        9-9 constant rest
        11-19 function read
        14-16 function read.inner
        17-17 function read.named
        20-22 function write
        23-23 function steps
        24-26 class Old
        25-25 field Old.x
        """,
        id="functions, functions assigned to names, constants; imports and locals are nothing",
    ),
    pytest.param(
        "point.mjs",
        """
        export default class Point extends Shape {
          static origin = new Point(0, 0);
          #x;
          onClick = () => {
            const local = 1;
          };
          static {
            const setup = 1;
          }
          constructor(x) {
            super();
            this.scale = function () {};
            this.x = x;
          }
          // how far
          get length() {
            return 1;
          }
          set length(value) {}
          static async *[Symbol.iterator]() {}
          "quoted name"() {}
        }
        """,
        """
        1-22 class Point
        2-2 field Point.origin
        3-3 field Point.#x
        4-6 method Point.onClick
        10-14 method Point.constructor
        12-12 function Point.constructor.scale
        15-19 property Point.length
        20-20 method Point.[Symbol.iterator]
        21-21 method Point.quoted name
        """,
        id="class fields, arrow functions in fields, accessors as one property, computed and quoted names",
    ),
    pytest.param(
        "legacy.cjs",
        """
        exports.read = function () {};
        module.exports.write = () => {};
        Store.prototype.close = function () {
          this.open = false;
        };
        Store.defaults = { size: 1 };
        module.exports = {
          open() {},
          "close-all": function () {},
          later: () => {},
          nested: {
            deep: 1,
            run() {},
          },
          get size() {
            return 1;
          },
        };
        exports = module.exports = create;
        """,
        """
        1-1 function read
        2-2 function write
        3-5 function Store.close
        6-6 constant Store.defaults
        6-6 field Store.defaults.size
        7-18 constant module.exports
        8-8 method module.exports.open
        9-9 method module.exports.close-all
        10-10 method module.exports.later
        11-14 field module.exports.nested
        12-12 field module.exports.nested.deep
        13-13 method module.exports.nested.run
        15-17 property module.exports.size
        19-19 constant module.exports
        """,
        id="CommonJS exports, prototype methods, object literals with methods",
    ),
    pytest.param(
        "app.jsx",
        """
        export default function () {
          return <div onClick={() => { const z = 1; }} />;
        }
        export const App = memo(function App() {
          const [state, setState] = useState(0);
          function handle() {}
          return <p>{state}</p>;
        });
        app.get("/", (request) => {
          const user = request.user;
        });
        """,
        """
        1-3 function default
        4-8 constant App
        6-6 function App.handle
        """,
        id="a default export without a name, a wrapped component, locals of callbacks are nothing",
    ),
    pytest.param(
        "options.js",
        """
        export default {
          data() {
            return { count: 0 };
          },
          methods: {
            add: () => {},
          },
        };
        """,
        """
        1-8 constant default
        2-4 method default.data
        5-7 field default.methods
        6-6 method default.methods.add
        """,
        id="an options object as default export",
    ),
    pytest.param(
        "math.test.ts",
        """
        describe("math", () => {
          const fixture = 1;
          beforeEach(() => {});
          it("adds", async () => {
            expect(1 + 1).toBe(2);
          });
          it.skip(`subtracts`, () => {});
        });
        test("alone", function () {});
        """,
        """
        1-8 test math
        4-6 test math.adds
        7-7 test math.subtracts
        9-9 test alone
        """,
        id="test blocks are named by their titles",
    ),
    pytest.param(
        "shapes.ts",
        """
        /** A shape. */
        @Component({ selector: "shape" })
        export abstract class Shape<T> implements Drawable {
          private readonly sides: number = 1;
          constructor(private name: string) {}
          @Input()
          title: string;
          abstract area(): number;
          resize(by: number): void;
          resize(by: string): void;
          resize(by: unknown) {}
          @memo() get cost(): number {
            return 1;
          }
        }
        export interface Drawable extends Base {
          color: string;
          draw(at: Point): void;
          (x: string): void;
        }
        export type Pair<T> = { left: T; right: T };
        export const enum Color {
          Red = 1,
          Green,
        }
        export function parse(text: string): Shape;
        export function parse(text: unknown) {}
        declare function external(x: number): string;
        declare const VERSION: string;
        """,
        """
        1-15 class Shape
        4-4 field Shape.sides
        5-5 method Shape.constructor
        6-7 field Shape.title
        8-8 method Shape.area
        9-9 method Shape.resize
        10-10 method Shape.resize
        11-11 method Shape.resize
        12-14 property Shape.cost
        16-20 interface Drawable
        17-17 field Drawable.color
        18-18 method Drawable.draw
        21-21 type Pair
        21-21 field Pair.left
        21-21 field Pair.right
        22-25 enum Color
        23-23 field Color.Red
        24-24 field Color.Green
        26-26 function parse
        27-27 function parse
        28-28 function external
        29-29 constant VERSION
        """,
        id="TypeScript: abstract classes, overloads, interfaces, aliases, enums, ambient declarations",
    ),
    pytest.param(
        "names.d.ts",
        """
        namespace Outer.Inner {
          export const depth = 1;
          export namespace Deep {
            function f() {}
          }
        }
        declare module "express" {
          interface Request {
            user: string;
          }
        }
        declare global {
          interface Window {
            app: string;
          }
        }
        """,
        """
        1-6 module Outer.Inner
        2-2 constant Outer.Inner.depth
        3-5 module Outer.Inner.Deep
        4-4 function Outer.Inner.Deep.f
        7-11 module express
        8-10 interface express.Request
        9-9 field express.Request.user
        13-15 interface Window
        14-14 field Window.app
        """,
        id="namespaces, ambient modules and global augmentation",
    ),
    pytest.param(
        "button.tsx",
        """
        type Props = { label: string };

        export const Button: React.FC<Props> = ({ label }) => {
          const onClick = useCallback(() => {
            track(label);
          }, [label]);
          return <button onClick={onClick}>{label}</button>;
        };

        export default function Page<T,>({ items }: { items: T[] }) {
          return <ul>{items.map((item) => <li>{item}</li>)}</ul>;
        }
        """,
        """
        1-1 type Props
        1-1 field Props.label
        3-8 function Button
        10-12 function Page
        """,
        id="TSX components",
    ),
    pytest.param(
        "broken.ts",
        """
        export function good() {
          return 1;
        }

        export function half(a: string, {
          if (a ===
        }

        <<<<<<< HEAD
        export const one = 1;
        =======
        export const one = 2;
        >>>>>>> theirs

        export function later() {
          return 2;
        }
        """,
        """
        1-3 function good
        10-10 constant one
        12-12 constant one
        15-17 function later
        """,
        id="a half-written function and merge markers do not hide those around them",
    ),
]


@pytest.mark.parametrize(("path", "source", "outline"), CASES)
def test_ecmascript_definitions(path, source, outline):
    assert outlined(path, source) == expected(outline)

import pytest

from tests.symbols.outlines import expected, outlined

CASES = [
    pytest.param(
        "account.rb",
        """
        require "set"
        LIMIT = 1
        LOW, HIGH = 1, 2

        # a bank
        module Bank
          class Account::Open < Base
            KEYS = [:a]
            attr_accessor :name, :age
            # starts
            def initialize(x)
              @x = x
              local = 1
            end
            def self.find; end
            def ==(other) true end
            def name=(value); end
            class << self
              def all; end
            end
            private def secret; end
            define_method(:dynamic) { |a| b = a }
            scope :active, -> { where(a: 1) }
          end
        end

        def top(a) = a + 1
        """,
        """
        2-2 constant LIMIT
        3-3 constant LOW
        3-3 constant HIGH
        5-25 module Bank
        7-24 class Bank.Account.Open
        8-8 field Bank.Account.Open.KEYS
        9-9 field Bank.Account.Open.name
        9-9 field Bank.Account.Open.age
        10-14 method Bank.Account.Open.initialize
        15-15 method Bank.Account.Open.find
        16-16 method Bank.Account.Open.==
        17-17 method Bank.Account.Open.name=
        19-19 method Bank.Account.Open.all
        21-21 method Bank.Account.Open.secret
        22-22 method Bank.Account.Open.dynamic
        23-23 method Bank.Account.Open.active
        27-27 function top
        """,
        id="Ruby modules, classes, methods, attributes",
    ),
    pytest.param(
        "account_spec.rb",
        """
        RSpec.describe Account do
          let(:account) { Account.new }
          it "pays" do
            amount = 1
          end
          context "when closed" do
          end
        end
        task :build do
        end
        """,
        """
        1-8 test Account
        2-2 test Account.account
        3-5 test Account.pays
        6-7 test Account.when closed
        9-10 test build
        """,
        id="Ruby specs and tasks",
    ),
    pytest.param(
        "Account.php",
        """
        <?php
        namespace App\\Models;
        use App\\Base;

        const MAX = 1, MIN = 2;
        define('FLAG', 1);

        /** An account. */
        #[Entity]
        final class Account extends Base {
            use Shared;
            public const KEY = 1;
            private int $x = 1, $y;
            public function __construct(private string $name) {}
            #[Pure]
            public static function pay(int $a): int {
                $local = 1;
                $later = function () { $deep = 1; };
                return 1;
            }
        }
        interface Store { public function save(); }
        trait Shared { protected $p; }
        enum Color: string { case Red = 'r'; }
        function top($a) { static $s = 1; }
        $global = 1;
        $closure = function () {};
        if (!function_exists('late')) {
            function late() {}
        }
        """,
        """
        5-5 constant MAX
        5-5 constant MIN
        6-6 constant FLAG
        8-21 class Account
        12-12 constant Account.KEY
        13-13 field Account.$x
        13-13 field Account.$y
        14-14 method Account.__construct
        15-20 method Account.pay
        18-18 function Account.pay.$later
        22-22 interface Store
        22-22 method Store.save
        23-23 trait Shared
        23-23 field Shared.$p
        24-24 enum Color
        24-24 field Color.Red
        25-25 function top
        26-26 constant $global
        27-27 function $closure
        29-29 function late
        """,
        id="PHP classes, traits, enums, functions",
    ),
    pytest.param(
        "account.lua",
        """
        local M = {}
        local low, high = 1, 2
        M.limit = 2
        -- pays in
        function M.pay(x)
          local l = 1
          local function inner() end
        end
        function M:name(y) end
        local function helper() end
        M.later = function() end
        local options = {
          run = function() end,
          deep = { size = 1 },
        }
        return M
        """,
        """
        1-1 constant M
        2-2 constant low
        2-2 constant high
        3-3 constant M.limit
        4-8 function M.pay
        7-7 function M.pay.inner
        9-9 function M.name
        10-10 function helper
        11-11 function M.later
        12-15 constant options
        13-13 method options.run
        14-14 field options.deep
        14-14 field options.deep.size
        """,
        id="Lua functions, methods, tables",
    ),
    pytest.param(
        "account.ex",
        '''
        defmodule Bank.Account do
          @moduledoc "Accounts."
          use Bank

          @doc """
          Pays in.
          """
          @spec pay(integer) :: integer
          def pay(x) when x > 1 do
            local = 1
          end

          def pay(x), do: x
          defp secret, do: 1
          defmacro magic(a) do
            a
          end
          defstruct [:a, :b]
          @type key :: integer
          defmodule Inner do
            def deep, do: 1
          end
          defimpl Store, for: Account do
            def save(x), do: x
          end
        end
        ''',
        """
        1-26 module Bank.Account
        5-13 function Bank.Account.pay
        14-14 function Bank.Account.secret
        15-17 macro Bank.Account.magic
        18-18 struct Bank.Account.defstruct
        19-19 type Bank.Account.key
        20-22 module Bank.Account.Inner
        21-21 function Bank.Account.Inner.deep
        23-25 impl Bank.Account.Store, for: Account
        24-24 method Bank.Account.Store, for: Account.save
        """,
        id="Elixir modules; the clauses of a function are one definition",
    ),
    pytest.param(
        "account_test.exs",
        """
        describe "paying" do
          test "adds", %{account: account} do
            x = 1
          end
        end
        """,
        """
        1-5 test paying
        2-4 test paying.adds
        """,
        id="Elixir tests",
    ),
    pytest.param(
        "account.dart",
        """
        import 'base.dart';
        const max = 1;
        final int low = 1, high = 2;
        /// An account.
        @immutable
        class Account<T> extends Base implements Closeable {
          static const int key = 1;
          final String name;
          int? x, y;
          Account(this.name);
          Account.named(this.name) : super();
          factory Account.of() => Account('');
          int get total => 1;
          set total(int v) {}
          @override
          Widget build(BuildContext context) {
            int local = 1;
            void inner() {}
            return Text('');
          }
        }
        mixin Shared on Base { void share() {} }
        enum Color { red, green }
        extension Shout on String { void shout() {} }
        typedef Handler = int Function(int);
        void top(int a) {
          var local = 1;
        }
        """,
        """
        2-2 constant max
        3-3 constant low
        3-3 constant high
        4-21 class Account
        7-7 field Account.key
        8-8 field Account.name
        9-9 field Account.x
        9-9 field Account.y
        10-10 method Account.Account
        11-11 method Account.Account.named
        12-12 method Account.Account.of
        13-14 property Account.total
        15-20 method Account.build
        18-18 function Account.build.inner
        22-22 class Shared
        22-22 method Shared.share
        23-23 enum Color
        23-23 field Color.red
        23-23 field Color.green
        24-24 extension Shout
        24-24 method Shout.shout
        25-25 type Handler
        26-28 function top
        """,
        id="Dart: a body belongs to the signature before it",
    ),
    pytest.param(
        "deploy.sh",
        """
        #!/bin/bash
        MAX=1
        export NAME=value
        # deploys
        deploy() {
          local x=1
          y=2
        }
        function check {
          echo
        }
        if true; then
          MODE=1
        fi
        """,
        """
        2-2 constant MAX
        3-3 constant NAME
        4-8 function deploy
        9-11 function check
        13-13 constant MODE
        """,
        id="shell functions and variables; the first line belongs to nobody",
    ),
    pytest.param(
        "Account.hs",
        """
        module Bank.Account where
        import Data.List
        -- | A shape
        data Shape = Circle { radius :: Double } | Square Double
        newtype Name = Name { text :: String }
        type Key = Int
        class Area a where
          area :: a -> Int
          area x = 1
        instance Area (Maybe Int) where
          area _ = 2
        -- | Adds
        add :: Int -> Int -> Int
        add 0 y = y
        add x y = x + y
          where w = 2
                helper q = q
        x <+> y = x
        main = do
          let t = 1
          print t
        """,
        """
        3-4 type Shape
        4-4 field Shape.Circle
        4-4 field Shape.Square
        5-5 type Name
        5-5 field Name.Name
        6-6 type Key
        7-9 interface Area
        8-9 method Area.area
        10-11 impl Area.Maybe Int
        11-11 method Area.Maybe Int.area
        12-17 function add
        17-17 function add.helper
        18-18 function <+>
        19-21 constant main
        """,
        id="Haskell: a signature and its equations are one function",
    ),
    pytest.param(
        "account.ml",
        """
        open Base
        let pi = 3
        (** adds *)
        let rec add x y = let l = 1 in x + y
        and other z = 1
        let left, right = 1, 2
        let () = print ()
        type color = Red | Green of int
        type point = { x : int; mutable y : string }
        exception Failed of int
        module Inner = struct
          let deep = 1
          let run x = x
        end
        module type Store = sig
          val save : int -> int
        end
        let later = fun x -> x
        external ext : int -> int = "c"
        """,
        """
        2-2 constant pi
        3-4 function add
        5-5 function other
        6-6 constant left
        6-6 constant right
        8-8 type color
        8-8 field color.Red
        8-8 field color.Green
        9-9 type point
        9-9 field point.x
        9-9 field point.y
        10-10 type Failed
        11-14 module Inner
        12-12 constant Inner.deep
        13-13 function Inner.run
        15-17 interface Store
        16-16 method Store.save
        18-18 function later
        19-19 function ext
        """,
        id="OCaml values, types, modules",
    ),
]


@pytest.mark.parametrize(("path", "source", "outline"), CASES)
def test_scripting_and_functional_definitions(path, source, outline):
    assert outlined(path, source) == expected(outline)

import pytest

from tests.analysis.pairs import Case, dependencies, in_short

PRICING = """\
RATE = 0.2


def tax(amount, rate):
    return amount * rate


def total(amount):
    return amount + tax(amount, RATE)


class Basket:
    def __init__(self, owner):
        self.owner = owner

    def add(self, item, count):
        self.items.append((item, count))

    def sum_up(self):
        return sum(count for _, count in self.items)

    @property
    def size(self):
        return len(self.items)

    def __str__(self):
        return self.owner
"""

SHOP = """\
from shop.pricing import Basket, tax


def checkout(basket):
    return basket


def report(amount):
    return tax(amount, 0.1)


class GiftBasket(Basket):
    def wrap(self):
        return self
"""

PRICES = {"shop/pricing.py": PRICING}
BOTH = PRICES | {"shop/orders.py": SHOP}

NEW_RATE = "def tax(amount, rate):⇒def tax(amount, rate, country):"
ROUNDED = "    return amount * rate⇒    return round(amount * rate, 2)"
TAX_CALL = "    return basket⇒    return tax(basket, 0.2)"

OVERRIDE = "    def wrap(self):⇒    def add(self, item, count):\n        self.log(item)\n\n    def wrap(self):"
GO = "    def go(self):\n        return 'gone far away'\n"
LADDER = "class Top:\n{}\n\nclass Low(Top):\n{}\n\ndef run():\n    pass\n"
LOW, HIGH = LADDER.format("    pass\n", GO), LADDER.format(GO, "    pass\n")

CONTRACT = [
    Case(
        "a parameter is added and the other side calls it newly in another file",
        BOTH,
        {"shop/pricing.py": NEW_RATE},
        {"shop/orders.py": TAX_CALL},
        ["contract: parameters of tax in checkout"],
    ),
    Case(
        "a call that stood there, in a function that the other side edits",
        BOTH,
        {"shop/pricing.py": NEW_RATE},
        {"shop/orders.py": "    return tax(amount, 0.1)⇒    amount = abs(amount)\n    return tax(amount, 0.1)"},
        ["contract: parameters of tax in report"],
    ),
    Case(
        "a call that stood there, in a function that nobody edits",
        BOTH,
        {"shop/pricing.py": NEW_RATE},
        {"shop/orders.py": "        return self⇒        return str(self)"},
        [],
    ),
    Case(
        "parameters in another order",
        BOTH,
        {"shop/pricing.py": "def tax(amount, rate):⇒def tax(rate, amount):"},
        {"shop/orders.py": TAX_CALL},
        ["contract: parameters of tax in checkout"],
    ),
    Case(
        "a parameter that the call names gets another name",
        BOTH,
        {"shop/pricing.py": "def tax(amount, rate):⇒def tax(amount, share):"},
        {"shop/orders.py": "    return basket⇒    return tax(basket, rate=0.2)"},
        ["contract: parameters of tax in checkout"],
    ),
    Case(
        "a parameter gets another name and the call passes it by place",
        BOTH,
        {"shop/pricing.py": PRICING.replace("rate", "share")},
        {"shop/orders.py": TAX_CALL},
        ["behaviour: parameters of tax in checkout"],
    ),
    Case(
        "a function is renamed and the other side calls it under the old name",
        BOTH,
        {"shop/pricing.py": PRICING.replace("tax(", "vat(")},
        {"shop/orders.py": TAX_CALL},
        ["contract: renamed of tax in checkout"],
    ),
    Case(
        "a function is renamed and the other side imports it under the old name",
        PRICES | {"shop/late.py": "import os\n"},
        {"shop/pricing.py": PRICING.replace("tax(", "vat(")},
        {"shop/late.py": "import os⇒import os\nfrom .pricing import tax"},
        ["contract: renamed of tax in the file"],
    ),
    Case(
        "a function moves to another file",
        BOTH,
        {
            "shop/pricing.py": PRICING.replace("def tax(amount, rate):\n    return amount * rate\n\n\n", ""),
            "shop/taxes.py": "def tax(amount, rate):\n    return amount * rate\n",
        },
        {"shop/orders.py": TAX_CALL},
        ["contract: moved of tax in checkout"],
    ),
    Case(
        "a function moves to another file and the old one imports it",
        BOTH,
        {
            "shop/pricing.py": PRICING.replace(
                "def tax(amount, rate):\n    return amount * rate\n", "from shop.taxes import tax\n"
            ),
            "shop/taxes.py": "def tax(amount, rate):\n    return amount * rate\n",
        },
        {"shop/orders.py": TAX_CALL},
        [],
    ),
    Case(
        "a method is removed and the other side overrides it",
        BOTH,
        {"shop/pricing.py": "    def add(self, item, count):\n        self.items.append((item, count))\n\n⇒"},
        {"shop/orders.py": OVERRIDE},
        ["contract: removed of Basket.add in GiftBasket.add"],
    ),
    Case(
        "a method gets a parameter and the other side overrides it",
        BOTH,
        {"shop/pricing.py": "    def add(self, item, count):⇒    def add(self, item, count, price):"},
        {"shop/orders.py": OVERRIDE},
        ["contract: parameters of Basket.add in GiftBasket.add"],
    ),
    Case(
        "a method moves up to the class that its own inherits from",
        {"a.py": LOW},
        {"a.py": HIGH},
        {"a.py": "def run():\n    pass⇒def run():\n    Low().go()"},
        [],
    ),
    Case(
        "a constructor gets a parameter and the other side makes an object",
        BOTH,
        {"shop/pricing.py": "    def __init__(self, owner):⇒    def __init__(self, owner, currency):"},
        {"shop/orders.py": "    return basket⇒    return Basket('me')"},
        ["contract: parameters of Basket.__init__ in checkout"],
    ),
    Case(
        "a constant is removed and the other side reads it newly",
        PRICES,
        {"shop/pricing.py": PRICING.replace("RATE = 0.2\n\n\n", "").replace("RATE", "0.2")},
        {"shop/pricing.py": "        return len(self.items)⇒        return len(self.items) * RATE"},
        ["contract: removed of RATE in Basket.size"],
    ),
]

FINE = [
    Case(
        "a parameter with a default is added and nothing else",
        BOTH,
        {"shop/pricing.py": "def tax(amount, rate):⇒def tax(amount, rate, country='de'):"},
        {"shop/orders.py": TAX_CALL},
        [],
    ),
    Case(
        "a parameter with a default is added, and code that only it reaches",
        BOTH,
        {
            "shop/pricing.py": "def tax(amount, rate):\n⇒"
            "def tax(amount, rate, *, free=False):\n    if free:\n        return 0\n"
        },
        {"shop/orders.py": TAX_CALL},
        [],
    ),
    Case(
        "only a comment and the doc string of the function change",
        BOTH,
        {"shop/pricing.py": "def tax(amount, rate):⇒def tax(amount, rate):\n    '''Return the tax.'''\n    # by law"},
        {"shop/orders.py": TAX_CALL},
        [],
    ),
    Case(
        "the same method name on an object of another known type",
        BOTH | {"shop/log.py": "class Log:\n    def add(self, item, count):\n        pass\n"},
        {"shop/pricing.py": "    def add(self, item, count):⇒    def add(self, item, count, price):"},
        {"shop/log.py": "        pass⇒        log = Log()\n        log.add(item, count)"},
        [],
    ),
    Case(
        "the same method name on an object that nothing is known of",
        BOTH,
        {"shop/pricing.py": "    def add(self, item, count):⇒    def add(self, item, count, price):"},
        {"shop/orders.py": "    return basket⇒    return seen.add(1, 2)"},
        [],
    ),
    Case(
        "the same method of the file's own class of that name",
        PRICES | {"garden/tools.py": "class Basket:\n    def hold(self):\n        pass\n"},
        {"shop/pricing.py": "        return sum(count for _, count in self.items)⇒        return 0"},
        {"garden/tools.py": "        pass⇒        return Basket().sum_up()"},
        [],
    ),
    Case(
        "the same method of a class of that name from elsewhere",
        PRICES | {"garden/tools.py": "from garden.wicker import Basket\n\n\ndef hold():\n    pass\n"},
        {"shop/pricing.py": "        return sum(count for _, count in self.items)⇒        return 0"},
        {"garden/tools.py": "    pass⇒    return Basket('me').sum_up()"},
        [],
    ),
    Case(
        "a method's name is called bare",
        BOTH,
        {"shop/pricing.py": "        return sum(count for _, count in self.items)⇒        return 0"},
        {"shop/orders.py": "    return basket⇒    return sum_up()"},
        [],
    ),
    Case(
        "a parameter shadows the function",
        BOTH,
        {"shop/pricing.py": ROUNDED},
        {"shop/orders.py": "(basket):\n    return basket⇒(basket, tax):\n    return tax(basket, 1)"},
        [],
    ),
    Case(
        "a local variable shadows the function",
        BOTH,
        {"shop/pricing.py": ROUNDED},
        {"shop/orders.py": "    return basket⇒    tax = max\n    return tax(basket, 1)"},
        [],
    ),
    Case(
        "the name is imported from elsewhere",
        PRICES | {"shop/other.py": "from law.books import tax\n\n\ndef go():\n    pass\n"},
        {"shop/pricing.py": ROUNDED},
        {"shop/other.py": "    pass⇒    return tax(1, 2)"},
        [],
    ),
    Case(
        "the name is not imported at all",
        PRICES | {"shop/other.py": "def go():\n    pass\n"},
        {"shop/pricing.py": ROUNDED},
        {"shop/other.py": "    pass⇒    return tax(1, 2)"},
        [],
    ),
    Case(
        "the call only moves and is indented",
        BOTH,
        {"shop/pricing.py": ROUNDED},
        {"shop/orders.py": "    return tax(amount, 0.1)⇒    if amount:\n        return tax(amount, 0.1)"},
        [],
    ),
    Case(
        "both sides add the same call",
        BOTH,
        {"shop/pricing.py": ROUNDED, "shop/orders.py": TAX_CALL},
        {"shop/orders.py": SHOP.replace("return basket", "return tax(basket, 0.2)").replace("return self", "return 1")},
        [],
    ),
    Case(
        "both sides change the function: they conflict there",
        PRICES,
        {"shop/pricing.py": ROUNDED},
        {"shop/pricing.py": "    return amount * rate⇒    return tax(amount, 1)"},
        [],
    ),
]

BEHAVIOUR = [
    Case(
        "the body changes and the other side calls it newly",
        PRICES,
        {"shop/pricing.py": ROUNDED},
        {"shop/pricing.py": "        return len(self.items)⇒        return tax(len(self.items), 1)"},
        ["behaviour: body of tax in Basket.size"],
    ),
    Case(
        "in another file, behind an alias",
        PRICES | {"shop/orders.py": "from shop.pricing import tax as levy\n\n\ndef go():\n    pass\n"},
        {"shop/pricing.py": ROUNDED},
        {"shop/orders.py": "    pass⇒    return levy(1, 2)"},
        ["behaviour: body of tax in go"],
    ),
    Case(
        "through the module",
        PRICES | {"shop/orders.py": "import shop.pricing as p\n\n\ndef go():\n    pass\n"},
        {"shop/pricing.py": ROUNDED},
        {"shop/orders.py": "    pass⇒    return p.tax(1, 2)"},
        ["behaviour: body of tax in go"],
    ),
    Case(
        "through the module's full name",
        PRICES | {"shop/orders.py": "import shop.pricing\n\n\ndef go():\n    pass\n"},
        {"shop/pricing.py": ROUNDED},
        {"shop/orders.py": "    pass⇒    return shop.pricing.tax(1, 2)"},
        ["behaviour: body of tax in go"],
    ),
    Case(
        "through the module that lies beside",
        PRICES | {"shop/orders.py": "from . import pricing\n\n\ndef go():\n    pass\n"},
        {"shop/pricing.py": ROUNDED},
        {"shop/orders.py": "    pass⇒    return pricing.tax(1, 2)"},
        ["behaviour: body of tax in go"],
    ),
    Case(
        "through a package that may pass the name on",
        PRICES | {"web.py": "from shop import tax\n\n\ndef go():\n    pass\n"},
        {"shop/pricing.py": ROUNDED},
        {"web.py": "    pass⇒    return tax(1, 2)"},
        ["behaviour: body of tax in go (likely)"],
    ),
    Case(
        "in a new way: the call moves to another branch",
        BOTH,
        {"shop/pricing.py": ROUNDED},
        {"shop/orders.py": "    return tax(amount, 0.1)⇒    return 0 if not amount else tax(amount, 0.1)"},
        ["behaviour: body of tax in report"],
    ),
    Case(
        "a method on self",
        PRICES,
        {"shop/pricing.py": "        return sum(count for _, count in self.items)⇒        return 0"},
        {"shop/pricing.py": "        return self.owner⇒        return str(self.sum_up())"},
        ["behaviour: body of Basket.sum_up in Basket.__str__"],
    ),
    Case(
        "an inherited method on self, in another file",
        BOTH,
        {"shop/pricing.py": "        return sum(count for _, count in self.items)⇒        return 0"},
        {"shop/orders.py": "        return self⇒        return self.sum_up()"},
        ["behaviour: body of Basket.sum_up in GiftBasket.wrap"],
    ),
    Case(
        "an overridden method on super",
        BOTH,
        {"shop/pricing.py": "        self.items.append((item, count))⇒        self.items[item] = count"},
        {"shop/orders.py": OVERRIDE.replace("self.log(item)", "super().add(item, 1)")},
        ["behaviour: body of Basket.add in GiftBasket.add"],
    ),
    Case(
        "on an object that was made here",
        BOTH,
        {"shop/pricing.py": "        return sum(count for _, count in self.items)⇒        return 0"},
        {"shop/orders.py": "    return basket⇒    mine = Basket('me')\n    return mine.sum_up()"},
        ["behaviour: body of Basket.sum_up in checkout"],
    ),
    Case(
        "on an annotated parameter",
        BOTH,
        {"shop/pricing.py": "        return sum(count for _, count in self.items)⇒        return 0"},
        {"shop/orders.py": "(basket):\n    return basket⇒(it: Basket | None):\n    return it.sum_up()"},
        ["behaviour: body of Basket.sum_up in checkout"],
    ),
    Case(
        "on an object that is named like the type",
        BOTH,
        {"shop/pricing.py": "        return sum(count for _, count in self.items)⇒        return 0"},
        {"shop/orders.py": "    return basket⇒    return basket.sum_up()"},
        ["behaviour: body of Basket.sum_up in checkout (likely)"],
    ),
    Case(
        "a property is read newly",
        BOTH,
        {"shop/pricing.py": "        return len(self.items)⇒        return 7"},
        {"shop/orders.py": "        return self⇒        return self.size"},
        ["behaviour: body of Basket.size in GiftBasket.wrap"],
    ),
    Case(
        "a special method of an object made newly",
        BOTH,
        {"shop/pricing.py": "        return self.owner⇒        return self.owner.upper()"},
        {"shop/orders.py": "    return basket⇒    return str(Basket('me'))"},
        ["behaviour: body of Basket.__str__ in checkout (likely)"],
    ),
    Case(
        "a function is passed on",
        BOTH,
        {"shop/pricing.py": ROUNDED},
        {"shop/orders.py": "    return basket⇒    return map(tax, basket, basket)"},
        ["behaviour: body of tax in checkout"],
    ),
    Case(
        "a constant has another value",
        PRICES | {"shop/orders.py": "from shop.pricing import RATE\n\n\ndef go():\n    pass\n"},
        {"shop/pricing.py": "RATE = 0.2⇒RATE = 0.25"},
        {"shop/orders.py": "    pass⇒    return RATE"},
        ["behaviour: body of RATE in go"],
    ),
    Case(
        "through a function that neither side touched",
        PRICES,
        {"shop/pricing.py": ROUNDED},
        {"shop/pricing.py": "        return len(self.items)⇒        return total(len(self.items))"},
        ["behaviour: body of tax in Basket.size through total (likely)"],
    ),
]


@pytest.mark.parametrize("case", [*CONTRACT, *FINE, *BEHAVIOUR], ids=lambda case: case.id)
def test_what_is_found(case: Case):
    assert [in_short(dependency) for dependency in dependencies(case)] == case.found


def test_the_facts_of_a_contract():
    [found] = dependencies(CONTRACT[0])
    assert found.altered_by == "mine"
    assert (found.definition_path, found.definition) == ("shop/pricing.py", "tax")
    assert (found.signature_before, found.signature_after) == (
        "def tax(amount, rate)",
        "def tax(amount, rate, country)",
    )
    assert found.excerpt == "-def tax(amount, rate):\n+def tax(amount, rate, country):"
    assert (found.user, found.line) == ("checkout", 5)


def test_the_side_that_altered_it_may_be_either():
    case = CONTRACT[0]
    [found] = dependencies(case._replace(mine=case.theirs, theirs=case.mine))
    assert found.altered_by == "theirs"


@pytest.mark.parametrize(
    ("case", "became"),
    [
        pytest.param(CONTRACT[6], "vat", id="renamed in its file"),
        pytest.param(CONTRACT[8], "shop/taxes.py::tax", id="moved to another file"),
        pytest.param(CONTRACT[0], "", id="still where it was"),
    ],
)
def test_what_became_of_it(case: Case, became: str):
    assert [found.became for found in dependencies(case)] == [became]

import pytest

from tests.analysis.pairs import Case, dependencies, in_short

OPTION = """\
const { camel } = require('./text.js');

class Option {
  constructor(flags) {
    this.flags = flags;
  }

  isBoolean() {
    return !this.required;
  }

  describe(text) {
    this.text = text;
    return this;
  }

  get name() {
    return camel(this.flags);
  }
}

function split(flags, separator) {
  return flags.split(separator);
}

exports.Option = Option;
exports.split = split;
"""

COMMAND = """\
const { Option, split: cut } = require('./option.js');

class Command {
  add(option) {
    return option;
  }

  parse(args) {
    return args;
  }
}

class FlagOption extends Option {
  show() {
    return 1;
  }
}
"""

OPTION_TS = """\
export class Option {
  constructor(private readonly flags: string) {}

  isBoolean(): boolean {
    return !this.flags;
  }
}

export interface Reader {
  read(path: string): string;
}

export function split(flags: string, separator: string): string[] {
  return flags.split(separator);
}

export const join = (parts: string[]): string => parts.join(' ');

export default function main(): void {
  split('', '');
}
"""

COMMAND_TS = """\
import main, { Option, join, split as cut } from './option';
import type { Reader } from './option';
import * as all from './option';

export class Command implements Reader {
  private chosen: Option;

  constructor(private other: Option) {}

  add(given: Option): number {
    return 1;
  }

  run(): void {
    return;
  }
}
"""

JS = {"lib/option.js": OPTION, "lib/command.js": COMMAND}
TS = {"lib/option.ts": OPTION_TS, "lib/command.ts": COMMAND_TS}

BOOLEAN = "    return !this.required;⇒    return !this.required && !this.negate;"
BOOLEAN_TS = "    return !this.flags;⇒    return this.flags === '';"
TRIMMED = "  return flags.split(separator);⇒  return flags.trim().split(separator);"

JAVASCRIPT = [
    Case(
        "a parameter is added to a function called under an alias",
        JS,
        {"lib/option.js": "function split(flags, separator) {⇒function split(flags, separator, most) {"},
        {"lib/command.js": "    return args;⇒    return cut(args, ' ');"},
        ["contract: parameters of split in Command.parse"],
    ),
    Case(
        "a parameter with a default is added",
        JS,
        {"lib/option.js": "function split(flags, separator) {⇒function split(flags, separator, most = 9) {"},
        {"lib/command.js": "    return args;⇒    return cut(args, ' ');"},
        [],
    ),
    Case(
        "a method is renamed and called on an object named like the class",
        JS,
        {"lib/option.js": "  isBoolean() {⇒  isFlag() {"},
        {"lib/command.js": "    return option;⇒    return option.isBoolean();"},
        ["contract: renamed of Option.isBoolean in Command.add (likely)"],
    ),
    Case(
        "a method's body changes and it is called newly on an inherited this",
        JS,
        {"lib/option.js": BOOLEAN},
        {"lib/command.js": "    return 1;⇒    return this.isBoolean();"},
        ["behaviour: body of Option.isBoolean in FlagOption.show"],
    ),
    Case(
        "on a new object",
        JS,
        {"lib/option.js": BOOLEAN},
        {"lib/command.js": "    return args;⇒    const it = new Option(args);\n    return it.isBoolean();"},
        ["behaviour: body of Option.isBoolean in Command.parse"],
    ),
    Case(
        "on an object of a short name, where no other type has the method",
        JS,
        {"lib/option.js": BOOLEAN},
        {"lib/command.js": "    return args;⇒    return args.filter((opt) => opt.isBoolean());"},
        ["behaviour: body of Option.isBoolean in Command.parse (likely)"],
    ),
    Case(
        "on an object that nothing is known of",
        JS,
        {"lib/option.js": BOOLEAN},
        {"lib/command.js": "    return args;⇒    return args.isBoolean();"},
        [],
    ),
    Case(
        "a getter is read newly",
        JS,
        {"lib/option.js": "    return camel(this.flags);⇒    return this.flags;"},
        {"lib/command.js": "    return 1;⇒    return this.name;"},
        ["behaviour: body of Option.name in FlagOption.show"],
    ),
    Case(
        "a constructor gets a parameter and super is called",
        JS,
        {"lib/option.js": "  constructor(flags) {⇒  constructor(flags, text) {"},
        {"lib/command.js": "  show() {⇒  constructor() {\n    super('-x');\n  }\n\n  show() {"},
        ["contract: parameters of Option.constructor in FlagOption.constructor"],
    ),
    Case(
        "a method is removed and overridden",
        JS,
        {"lib/option.js": "  describe(text) {\n    this.text = text;\n    return this;\n  }\n\n⇒"},
        {"lib/command.js": "  show() {⇒  describe(text) {\n    return this.log(text);\n  }\n\n  show() {"},
        ["contract: removed of Option.describe in FlagOption.describe"],
    ),
    Case(
        "a local constant shadows the function",
        JS,
        {"lib/option.js": TRIMMED},
        {"lib/command.js": "    return args;⇒    const cut = (x) => x;\n    return cut(args);"},
        [],
    ),
    Case(
        "the function of that name is required from elsewhere",
        JS | {"lib/other.js": "const { split } = require('lodash');\n\nfunction go() {\n  return 1;\n}\n"},
        {"lib/option.js": TRIMMED},
        {"lib/other.js": "  return 1;⇒  return split('a', ' ');"},
        [],
    ),
    Case(
        "through the module",
        JS | {"lib/other.js": "const option = require('./option');\n\nfunction go() {\n  return 1;\n}\n"},
        {"lib/option.js": TRIMMED},
        {"lib/other.js": "  return 1;⇒  return option.split('a', ' ');"},
        ["behaviour: body of split in go"],
    ),
]

TYPESCRIPT = [
    Case(
        "a parameter is added to a function imported under an alias",
        TS,
        {"lib/option.ts": "separator: string): string[]⇒separator: string, most: number): string[]"},
        {"lib/command.ts": "    return;⇒    cut('', ',');"},
        ["contract: parameters of split in Command.run"],
    ),
    Case(
        "an optional parameter is added",
        TS,
        {"lib/option.ts": "separator: string): string[]⇒separator: string, most?: number): string[]"},
        {"lib/command.ts": "    return;⇒    cut('', ',');"},
        [],
    ),
    Case(
        "a parameter gets another type",
        TS,
        {"lib/option.ts": "split(flags: string, separator: string)⇒split(flags: string, separator: RegExp)"},
        {"lib/command.ts": "    return;⇒    cut('', ',');"},
        ["contract: parameters of split in Command.run"],
    ),
    Case(
        "a method's body changes and it is called on a typed parameter",
        TS,
        {"lib/option.ts": BOOLEAN_TS},
        {"lib/command.ts": "    return 1;⇒    return given.isBoolean() ? 1 : 2;"},
        ["behaviour: body of Option.isBoolean in Command.add"],
    ),
    Case(
        "on a typed field",
        TS,
        {"lib/option.ts": BOOLEAN_TS},
        {"lib/command.ts": "    return 1;⇒    return this.chosen.isBoolean() ? 1 : 2;"},
        ["behaviour: body of Option.isBoolean in Command.add"],
    ),
    Case(
        "on a parameter of the constructor that is a field",
        TS,
        {"lib/option.ts": BOOLEAN_TS},
        {"lib/command.ts": "    return 1;⇒    return this.other.isBoolean() ? 1 : 2;"},
        ["behaviour: body of Option.isBoolean in Command.add"],
    ),
    Case(
        "on an object of another type",
        TS,
        {"lib/option.ts": BOOLEAN_TS},
        {"lib/command.ts": "    return;⇒    const option: Command = this;\n    option.isBoolean();"},
        [],
    ),
    Case(
        "an arrow function is used through the module",
        TS,
        {"lib/option.ts": "parts.join(' ')⇒parts.join('')"},
        {"lib/command.ts": "    return;⇒    all.join([]);"},
        ["behaviour: body of join in Command.run"],
    ),
    Case(
        "the default export changes",
        TS,
        {"lib/option.ts": "  split('', '');⇒  split('', ',');"},
        {"lib/command.ts": "    return;⇒    main();"},
        ["behaviour: body of main in Command.run (likely)"],
    ),
    Case(
        "a method of an interface changes and is implemented",
        TS,
        {"lib/option.ts": "  read(path: string): string;⇒  read(path: string, size: number): string;"},
        {"lib/command.ts": "  run(): void {⇒  read(path: string): string {\n    return path;\n  }\n\n  run(): void {"},
        ["contract: parameters of Reader.read in Command.read"],
    ),
    Case(
        "a function is removed and imported newly",
        TS | {"lib/other.ts": "import { join } from './option';\n\nexport const one = 1;\n"},
        {"lib/option.ts": OPTION_TS.replace("split", "cleave")},
        {"lib/other.ts": "import { join }⇒import { join, split }"},
        ["contract: renamed of split in the file"],
    ),
    Case(
        "in a component",
        TS | {"ui/View.tsx": "import { split } from '../lib/option';\n\nexport const View = () => <p>x</p>;\n"},
        {"lib/option.ts": TRIMMED},
        {"ui/View.tsx": "<p>x</p>⇒<p>{split('a b', ' ')}</p>"},
        ["behaviour: body of split in View"],
    ),
]


@pytest.mark.parametrize("case", [*JAVASCRIPT, *TYPESCRIPT], ids=lambda case: case.id)
def test_what_is_found(case: Case):
    assert [in_short(dependency) for dependency in dependencies(case)] == case.found

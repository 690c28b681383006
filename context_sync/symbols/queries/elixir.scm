((identifier) @keyword.module (#any-of? @keyword.module "defmodule" "defprotocol"))
((identifier) @keyword.impl (#eq? @keyword.impl "defimpl"))
((identifier) @keyword.function
  (#any-of? @keyword.function "def" "defp" "defdelegate" "defguard" "defguardp"))
((identifier) @keyword.macro (#any-of? @keyword.macro "defmacro" "defmacrop"))
((identifier) @keyword.struct (#any-of? @keyword.struct "defstruct" "defexception"))
((identifier) @keyword.test (#any-of? @keyword.test "describe" "test" "property"))
((identifier) @keyword.type (#any-of? @keyword.type "type" "typep" "opaque" "callback" "macrocallback"))
((identifier) @above (#any-of? @above "doc" "spec" "impl" "deprecated" "typedoc" "tag" "since"))
(comment) @leading

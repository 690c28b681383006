(call
  target: (identifier) @_maker
  (arguments . (_) @name)
  (#any-of? @_maker "defmodule" "defprotocol")) @definition.module
(call
  target: (identifier) @_maker
  (arguments . (_) @name (keywords (pair value: (_) @label)))
  (#eq? @_maker "defimpl")) @definition.impl
(call
  target: (identifier) @_maker
  (arguments . (_) @name)
  (#any-of? @_maker "def" "defp" "defdelegate" "defguard" "defguardp")) @definition.function
(call
  target: (identifier) @_maker
  (arguments . (_) @name)
  (#any-of? @_maker "defmacro" "defmacrop")) @definition.macro
(call target: (identifier) @name (#any-of? @name "defstruct" "defexception")) @definition.struct
(call
  target: (identifier) @_runner
  (arguments . (string) @name)
  (#any-of? @_runner "describe" "test" "property")) @definition.test
(unary_operator
  operand: (call
    target: (identifier) @_attribute
    (arguments . (_) @name)
    (#any-of? @_attribute "type" "typep" "opaque" "callback" "macrocallback"))) @definition.type
(unary_operator
  operand: (call
    target: (identifier) @_attribute
    (#any-of? @_attribute "doc" "spec" "impl" "deprecated" "typedoc" "tag" "since"))) @leading
(unary_operator
  "@"
  operand: (call
    target: (identifier) @name
    (#not-any-of? @name
      "doc" "spec" "impl" "deprecated" "typedoc" "tag" "since" "moduledoc" "moduletag" "type" "typep" "opaque"
      "callback" "macrocallback" "behaviour"))) @definition.variable
(comment) @leading

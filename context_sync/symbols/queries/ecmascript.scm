[(function_declaration) (generator_function_declaration)] @definition.function
(class_declaration) @definition.class
(export_statement "default" @name value: (_)) @definition.variable
(method_definition) @definition.method
(variable_declarator) @definition.variable
(pair key: (_) @name) @definition.entry
(assignment_expression left: (_) @name) @definition.variable
(call_expression
  function: (_) @_runner
  arguments: (arguments . (_) @name)
  (#any-of? @_runner
    "describe" "describe.only" "describe.skip" "context" "suite"
    "it" "it.only" "it.skip" "it.todo" "test" "test.only" "test.skip" "test.todo" "test.describe")) @definition.test
[(arrow_function) (function_expression) (generator_function) (class_static_block)] @local
[(comment) (decorator)] @leading

(class_declaration) @definition.class
(interface_declaration) @definition.interface
(trait_declaration) @definition.trait
(enum_declaration) @definition.enum
(namespace_definition name: (_) @name body: (_)) @definition.module
(function_definition) @definition.function
(method_declaration) @definition.method
(property_declaration (property_element name: (_) @name)) @definition.field
(const_declaration (const_element . (_) @name)) @definition.constant
(enum_case) @definition.field
(assignment_expression left: (variable_name) @name) @definition.variable
(function_call_expression
  function: (name) @_define
  arguments: (arguments . (argument (string) @name))
  (#eq? @_define "define")) @definition.constant
(function_call_expression
  function: (name) @_runner
  arguments: (arguments . (argument (string) @name))
  (#any-of? @_runner "describe" "it" "test")) @definition.test
[(anonymous_function) (arrow_function)] @local
(comment) @leading

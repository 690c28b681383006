[(function_declaration) (generator_function_declaration)] @definition.function
(class_declaration) @definition.class
(export_statement "default" @name value: (_)) @definition.variable
(method_definition) @definition.method
[(variable_declarator) (assignment_expression)] @definition.variable
(pair) @definition.entry
((identifier) @keyword.test (#any-of? @keyword.test "describe" "context" "suite" "it" "test"))
[(arrow_function) (function_expression) (generator_function) (class_static_block)] @local
[(comment) (decorator)] @leading

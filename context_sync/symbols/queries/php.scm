(class_declaration) @definition.class
(interface_declaration) @definition.interface
(trait_declaration) @definition.trait
(enum_declaration) @definition.enum
(namespace_definition) @definition.module
(function_definition) @definition.function
(method_declaration) @definition.method
[(property_element) (enum_case)] @definition.field
(const_element) @definition.constant
(assignment_expression) @definition.variable
((name) @keyword.constant (#eq? @keyword.constant "define"))
((name) @keyword.test (#any-of? @keyword.test "describe" "it" "test"))
[(anonymous_function) (arrow_function)] @local
(comment) @leading

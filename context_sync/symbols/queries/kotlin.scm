(class_declaration (type_identifier) @name) @definition.class
(object_declaration (type_identifier) @name) @definition.class
(companion_object "companion" @name) @definition.class
(function_declaration receiver: (_) @scope (simple_identifier) @name) @definition.function
(function_declaration (simple_identifier) @name) @definition.function
(secondary_constructor "constructor" @name) @definition.method
(property_declaration receiver: (_) @scope (variable_declaration) @name) @definition.property
(property_declaration [(variable_declaration) (multi_variable_declaration)] @name) @definition.variable
(class_parameter (binding_pattern_kind) (simple_identifier) @name) @definition.field
(enum_entry (simple_identifier) @name) @definition.field
(type_alias . (type_identifier) @name) @definition.type
[(lambda_literal) (anonymous_function) (anonymous_initializer) (getter) (setter)] @local
[(line_comment) (multiline_comment)] @leading

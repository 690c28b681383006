[(class_declaration) (object_declaration)] @definition.class
(companion_object "companion" @name) @definition.class
(function_declaration) @definition.function
(secondary_constructor "constructor" @name) @definition.method
(property_declaration) @definition.variable
[(class_parameter) (enum_entry)] @definition.field
(type_alias) @definition.type
[(lambda_literal) (anonymous_function) (anonymous_initializer) (getter) (setter)] @local
[(line_comment) (multiline_comment)] @leading

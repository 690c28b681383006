[(class_declaration) (record_declaration)] @definition.class
[(interface_declaration) (annotation_type_declaration)] @definition.interface
(enum_declaration) @definition.enum
[(method_declaration) (constructor_declaration) (compact_constructor_declaration)] @definition.method
(annotation_type_element_declaration) @definition.method
[(field_declaration) (constant_declaration) (enum_constant)] @definition.field
[(lambda_expression) (static_initializer)] @local
[(line_comment) (block_comment)] @leading

[(class_declaration) (record_declaration)] @definition.class
(struct_declaration) @definition.struct
(interface_declaration) @definition.interface
(enum_declaration) @definition.enum
(namespace_declaration) @definition.module
[(method_declaration) (constructor_declaration)] @definition.method
(destructor_declaration "~" @name) @definition.method
(operator_declaration) @definition.method
(conversion_operator_declaration type: (_) @name) @definition.method
(local_function_statement) @definition.function
[(property_declaration) (event_declaration)] @definition.property
(indexer_declaration "this" @name) @definition.property
[(field_declaration) (event_field_declaration) (enum_member_declaration)] @definition.field
(delegate_declaration) @definition.type
[(lambda_expression) (anonymous_method_expression)] @local
(comment) @leading

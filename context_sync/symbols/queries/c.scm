(function_definition declarator: (_) @name) @definition.function
(declaration declarator: (_) @name) @definition.variable
(field_declaration declarator: (_) @name) @definition.field
(struct_specifier body: (_)) @definition.struct
(union_specifier body: (_)) @definition.struct
(enum_specifier body: (_)) @definition.enum
(type_definition type: (struct_specifier !name body: (_)) declarator: (_) @name) @definition.struct
(type_definition type: (union_specifier !name body: (_)) declarator: (_) @name) @definition.struct
(type_definition type: (enum_specifier !name body: (_)) declarator: (_) @name) @definition.enum
(type_definition declarator: (_) @name @definition.type)
(enumerator) @definition.field
[(preproc_def) (preproc_function_def)] @definition.macro
(comment) @leading

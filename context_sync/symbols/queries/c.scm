(function_definition) @definition.function
(declaration) @definition.variable
[(field_declaration) (enumerator)] @definition.field
[(struct_specifier) (union_specifier)] @definition.struct
(enum_specifier) @definition.enum
(type_definition) @definition.type
[(preproc_def) (preproc_function_def)] @definition.macro
(comment) @leading

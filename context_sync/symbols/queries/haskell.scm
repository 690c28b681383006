[(data_type) (newtype) (type_synomym) (type_family)] @definition.type
(class) @definition.interface
(instance name: (_) @name patterns: (_) @label) @definition.impl
[(data_constructor) (newtype_constructor) (gadt_constructor)] @definition.field
[(signature) (function)] @definition.function
(bind) @definition.variable
(local_binds) @local
[(comment) (haddock) (pragma)] @leading

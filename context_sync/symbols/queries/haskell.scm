[(data_type) (newtype)] @definition.type
[(type_synomym) (type_family)] @definition.type
(class) @definition.interface
(instance name: (_) @name patterns: (_) @label) @definition.impl
[(data_constructor (_ name: (_) @name)) (newtype_constructor name: (_) @name)] @definition.field
(gadt_constructor) @definition.field
(signature) @definition.function
(function (infix operator: (_) @name)) @definition.function
(function) @definition.function
(bind) @definition.variable
(foreign_import (signature) @definition.function)
[(comment) (haddock) (pragma)] @leading

(function_declaration) @definition.function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: (_) @scope))
  name: (_) @name) @definition.method
(method_declaration) @definition.method
[(type_spec) (type_alias)] @definition.type
(field_declaration) @definition.field
(method_elem) @definition.method
(var_spec value: (expression_list . (func_literal) .)) @definition.function
[(const_spec) (var_spec)] @definition.variable
(func_literal) @local
(comment) @leading

(let_binding pattern: (_) @name (parameter)) @definition.function
(let_binding pattern: [(value_name) (tuple_pattern)] @name) @definition.variable
(type_binding name: (_) @name) @definition.type
(constructor_declaration . (_) @name) @definition.field
(field_declaration . (_) @name) @definition.field
(exception_definition (constructor_declaration . (_) @name)) @definition.type
(module_binding . (module_name) @name) @definition.module
(module_type_definition . (_) @name) @definition.interface
(class_binding (class_name) @name) @definition.class
(method_definition (method_name) @name) @definition.method
(instance_variable_definition (instance_variable_name) @name) @definition.field
[(value_specification . (_) @name) (external . (_) @name)] @definition.function
[(let_expression) (fun_expression)] @local
(comment) @leading

(let_binding (parameter)) @definition.function
(let_binding) @definition.variable
(exception_definition) @definition.type
(type_binding) @definition.type
[(constructor_declaration) (field_declaration) (instance_variable_definition)] @definition.field
(module_binding) @definition.module
(module_type_definition) @definition.interface
(class_binding) @definition.class
(method_definition) @definition.method
[(value_specification) (external)] @definition.function
[(let_expression) (fun_expression)] @local
(comment) @leading

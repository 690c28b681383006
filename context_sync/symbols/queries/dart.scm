[(class_definition) (mixin_declaration)] @definition.class
(enum_declaration) @definition.enum
(extension_declaration) @definition.extension
(type_alias) @definition.type
(_ . [(constructor_signature) (constant_constructor_signature) (factory_constructor_signature)] @name)
  @definition.method
(method_signature (getter_signature) @name) @definition.property
(method_signature (setter_signature) @name) @definition.property
(method_signature (function_signature) @name) @definition.function
(method_signature (operator_signature) @name) @definition.function
[(getter_signature) (setter_signature)] @definition.property
(function_signature) @definition.function
[(static_final_declaration) (initialized_identifier)] @definition.variable
(enum_constant) @definition.field
[(function_expression) (block)] @local
[(comment) (documentation_comment) (annotation)] @leading

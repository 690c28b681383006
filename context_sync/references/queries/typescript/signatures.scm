[(function_signature name: (_) @name parameters: (_) @parameters)
 (method_signature name: (_) @name parameters: (_) @parameters)
 (abstract_method_signature name: (_) @name parameters: (_) @parameters)] @callable
(public_field_definition
  name: (_) @name
  value: [(arrow_function parameters: (_) @parameters body: (_) @body)
          (function_expression parameters: (_) @parameters body: (_) @body)]) @callable
(class_declaration name: (_) @class (class_heritage (extends_clause value: (_) @base)))
(class_declaration name: (_) @class (class_heritage (implements_clause (_) @base)))
(abstract_class_declaration name: (_) @class (class_heritage (extends_clause value: (_) @base)))
(abstract_class_declaration name: (_) @class (class_heritage (implements_clause (_) @base)))
(interface_declaration name: (_) @class (extends_type_clause type: (_) @base))

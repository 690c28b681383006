(class_declaration name: (_) @class (class_heritage [(identifier) (member_expression)] @base))
(field_definition
  property: (_) @name
  value: [(arrow_function parameters: (_) @parameters body: (_) @body)
          (function_expression parameters: (_) @parameters body: (_) @body)]) @callable

[(function_declaration name: (_) @name parameters: (_) @parameters body: (_) @body)
 (generator_function_declaration name: (_) @name parameters: (_) @parameters body: (_) @body)
 (method_definition name: (_) @name parameters: (_) @parameters body: (_) @body)] @callable
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function parameters: (_) @parameters body: (_) @body)
          (arrow_function parameter: (_) @parameters body: (_) @body)
          (function_expression parameters: (_) @parameters body: (_) @body)]) @callable
(pair
  key: (property_identifier) @name
  value: [(arrow_function parameters: (_) @parameters body: (_) @body)
          (arrow_function parameter: (_) @parameters body: (_) @body)
          (function_expression parameters: (_) @parameters body: (_) @body)]) @callable
(assignment_expression
  left: (member_expression property: (property_identifier) @name)
  right: [(arrow_function parameters: (_) @parameters body: (_) @body)
          (arrow_function parameter: (_) @parameters body: (_) @body)
          (function_expression parameters: (_) @parameters body: (_) @body)]) @callable

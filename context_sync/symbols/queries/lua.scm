(function_declaration) @definition.function
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (function_definition) .)) @definition.function
(assignment_statement (variable_list name: (_) @name)) @definition.variable
(field) @definition.entry
(function_definition) @local
(comment) @leading

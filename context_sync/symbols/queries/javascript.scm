(variable_declarator
  name: (_) @name
  value: (call_expression function: (identifier) @_callee)
  (#eq? @_callee "require")) @definition.skip
(field_definition property: (_) @name) @definition.field

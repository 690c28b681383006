(variable_declarator
  value: (call_expression function: (identifier) @_callee)
  (#eq? @_callee "require")) @definition.skip
(field_definition) @definition.field

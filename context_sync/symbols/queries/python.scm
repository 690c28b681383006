(decorated_definition
  (decorator (identifier) @_decorator)
  definition: (function_definition) @definition.property
  (#any-of? @_decorator "property" "cached_property"))
(decorated_definition
  (decorator (attribute attribute: (_) @_decorator))
  definition: (function_definition) @definition.property
  (#any-of? @_decorator "setter" "deleter" "getter" "cached_property"))
(function_definition) @definition.function
(class_definition) @definition.class
(type_alias_statement) @definition.type
(assignment
  right: (assignment left: [(identifier) (pattern_list) (tuple_pattern) (list_pattern)] @name)) @definition.variable
(assignment left: [(identifier) (pattern_list) (tuple_pattern) (list_pattern)] @name) @definition.variable
[(decorator) (comment)] @leading
(lambda) @local

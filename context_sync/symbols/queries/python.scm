(decorated_definition
  (decorator) @decorator
  definition: (function_definition) @definition.property)
(function_definition) @definition.function
(class_definition) @definition.class
(type_alias_statement) @definition.type
(assignment
  right: (assignment left: [(identifier) (pattern_list) (tuple_pattern) (list_pattern)] @name)) @definition.variable
(assignment left: [(identifier) (pattern_list) (tuple_pattern) (list_pattern)] @name) @definition.variable
[(decorator) (comment)] @leading
(lambda) @local

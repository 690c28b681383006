(function_definition) @definition.function
(variable_assignment name: (_) @name) @definition.variable
(comment) @leading

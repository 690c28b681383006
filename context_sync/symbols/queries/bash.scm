(function_definition) @definition.function
(variable_assignment) @definition.variable
(comment) @leading

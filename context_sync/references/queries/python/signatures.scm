(function_definition name: (identifier) @name parameters: (_) @parameters body: (_) @body) @callable
(class_definition name: (identifier) @class superclasses: (argument_list [(identifier) (attribute) (subscript)] @base))

(function_item name: (_) @name parameters: (_) @parameters return_type: (_)? @result body: (_) @body) @callable
(function_signature_item name: (_) @name parameters: (_) @parameters return_type: (_)? @result) @callable
(impl_item trait: (_) @base type: (_) @class)

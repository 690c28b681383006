(function_declaration name: (_) @name parameters: (_) @parameters result: (_)? @result body: (_) @body) @callable
(method_declaration name: (_) @name parameters: (_) @parameters result: (_)? @result body: (_) @body) @callable
(method_elem name: (_) @name parameters: (_) @parameters result: (_)? @result) @callable
(type_spec
  name: (_) @class
  type: (struct_type (field_declaration_list (field_declaration !name type: (_) @base))))
(type_spec name: (_) @class type: (interface_type (type_elem (_) @base)))

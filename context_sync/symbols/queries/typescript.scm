[(public_field_definition) (property_signature) (enum_assignment)] @definition.field
(enum_body name: (_) @name @definition.field)
(abstract_class_declaration) @definition.class
(interface_declaration) @definition.interface
[(method_signature) (abstract_method_signature)] @definition.method
(function_signature) @definition.function
(type_alias_declaration) @definition.type
(enum_declaration) @definition.enum
[(internal_module) (module)] @definition.module

[(class_interface . (identifier) @name) (class_implementation . (identifier) @name)] @definition.class
(protocol_declaration . (identifier) @name) @definition.interface
[(method_declaration) (method_definition)] @definition.method
(property_declaration (struct_declaration (struct_declarator) @name)) @definition.property
(instance_variable (struct_declaration (struct_declarator) @name)) @definition.field
(block_literal) @local

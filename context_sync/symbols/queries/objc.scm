[(class_interface) (class_implementation)] @definition.class
(protocol_declaration) @definition.interface
[(method_declaration) (method_definition)] @definition.method
(property_declaration) @definition.property
(instance_variable) @definition.field
(block_literal) @local

(class_declaration) @definition.class
(protocol_declaration) @definition.interface
[(function_declaration) (protocol_function_declaration)] @definition.function
(init_declaration "init" @name) @definition.method
(deinit_declaration "deinit" @name) @definition.method
(subscript_declaration "subscript" @name) @definition.method
(property_declaration name: (_) @name) @definition.variable
(protocol_property_declaration) @definition.property
[(typealias_declaration) (associatedtype_declaration)] @definition.type
(enum_entry name: (_) @name) @definition.field
(macro_declaration (simple_identifier) @name) @definition.macro
(lambda_literal) @local
[(comment) (multiline_comment) (attribute)] @leading

[(function_item) (function_signature_item)] @definition.function
[(struct_item) (union_item)] @definition.struct
(enum_item) @definition.enum
[(enum_variant) (field_declaration)] @definition.field
(trait_item) @definition.trait
(impl_item trait: (_) @trait type: (_) @name) @definition.impl
(impl_item type: (_) @name) @definition.impl
[(associated_type) (type_item)] @definition.type
[(const_item) (static_item)] @definition.constant
(macro_definition) @definition.macro
(mod_item) @definition.module
(closure_expression) @local
[(attribute_item) (line_comment) (block_comment)] @leading

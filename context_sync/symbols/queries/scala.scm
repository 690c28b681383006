[(class_definition) (object_definition)] @definition.class
(trait_definition) @definition.trait
(enum_definition) @definition.enum
(package_object) @definition.module
[(function_definition) (function_declaration)] @definition.function
[(val_definition) (var_definition) (val_declaration) (var_declaration) (given_definition)] @definition.variable
(type_definition) @definition.type
[(simple_enum_case) (full_enum_case)] @definition.field
[(block) (indented_block) (lambda_expression)] @local
[(comment) (block_comment)] @leading

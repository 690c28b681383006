[(alter_table) (create_table) (create_view) (create_materialized_view)] @definition.table
[(create_function) (create_trigger)] @definition.function
(create_type) @definition.type
[(create_index) (create_sequence)] @definition.constant
(create_schema) @definition.module
(column_definition) @definition.field
(comment) @leading

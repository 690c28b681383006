(create_table (object_reference) @name) @definition.table
(create_view (object_reference) @name) @definition.table
(create_materialized_view (object_reference) @name) @definition.table
(create_function (object_reference) @name) @definition.function
(create_trigger . (_) (object_reference) @name) @definition.function
(create_type (object_reference) @name) @definition.type
(create_index column: (_) @name) @definition.constant
(create_sequence (object_reference) @name) @definition.constant
(create_schema (identifier) @name) @definition.module
(column_definition) @definition.field
(comment) @leading

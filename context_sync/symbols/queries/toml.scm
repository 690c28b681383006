[(table . (_) @name) (table_array_element . (_) @name)] @definition.section
(pair . (_) @name) @definition.key
(array) @local
(comment) @leading

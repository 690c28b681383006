(block_mapping_pair key: (_) @name) @definition.key
(block_sequence) @local
(comment) @leading

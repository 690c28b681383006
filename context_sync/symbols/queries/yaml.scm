(block_mapping_pair) @definition.key
(block_sequence) @local
(comment) @leading

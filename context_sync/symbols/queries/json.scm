(pair) @definition.key
(array) @local
(comment) @leading

(pair key: (_) @name) @definition.key
(array) @local
(comment) @leading

(block . (identifier) @name [(string_lit) (identifier)]* @label) @definition.block
(attribute . (identifier) @name) @definition.key
(comment) @leading

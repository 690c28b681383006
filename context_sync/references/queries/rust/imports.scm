(use_declaration argument: (scoped_identifier path: (_) @module name: (_) @name))
(use_declaration argument: (use_as_clause path: (scoped_identifier path: (_) @module name: (_) @name) alias: (_) @alias))
(scoped_use_list path: (_) @module list: (use_list (identifier) @name))
(scoped_use_list
  path: (_) @module
  list: (use_list (use_as_clause path: (identifier) @name alias: (_) @alias)))
(use_list (scoped_identifier path: (_) @module name: (_) @name))
(use_list (use_as_clause path: (scoped_identifier path: (_) @module name: (_) @name) alias: (_) @alias))
(use_wildcard (_) @module) @star

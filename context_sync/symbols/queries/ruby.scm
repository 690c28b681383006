(class) @definition.class
(module) @definition.module
[(method) (singleton_method)] @definition.function
(alias) @definition.method
(assignment) @definition.variable
((identifier) @keyword.field (#any-of? @keyword.field "attr_accessor" "attr_reader" "attr_writer"))
((identifier) @keyword.method (#any-of? @keyword.method "define_method" "scope"))
((identifier) @keyword.test
  (#any-of? @keyword.test
    "describe" "context" "feature" "it" "specify" "scenario" "test" "let" "let!" "subject"
    "shared_examples" "shared_context" "task" "namespace"))
[(block) (do_block) (lambda)] @local
(comment) @leading

(class) @definition.class
(module) @definition.module
[(method) (singleton_method)] @definition.function
(call
  method: (identifier) @_maker
  arguments: (argument_list (simple_symbol) @name)
  (#any-of? @_maker "attr_accessor" "attr_reader" "attr_writer")) @definition.field
(call
  method: (identifier) @_maker
  arguments: (argument_list . (_) @name)
  (#any-of? @_maker "define_method" "scope")) @definition.method
(call
  method: (identifier) @_runner
  arguments: (argument_list . (_) @name)
  block: (_)
  (#any-of? @_runner
    "describe" "context" "feature" "it" "specify" "scenario" "test" "let" "let!" "subject"
    "shared_examples" "shared_context" "task" "namespace")) @definition.test
(assignment left: [(constant) (identifier) (global_variable) (left_assignment_list)] @name) @definition.variable
(alias) @definition.method
[(block) (do_block) (lambda)] @local
(comment) @leading

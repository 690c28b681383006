(function_definition
  !type
  declarator: (function_declarator declarator: (_) @_macro parameters: (_) @name)
  (#any-of? @_macro "TEST" "TEST_F" "TEST_P" "TYPED_TEST" "TEST_CASE" "BENCHMARK_F")) @definition.test
(class_specifier body: (_)) @definition.class
(namespace_definition) @definition.module
(alias_declaration) @definition.type
(concept_definition) @definition.type
(lambda_expression) @local
(template_declaration "template" @leading parameters: (_) @leading)

((identifier) @keyword.test
  (#any-of? @keyword.test "TEST" "TEST_F" "TEST_P" "TYPED_TEST" "TEST_CASE" "BENCHMARK_F"))
(class_specifier) @definition.class
(namespace_definition) @definition.module
[(alias_declaration) (concept_definition)] @definition.type
(lambda_expression) @local
(template_declaration "template" @leading parameters: (_) @leading)

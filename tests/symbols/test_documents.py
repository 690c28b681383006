import time

import pytest

from context_sync.symbols.resolver import definitions
from tests.symbols.outlines import expected, outlined

CASES = [
    pytest.param(
        "README.md",
        """
        ---
        title: x
        ---
        before

        # Title
        text

        ## Sub *one* ##
        ```py
        # no heading
        ```

        ### Deep

        Second
        ======
        text

        Third
        -----
        """,
        """
        6-14 section Title
        9-14 section Title / Sub *one*
        14-14 section Title / Sub *one* / Deep
        16-21 section Second
        20-21 section Second / Third
        """,
        id="Markdown sections by heading, either style; not in code",
    ),
    pytest.param(
        "package.json",
        """
        {
          "name": "x",
          "scripts": {
            "test": "y",
            "deep": { "deeper": { "deepest": 1 } }
          },
          "list": [{ "key": 1 }, 2]
        }
        """,
        """
        2-2 key name
        3-6 key scripts
        4-4 key scripts.test
        5-5 key scripts.deep
        5-5 key scripts.deep.deeper
        7-7 key list
        """,
        id="JSON keys, three deep, not inside lists",
    ),
    pytest.param(
        "ci.yml",
        """
        # names it
        name: x
        on:
          push:
            branches: [main]
        jobs:
          build:
            steps:
              - name: a
                run: |
                  echo

          test:
            needs: build
        flow: { a: 1 }
        "quoted key": 1
        ---
        second: 1
        """,
        """
        1-2 key name
        3-5 key on
        4-5 key on.push
        5-5 key on.push.branches
        6-14 key jobs
        7-11 key jobs.build
        8-11 key jobs.build.steps
        13-14 key jobs.test
        14-14 key jobs.test.needs
        15-15 key flow
        16-16 key quoted key
        18-18 key second
        """,
        id="YAML keys, not inside lists",
    ),
    pytest.param(
        "pyproject.toml",
        """
        title = "x"
        a.b = 1

        # the tool
        [tool.ruff]
        line = 1
        inline = { a = 1 }

        # first
        [[bin]]
        name = "x"
        [[bin]]
        name = "y"
        """,
        """
        1-1 key title
        2-2 key a.b
        4-7 section tool.ruff
        6-6 key tool.ruff.line
        7-7 key tool.ruff.inline
        7-7 key tool.ruff.inline.a
        9-11 section bin
        11-11 key bin.name
        12-13 section bin
        13-13 key bin.name
        """,
        id="TOML tables and keys; a comment belongs to the table below it",
    ),
    pytest.param(
        "main.tf",
        """
        terraform {
          required_version = "1"
        }
        # a bucket
        resource "aws_s3_bucket" "logs" {
          bucket = "x"
          nested {
            deep = 2
          }
        }
        locals {
          region = 1
        }
        """,
        """
        1-3 block terraform
        2-2 key terraform.required_version
        4-10 block resource.aws_s3_bucket.logs
        6-6 key resource.aws_s3_bucket.logs.bucket
        7-9 block resource.aws_s3_bucket.logs.nested
        8-8 key resource.aws_s3_bucket.logs.nested.deep
        11-13 block locals
        12-12 key locals.region
        """,
        id="Terraform blocks with their labels",
    ),
    pytest.param(
        "schema.sql",
        """
        -- people
        CREATE TABLE users (
          id INT PRIMARY KEY,
          name TEXT
        );
        create table if not exists public.orders (id int);
        CREATE INDEX by_name ON users (name);
        CREATE VIEW names AS SELECT name FROM users;
        CREATE OR REPLACE FUNCTION f(a int) RETURNS int AS $$ BEGIN RETURN 1; END; $$ LANGUAGE plpgsql;
        ALTER TABLE users ADD COLUMN age int;
        INSERT INTO users VALUES (1);
        CREATE TYPE mood AS ENUM ('a');
        """,
        """
        1-5 table users
        3-3 field users.id
        4-4 field users.name
        6-6 table public.orders
        6-6 field public.orders.id
        7-7 constant by_name
        8-8 table names
        9-9 function f
        10-10 table users
        10-10 field users.age
        12-12 type mood
        """,
        id="SQL tables, columns, views, functions",
    ),
    pytest.param(
        "App.vue",
        """
        <template>
          <div @click="go">{{ x }}</div>
        </template>

        <script setup lang="ts">
        const a: number = 1;
        function go(): void {
          return;
        }
        </script>
        <script>
        export default { data() { return 1 } }
        </script>
        """,
        """
        6-6 constant a
        7-9 function go
        12-12 constant default
        12-12 method default.data
        """,
        id="Vue: the script blocks, at their lines in the file",
    ),
    pytest.param(
        "App.svelte",
        """
        <script context="module">
          export const z = 1;
        </script>
        <script>
          let a = 1;
          function go() {}
        </script>
        {#if a}<p>{a}</p>{/if}
        """,
        """
        2-2 constant z
        5-5 constant a
        6-6 function go
        """,
        id="Svelte: the script blocks",
    ),
    pytest.param(
        "study.ipynb",
        """
        {
         "cells": [
          {
           "cell_type": "code",
           "id": "ab12",
           "source": ["x = 1"]
          },
          {
           "cell_type": "markdown",
           "source": ["y"]
          }
         ],
         "metadata": {"cells": [{}]}
        }
        """,
        """
        3-7 cell cell ab12
        8-11 cell cell 2
        """,
        id="a notebook's cells by id, or by number",
    ),
]


@pytest.mark.parametrize(("path", "source", "outline"), CASES)
def test_document_definitions(path, source, outline):
    assert outlined(path, source) == expected(outline)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param("a.json", b'"key%d": {"a": {"b": {"c": {"d": 1}}}},', id="JSON"),
        pytest.param("a.yaml", b"key%d: {a: {b: 1}}", id="YAML"),
        pytest.param("a.toml", b"key%d = {a = {b = 1}}", id="TOML"),
    ],
)
def test_a_file_of_5000_keys_is_read_without_hanging(path, line):
    body = b"\n".join(line % number for number in range(5_000))
    text = b'{"x": {\n' + body.rstrip(b",") + b"\n}}" if path == "a.json" else body
    started = time.process_time()
    symbols = definitions(path, text)
    assert time.process_time() - started < 10
    assert len(symbols) >= 5_000

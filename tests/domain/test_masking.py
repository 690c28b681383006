import time

import pytest

from context_sync.domain.masking import MASK, masked

# No line here is a real key; they are put together so that no scanner takes them for one.
LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"use sk-ant-api03-{LETTERS}", f"use {MASK}", id="an Anthropic key"),
        pytest.param(f"key sk_live_{LETTERS}.", f"key {MASK}.", id="a Stripe key"),
        pytest.param(f"(ghp_{LETTERS}{LETTERS})", f"({MASK})", id="a GitHub token"),
        pytest.param(f"github_pat_{LETTERS}", MASK, id="a fine-grained GitHub token"),
        pytest.param(f"glpat-{LETTERS}", MASK, id="a GitLab token"),
        pytest.param(f"xoxb-1234-{LETTERS}", MASK, id="a Slack token"),
        pytest.param("id AKIA" + "QWERTYUIOPAS1234", f"id {MASK}", id="an AWS key id"),
        pytest.param(f"AIza{LETTERS}abcdefgh", MASK, id="a Google key"),
        pytest.param(f"npm_{LETTERS}{LETTERS}", MASK, id="an npm token"),
        pytest.param(f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIi{LETTERS}.{LETTERS}", MASK, id="a JSON web token"),
        pytest.param(
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\nafter",
            f"{MASK}\nafter",
            id="a private key",
        ),
        pytest.param("see -----BEGIN PRIVATE KEY-----\nMIIE", f"see {MASK}", id="a private key that is cut off"),
        pytest.param("DB_PASSWORD=hunter2x", f"DB_PASSWORD={MASK}", id="a password in the environment"),
        pytest.param('"api_key": "abc123def"', f'"api_key": "{MASK}"', id="a key in JSON"),
        pytest.param("client_secret: q1w2e3r4t5", f"client_secret: {MASK}", id="a secret in YAML"),
        pytest.param("curl -H 'Authorization: Bearer abcdef123456'", f"curl -H 'Authorization: Bearer {MASK}'", id="b"),
        pytest.param("postgres://app:s3cr3t!!@db:5432/x", f"postgres://app:{MASK}@db:5432/x", id="a login in a URL"),
        pytest.param(f"token {LETTERS}{LETTERS}", f"token {MASK}", id="a long random word"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("commit 7b80b9403eff46bf95207b80b9403eff46bf9520", id="a commit"),
        pytest.param("session 7b80b940-3eff-46bf-9520-97bd3ef1dffa", id="a session id"),
        pytest.param("token = parse_token(line2)", id="a call"),
        pytest.param("the token: required, and the password: optional", id="prose"),
        pytest.param("test_that_a_very_long_name_of_a_test_is_left_alone_2", id="the name of a test"),
        pytest.param("src/context_sync/claude/ConversationReader2Test.py", id="a path"),
        pytest.param("ThisIsAVeryLongJavaClassNameForAbstractSingletonProxyFactoryBean", id="the name of a class"),
        pytest.param("http://localhost:8080/health", id="a port"),
        pytest.param("12,345,678 tokens: 1.5 each", id="numbers"),
    ],
)
def test_what_only_resembles_one_is_left(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("piece", ["a", "a.", "token", "a-", "A1b", "://a:", "Bearer ", "-----BEGIN "])
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = time.process_time()
    masked(text)
    assert time.process_time() - began < 1.0

"""Secret masking: keys and tokens are replaced in everything that is stored or shown to others."""

from __future__ import annotations

from context_sync.domain import wording
from context_sync.hotpath.namedtuples import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from context_sync.domain.conflicts import Conflict

MASK = "[masked]"
LONGEST_WORD = 36  # characters of a word that may well be a secret
SHORTEST = 13  # characters of a name that may contain a secret

# Tokens by their issuers' prefixes; https://github.com/gitleaks/gitleaks lists most of the forms.
_TOKENS = (
    r"sk-[\w-]{16,}",  # Anthropic, OpenAI
    r"[rs]k_(?:live|test)_\w{10,}",  # Stripe
    r"gh[opsur]_\w{20,}|github_pat_\w{20,}",
    r"glpat-[\w-]{16,}",
    r"xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,}",  # Slack
    r"(?:AKIA|ASIA|AGPA|AIDA|AROA)[0-9A-Z]{12,}",  # AWS
    r"AIza[\w-]{30,}|ya29\.[\w-]{20,}",  # Google
    r"npm_\w{30,}|pypi-[\w-]{30,}|hf_\w{20,}|dop_v1_\w{30,}|SG\.[\w-]{16,}\.[\w-]{16,}",
    r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*",  # a JSON web token
)
_HINTS = (
    *("sk-", "k_live_", "k_test_", "gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "xox", "xapp-"),
    *("akia", "asia", "agpa", "aida", "aroa", "aiza", "ya29.", "npm_", "pypi-", "hf_", "dop_v1_", "sg.", "eyj"),
)
_KEY_BLOCK = r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
# A value with the name of a secret: everything up to the next blank or quotation mark.
_NAMED = (
    r"(?P<name>(?i:(?:pass(?:word|wd|phrase)|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)s?"
    r"[\w-]{0,20}[\"'`]?\s{0,4}(?:=>|:=|[=:])\s{0,4}[\"'`]?))(?P<value>[^\s\"'`,;<>(){}]{6,}(?![(\w]))"
)
_LOGIN = r"(?P<login>://[^\s/:@]{1,80}:)[^\s/@]{1,200}(?=@)|(?P<scheme>\b(?:[Bb]earer|[Bb]asic)\s{1,4})[\w.~+/=-]{12,}"
# What the lower-cased text must contain, and how long its longest word must be, for a pattern to be tried at all:
# compiling the patterns takes 10 ms, which most texts need not pay.
_PATTERNS = (
    (("-----begin",), 10, f"(?s:{_KEY_BLOCK})"),
    (_HINTS, 13, rf"\b(?:{'|'.join(_TOKENS)})"),
    (("pass", "secret", "token", "key"), 6, _NAMED),
    (("://", "bearer", "basic"), 8, _LOGIN),
)
_LONG = r"(?<![\w+/.-])(?P<long>[\w+-]{36,}={0,2})(?![\w/.-])"


def masked(text: str) -> str:
    """Return the text with `MASK` in place of everything that looks like a key or a token.

    A secret that was cut off may no longer be recognised: mask first, then cut.
    """
    small = text.lower()
    longest = max(map(len, text.split()), default=0)
    likely = [
        pattern for hints, least, pattern in _PATTERNS if longest >= least and any(hint in small for hint in hints)
    ]
    if not likely and longest < LONGEST_WORD:
        return text
    import re  # 5 ms, which most texts need not pay either

    for pattern in likely:
        text = re.sub(pattern, _hidden, text)
    return re.sub(_LONG, _hidden_if_mixed, text) if longest >= LONGEST_WORD else text


def shown(text: str, limit: int) -> str:
    """Return foreign text masked, on one line (see `wording.plain`), and of at most `limit` characters."""
    return wording.plain(masked(text[: 4 * limit]), limit)


def names(shown: Iterable[str]) -> tuple[str, ...]:
    """Return the names without secrets in them."""
    found = tuple(shown)
    if all(len(name) < SHORTEST for name in found):
        return found
    return tuple(map(masked, found))


def conflict(found: Conflict) -> Conflict:
    """Return the conflict without secrets, for display; the original is what is remembered."""
    on = found.dependency
    if on:
        definition, user, became = names((on.definition, on.user, on.became))
        on = on._replace(
            definition=definition,
            user=user,
            became=became,
            signature_before=masked(on.signature_before),
            signature_after=masked(on.signature_after),
            excerpt=masked(on.excerpt),
        )
    symbols = names(found.symbols)
    if not on and not found.places and symbols == found.symbols:
        return found
    places = tuple(place._replace(symbols=names(place.symbols)) for place in found.places)
    return found._replace(symbols=symbols, places=places, dependency=on)


def _hidden(found: re.Match[str]) -> str:
    parts = found.groupdict()
    if parts.get("value"):
        return parts["name"] + MASK if _is_random(parts["value"]) else found[0]
    return (parts.get("login") or parts.get("scheme") or "") + MASK


def _hidden_if_mixed(found: re.Match[str]) -> str:
    return MASK if _is_mixed(found["long"]) else found[0]


def _is_random(value: str) -> bool:
    has_digit = any(letter.isdigit() for letter in value)
    return (has_digit and any(letter.isalpha() for letter in value)) or (len(value) >= 20 and value.isalnum())


def _is_mixed(word: str) -> bool:
    """Return whether upper case, lower case and digits mix as in no ordinary name; hexadecimal hashes do not count."""
    digits = sum(letter.isdigit() for letter in word)
    capitals = sum(letter.isupper() for letter in word)
    return digits >= 3 and capitals >= 3 and len(word) - digits - capitals >= 3

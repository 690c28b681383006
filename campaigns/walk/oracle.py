"""The oracle: it sees everything that is done, and knows what a session may hear of it and what it must hear.

It knows nothing of hooks. An edit is what one text became; what git has is asked again each time.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from campaigns.walk import sources
from campaigns.walk.deeds import Deeds
from campaigns.walk.ground import Ground, Member
from campaigns.walk.hearing import Alert, Heard, Loss

RANKS = ("file", "symbol", "merge", "dependency")
MORE = {"UserPromptSubmit": 2, "PostToolBatch": 1, "Stop": 0}  # what is reported there: renewed, new, new and no file


class Violation(AssertionError):
    """What a session heard is not what it should have heard."""


class Notified(NamedTuple):
    """What a session was alerted to about another one."""

    at: int
    to: str
    alert: Alert
    by_guard: bool = False


class Letter(NamedTuple):
    """What a session is still to hear: a message with a number, or a loss."""

    to: str
    by: str
    number: int = 0
    loss: Loss | None = None
    sure: bool = True  # it must be heard
    addressed: str = ""  # whom it was stored for; it goes back to that one once it is resumed


class Oracle(Deeds):
    """Everything that was done and reported."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._notified: list[Notified] = []
        self._letters: list[Letter] = []

    def lost(self, to: str, by: Member, path: str, sure: bool) -> None:
        """Note that a session is to hear that another one took away its changes; it must if that is sure."""
        self._letters.append(Letter(to, by.name, loss=Loss(by.name, path), sure=sure, addressed=to))

    def sent(self, by: str, to: str, number: int) -> None:
        """Note that a message was stored."""
        self._letters.append(Letter(to, by, number, addressed=to))

    def succeeded(self, before: Member, after: Member) -> None:
        """Note that a session gets the mail of another."""
        self._letters = [each._replace(to=after.name) if each.to == before.name else each for each in self._letters]

    def returned(self, member: Member) -> None:
        """Note that a session that was cleared is back, and gets its own mail."""
        self._letters = [
            each._replace(to=member.name) if each.addressed == member.name else each for each in self._letters
        ]

    def hear(self, member: Member, event: str, heard: Heard) -> None:
        """Raise Violation when a session heard what is not true or not new, or did not hear what it must."""
        self._at += 1
        self._expect(not heard.strange, f"{member.name} heard what makes no sense: {heard.strange}")
        self._expect(not heard.present or event == "SessionStart", "company is reported at another event")
        self._expect(not heard.alerts or event != "SessionStart", "a conflict is reported at the beginning")
        for alert in heard.alerts:
            self._expect_true(member, alert)
            self._expect_new(member, alert, MORE.get(event, 2))
        self._notified += [Notified(self._at, member.name, alert) for alert in heard.alerts]
        self._take(member, event, heard)
        if event in MORE:
            self._expect_nothing_missed(member, event)

    def hear_guard(self, member: Member, path: str, before: str | None, after: str, heard: Heard, mode: str) -> None:
        """As `hear`, before an edit."""
        self._at += 1
        names = sources.changed(before, after)
        self._expect(not heard.strange and not heard.numbers and not heard.losses, f"the guard says {heard}")
        self._expect(heard.denied == (bool(heard.alerts) and mode != "notify"), f"the guard in mode {mode}: {heard}")
        for alert in heard.alerts:
            is_meant = alert.level == "merge" or alert.symbols <= names
            self._expect(is_meant, f"{member.name} does not edit that, but {sorted(names)}: {alert}")
            self._expect_hold(member, alert, after)
            if mode != "deny":
                self._expect_new(member, alert, 2)
        if mode != "off" and before is not None:
            for other, common in self._holds(member, path, names, after):
                said = {name for alert in heard.alerts if alert.other == other for name in alert.symbols}
                known = mode != "deny" and self._knows(member.name, other, path, common, guard=True)
                self._expect(
                    known or common <= said, f"{member.name} may edit {sorted(common)} of {path}, held by {other}"
                )
        self._notified += [Notified(self._at, member.name, alert, by_guard=True) for alert in heard.alerts]

    def hear_start(self, member: Member, heard: Heard, source: str) -> None:
        """As `hear`, at the beginning of a session, which is shown who else is there."""
        self.hear(member, "SessionStart", heard)
        others = {each.name for each in self._ground.live()} - {member.name}
        said = set(heard.present)
        self._expect(
            said == others if len(others) <= 4 else said < others,
            f"{member.name} ({source}) heard of {sorted(said)}; there are {sorted(others)}",
        )

    def _take(self, member: Member, event: str, heard: Heard) -> None:
        due = [each for each in self._letters if each.to == member.name]
        numbers = [each.number for each in due if each.number]
        for number in heard.numbers:
            self._expect(number in numbers, f"{member.name} heard message {number}, which is not for it or not new")
        for sender in {each.by for each in due}:
            order = [n for n in heard.numbers if n in {each.number for each in due if each.by == sender}]
            self._expect(order == sorted(order), f"{member.name} heard messages of {sender} as {order}")
        losses = [each.loss for each in due if each.loss]
        for loss in heard.losses:
            self._expect(loss in losses, f"{member.name} heard of a loss that it has not: {loss}")
            losses.remove(loss)
        must = [each.loss for each in due if each.loss in losses and each.sure]
        left = [number for number in numbers if number not in heard.numbers]
        if event in ("UserPromptSubmit", "PostToolBatch") or (event == "Stop" and numbers):
            self._expect(not left and not must, f"{member.name} did not hear {left}{must}")
        keep = [each for each in due if each.loss in losses]
        keep += [each for each in due if each.number in left and each.number]
        self._letters = [each for each in self._letters if each.to != member.name] + keep

    def _expect_true(self, member: Member, alert: Alert) -> None:
        other = self._other(member, alert)
        if alert.level == "dependency":
            self._expect_dependency(member, other, alert)
            return
        if not alert.apart:
            sure = alert.level == "file"
            common = self._names(member, alert.path, sure) & self._names(other, alert.path, sure)
            self._expect(
                bool(self._open(member, alert.path)) and bool(self._open(other, alert.path)),
                f"{member.name} heard of a file that both have not changed: {alert}",
            )
            self._expect(
                alert.symbols <= common if alert.level == "symbol" else not common,
                f"{member.name} and {other.name} have both changed {sorted(common)}: {alert}",
            )
            return
        self._expect_apart(member, other, alert)
        base, mine, theirs = self._texts(member, other, alert.path)
        self._expect(None not in (base, mine) or base != mine, f"{alert}: no difference")
        if alert.level == "symbol":
            both = sources.changed(base, mine) & sources.changed(base, theirs)
            both &= self._unmerged(member, other, alert.path) & self._unmerged(other, member, alert.path)
            self._expect(alert.symbols <= both, f"{member.name}: both have changed {sorted(both)}: {alert}")
        if alert.merges is not None:
            self._expect(
                self._merges(member, other, alert.path) == alert.merges,
                f"{member.name}: a merge does not do that: {alert}",
            )

    def _expect_hold(self, member: Member, alert: Alert, after: str) -> None:
        other = self._other(member, alert)
        if not alert.apart:
            held = self._names(other, alert.path)
            self._expect(alert.symbols <= held, f"{other.name} holds {sorted(held)} of {alert.path}: {alert}")
            return
        base, _, theirs = self._texts(member, other, alert.path)
        held = sources.changed(base, theirs) & self._unmerged(other, member, alert.path)
        ok = bool(held) if alert.level == "merge" else alert.symbols <= held
        ok = ok and alert.merges == self._merges(member, other, alert.path, after)
        self._expect(ok, f"{other.name} has changed {sorted(held)} of {alert.path} elsewhere: {alert}")

    def _expect_apart(self, member: Member, other: Member, alert: Alert) -> None:
        self._expect(other.worktree != member.worktree, f"{alert}: both are in one checkout")
        pairs = ((member, other), (other, member))
        for each, beside in pairs:
            touched = self._unmerged(each, beside, alert.path, files=True)
            self._expect(bool(touched), f"{each.name} has not changed {alert.path}")
        base, mine, theirs = self._texts(member, other, alert.path)
        self._expect(base != mine and base != theirs and mine != theirs, f"nothing to merge: {alert}")
        for (each, beside), text in zip(pairs, (mine, theirs), strict=True):
            is_left = self._is_left(each, beside, alert.path, text)
            self._expect(is_left, f"of {each.name} nothing is left in {alert.path}: {alert}")

    def _expect_dependency(self, member: Member, other: Member, alert: Alert) -> None:
        by, user = (member, other) if alert.kind == "mine" else (other, member)
        base, _, altered = self._texts(user, by, alert.of)
        self._expect(
            sources.blocks(base).get(alert.on) != sources.blocks(altered).get(alert.on),
            f"{by.name} has not altered {alert.on}: {alert}",
        )
        used = self._ground.text(user.worktree, alert.path)
        place = sources.blocks(used).get(alert.user, "") if alert.user else used or ""
        self._expect((alert.through or alert.on) in place, f"{user.name} does not use {alert.on}: {alert}")
        for each, path in ((by, alert.of), (user, alert.path)):
            touched = self._ever(each, path, files=True) if alert.apart else self._open(each, path)
            self._expect(bool(touched), f"{each.name} has not changed {path}: {alert}")

    def _expect_new(self, member: Member, alert: Alert, more: int) -> None:
        places = frozenset(each.worktree for each in (member, self._ground.members[alert.other]))
        merged = self._merged.get(places, 0)
        earlier = [each for each in self._earlier(member.name, alert.other, alert.path, alert) if each.at > merged]
        if not earlier:
            return
        levels = max(RANKS.index(each.alert.level) for each in earlier)
        known = frozenset().union(*(each.alert.symbols for each in earlier))
        if RANKS.index(alert.level) > levels or (alert.level != "file" and not alert.symbols <= known):
            return
        newer = [each for each in self._edits if each.by == alert.other and each.at > earlier[-1].at]
        paths = {alert.path, alert.of}
        named = alert.symbols if alert.level == "symbol" else frozenset()
        self._expect(
            more == 2 and any(each.path in paths and named <= each.names | named - each.names for each in newer),
            f"{member.name} hears the same again: {alert}",
        )
        if named:
            self._expect(any(named & each.names for each in newer), f"{member.name} hears the same again: {alert}")

    def _expect_nothing_missed(self, member: Member, event: str) -> None:
        for other in self._ground.live():
            if other is member:
                continue
            for path in sorted({each.path for each in self._edits if each.by == other.name}):
                if other.worktree == member.worktree:
                    self._expect_notified(member, other, path, event)
                elif (member.name, other.name, path) in self._owed and self._conflicts(member, other, path):
                    alerts = [
                        each for each in self._notified if each.to == member.name and each.alert.other == other.name
                    ]
                    known = [each for each in alerts if each.alert.path == path and each.alert.level == "merge"]
                    self._expect(
                        bool(known), f"{member.name} was never alerted that {path} conflicts with {other.name}"
                    )

    def _expect_notified(self, member: Member, other: Member, path: str, event: str) -> None:
        if not self._open(member, path, sure=True) or not self._open(other, path, sure=True):
            return
        common = self._names(member, path, sure=True) & self._names(other, path, sure=True)
        if common or event == "UserPromptSubmit":  # what the end of a turn left out waits for the next prompt
            self._expect(
                self._knows(member.name, other.name, path, common, renewed=event == "UserPromptSubmit"),
                f"{member.name} was not alerted at {event} that {other.name} changed {sorted(common)} of {path}, too",
            )

    def _knows(
        self, to: str, about: str, path: str, common: frozenset[str], renewed: bool = True, guard: bool = False
    ) -> bool:
        """Return whether a session knows that another one changed these definitions, or the file, lately.

        For the `guard` it counts what the other did, not whether what the session itself did is over.
        """
        alerts = self._earlier(to, about, path, whose=(about,) if guard else ())
        said = frozenset().union(*(each.alert.symbols for each in alerts)) if alerts else frozenset()
        if not alerts or not common <= said:
            return self._knows_of_these_edits(to, about, path, common)
        newer = [each for each in self._edits if (each.by, each.path, each.sure) == (about, path, True)]
        if common:
            newer = [each for each in newer if common & each.names]
        return not renewed or max((each.at for each in newer), default=0) < alerts[-1].at

    def _knows_of_these_edits(self, to: str, about: str, path: str, common: frozenset[str]) -> bool:
        """Return whether a session was alerted to just these edits, which were over and are there again (a stash).

        What the guard said before an edit counts for this edit and later ones of its own.
        """
        alerts = [each for each in self._notified if (each.to, each.alert.other, each.alert.path) == (to, about, path)]
        alerts = [each for each in alerts if each.alert.level != "dependency"]
        if not alerts or not common <= frozenset().union(*(each.alert.symbols for each in alerts)):
            return False
        since = [each for each in self._edits if each.path == path and each.at > alerts[-1].at]
        theirs = [each for each in since if each.by == about and (not common or common & each.names)]
        return not theirs and (alerts[-1].by_guard or not any(each.by == to for each in since))

    def _earlier(
        self, to: str, about: str, path: str, alert: Alert | None = None, whose: Sequence[str] = ()
    ) -> list[Notified]:
        """Return the alerts of a session about a place since that was last settled for either, or for `whose` it is."""
        place, other = self._ground.members[to].worktree, self._ground.members[about].worktree
        on = (alert.kind, alert.on, alert.of) if alert and alert.level == "dependency" else ()
        ends = (self._over, self._perhaps, self._resolved) if place == other and not on else ()
        over = max((end.get((each, place, path), 0) for end in ends for each in whose or (to, about)), default=0)
        if not on:  # what the user resolved, or what was taken back, is over for other worktrees, too
            sides = [each for each in ((to, place, path), (about, other, path)) if each[0] in (whose or (to, about))]
            over = max([over, *(end.get(each, 0) for end in (self._resolved, self._taken) for each in sides)])
        return [
            each
            for each in self._notified
            if (each.to, each.alert.other, each.alert.path) == (to, about, path)
            and each.at > over
            and ((each.alert.kind, each.alert.on, each.alert.of) if each.alert.level == "dependency" else ()) == on
        ]

    def _holds(
        self, member: Member, path: str, names: frozenset[str], after: str
    ) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield who holds which of the definitions that are to be edited."""
        for other in self._ground.live():
            if other is member:
                continue
            if other.worktree == member.worktree:
                common = names & self._names(other, path, sure=True)
            else:
                base, _, theirs = self._texts(member, other, path)
                if theirs is None:
                    theirs = self._ground.moved(other.worktree, self._base(member.worktree, other.worktree), path)
                new = sources.blocks(after)
                held = self._unmerged(other, member, path) & self._lasting(other, path, files=False) & names
                held &= sources.changed(base, theirs) & sources.changed(base, after)
                common = frozenset(name for name in held if new.get(name) != sources.blocks(theirs).get(name))
            if common:
                yield other.name, common

    def _other(self, member: Member, alert: Alert) -> Member:
        other = self._ground.members.get(alert.other)
        if other is None or other is member:
            raise Violation(f"{member.name} heard of {alert}")
        self._expect(other.alive, f"{other.name} is not live: {alert}")
        self._expect(alert.apart == (other.worktree != member.worktree), f"{other.name} is elsewhere: {alert}")
        return other

    def _expect(self, holds: bool, what: str) -> None:
        if not holds:
            raise Violation(what)

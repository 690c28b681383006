"""All checks of the doctor, in the order in which their findings are shown."""

from context_sync.claude.install import installed_plugin, registrations
from context_sync.cli.doctor import claude_code, folders, hooks, installations, machine
from context_sync.cli.doctor.findings import Finding
from context_sync.crash_log import Crash


def examine(folder: str, crashes: list[Crash]) -> list[Finding]:
    """Return the findings for Claude Code running in `folder`; `crashes` are those to show."""
    sources = registrations.sources(folder)
    plugin = installed_plugin.find(folder)
    return [
        *hooks.examine(folder, sources, plugin),
        *claude_code.examine(folder, sources),
        *installations.examine(sources, plugin),
        *machine.examine(),
        *folders.examine(crashes),
    ]

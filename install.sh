#!/bin/sh
# Installs context-sync from this checkout for the current user, or removes it.
# Needs git 2.31 and Python 3.11, or newer; asks no questions; can be run again at any time.
set -eu

usage='usage: ./install.sh                        install, or update an installation
       ./install.sh --uninstall            uninstall, but keep the data
       ./install.sh --uninstall --purge    and delete the data, too'

unset PYTHONHOME PYTHONPATH PYTHONPYCACHEPREFIX PYTHONDONTWRITEBYTECODE VIRTUAL_ENV
CDPATH=''
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
: "${HOME:?is not set, and context-sync is installed below it}"
case ${XDG_DATA_HOME-} in
/*) place=$XDG_DATA_HOME/context-sync ;;
*) place=$HOME/.local/share/context-sync ;; # the XDG specification ignores a relative path
esac
venv=$place/venv
work=$place/work    # not needed any more when this script ends
made=$place/folders # the folders that this script created, one per line, outermost first
# The same while some of them do not exist yet or any more: if this is killed, the next run finds them.
note=$HOME/.context-sync-folders
bin=$HOME/.local/bin
link=$bin/context-sync
known=${CLAUDE_CONFIG_DIR:-$HOME/.claude}/context-sync

newline='
'

say() {
    printf '%s\n' "$*"
}

fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

missing() { # prints a folder and its parents as far as they do not exist, outermost first
    [ -d "$1" ] || {
        missing "$(dirname -- "$1")"
        printf '%s\n' "$1"
    }
}

make_folders() {
    absent=$(
        missing "$place"
        missing "$bin"
    )
    [ -z "$absent" ] || { printf '%s\n' "$absent" >>"$note"; } 2>/dev/null || : # only .local may be writable
    mkdir -p -- "$place" "$bin"
    { cat -- "$note" 2>/dev/null || printf '%s' "${absent:+$absent$newline}"; } >>"$made"
    rm -f -- "$note" || :
    rm -rf -- "$work"
    mkdir -- "$work"
}

find_python() { # sets `python`
    have_old=
    have_bare=
    for python in python3.14 python3.13 python3.12 python3.11 python3; do
        "$python" -c '' 2>/dev/null || continue
        if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            have_old=$python
        elif [ -z "$uv" ] && ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            have_bare=$python
        else
            python=$("$python" -c 'import sys; print(sys.executable)')
            return
        fi
    done
    [ -z "$have_bare" ] || fail "$have_bare cannot make virtual environments: install its venv package" \
        "(on Debian and Ubuntu: apt install python3-venv) or uv, and run this again."
    [ -z "$have_old" ] || fail "Python 3.11 or newer is needed, and only $("$have_old" -V) was found."
    fail "Python 3.11 or newer is needed, and none was found on PATH."
}

usable() { # whether an earlier run left an environment that can be installed into
    "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || return
    [ -n "$uv" ] || "$venv/bin/python" -m pip --version >/dev/null 2>&1
}

install_packages() {
    if [ -n "$uv" ]; then
        install_pinned && return
        say "uv failed: trying pip, which may be configured differently."
        uv=
        find_python
    fi
    install_pinned
}

install_pinned() { # neither pip nor uv chooses a version
    make_environment &&
        pip_install --require-hashes --only-binary :all: --requirement "$here/requirements/application.txt" &&
        build_wheel &&
        pip_install --no-index --force-reinstall "$work/wheels"/*.whl # its version may be the one that was there
}

make_environment() {
    usable && return
    if [ -n "$uv" ]; then
        (cd / && exec "$uv" venv --quiet --clear --python "$python" "$venv")
    else
        TMPDIR=$work "$python" -I -m venv --clear "$venv"
    fi
}

build_wheel() {
    pip_install --require-hashes --only-binary :all: --requirement "$here/requirements/build.txt" \
        --upgrade --target "$work/build" || return
    said=$(cd -- "$here" && TMPDIR=$work PYTHONPATH=$work/build "$venv/bin/python" -P -m hatchling build \
        --target wheel --directory "$work/wheels" 2>&1) || fail "the wheel was not built: $said"
}

pip_install() { # elsewhere, since a working folder may hold settings for uv
    if [ -n "$uv" ]; then
        (cd / && TMPDIR=$work exec "$uv" pip install --quiet --python "$venv/bin/python" --no-deps --compile-bytecode "$@")
    else
        TMPDIR=$work "$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check --no-input \
            --no-deps --compile "$@"
    fi
}

link_command() {
    if [ -e "$link" ] || [ -L "$link" ]; then
        if [ "$(readlink -- "$link")" != "$venv/bin/context-sync" ]; then
            say "$link belongs to another installation and was left alone; this one is $venv/bin/context-sync."
            return
        fi
    else
        ln -s -- "$venv/bin/context-sync" "$link"
    fi
}

say_where_it_is() { # last, so that it is not overlooked
    [ -L "$link" ] || return 0
    case :$PATH: in
    *:"$bin":*) ;;
    *) say "$bin is not on PATH: add it, or run $link by its full name." ;;
    esac
}

install() {
    command -v git >/dev/null || fail "git is needed, and was not found on PATH."
    uv=$(command -v uv) || uv=
    find_python
    say "Installing context-sync into $venv with $("$python" -V)."
    if [ -e "$venv/bin/context-sync" ]; then
        trap 'trap "" HUP INT TERM; rm -rf -- "$work"' EXIT
    else
        trap 'trap "" HUP INT TERM; remove' EXIT
    fi
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    make_folders
    . "$here/hooks/keep-no-cache"
    install_packages
    rm -rf -- "$work"
    link_command
    trap - EXIT HUP INT TERM # from here on `--uninstall` removes it
    "$venv/bin/context-sync" init
    status=0
    "$venv/bin/context-sync" doctor || status=$?
    say_where_it_is
    exit "$status"
}

uninstall() {
    if [ ! -e "$venv" ]; then
        say "There is no installation in $venv."
        [ ! -e "$known" ] || say "Its data is still in $known."
        remove
        return
    elif "$venv/bin/context-sync" --version >/dev/null 2>&1; then
        "$venv/bin/context-sync" uninstall "$@"
    elif [ -e "$known/backups" ]; then # exists while hooks are registered
        fail "the installation in $venv is broken: run ./install.sh to mend it, then this again."
    fi
    remove
    say "Removed the command and its environment."
}

remove() { # also what is left if this script was killed
    [ "$(readlink -- "$link" 2>/dev/null)" != "$venv/bin/context-sync" ] || rm -- "$link"
    rm -rf -- "$venv" "$work"
    { [ ! -e "$made" ] || cat -- "$made" >>"$note"; } 2>/dev/null || :
    folders=$(cat -- "$note" "$made" 2>/dev/null) || :
    rm -f -- "$made"
    remove_folders "$folders"
    rm -f -- "$note" || :
}

remove_folders() { # the empty ones of these lines, last first
    while [ -n "$1" ]; do
        last=${1##*"$newline"}
        rmdir -- "$last" 2>/dev/null || :
        [ "$last" != "$1" ] || return 0
        set -- "${1%"$newline"*}"
    done
}

case "$*" in
'') install ;;
--uninstall) uninstall ;;
'--uninstall --purge' | '--purge --uninstall') uninstall --purge ;;
-h | --help) say "$usage" ;;
*)
    say "$usage" >&2
    exit 2
    ;;
esac

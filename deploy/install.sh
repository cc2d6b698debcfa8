#!/bin/sh
# Sets this droplet up to run the job from where this folder lies, as the user `revert`. Run it again
# at any time: what you have edited stays, the rest is put right. Nothing is fired until you say so.
#   sudo deploy/install.sh --venue demo [--timer systemd|cron] [--owner NAME]
#   --root DIR   only lay the files out under DIR: no user, no service, no virtual environment
set -eu

say() { printf '%s\n' "$*"; }
fail() { say "install: $*" >&2; exit 2; }

home=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
venue='' timer=systemd root='' owner=''
while [ $# -gt 0 ]; do
    case $1 in -h | --help) sed -n '2,5s/^# //p' "$0"; exit 0 ;; esac
    case $1 in
        --venue | --timer | --owner | --root) [ $# -gt 1 ] || fail "$1: needs a value" ;;
        *) fail "$1: no such option (--venue, --timer, --owner, --root)" ;;
    esac
    case $1 in
        --venue) venue=$2 ;;
        --timer) timer=$2 ;;
        --owner) owner=$2 ;;
        --root) root=$2 ;;
    esac
    shift 2
done
case $venue in demo | live | embedded) ;; *) fail "--venue '$venue': must be demo, live or embedded" ;; esac
case $timer in systemd | cron) ;; *) fail "--timer '$timer': must be systemd or cron" ;; esac
case $home in *[!A-Za-z0-9/._-]*) fail "$home: move the folder to a path without spaces, e.g. /opt/revert" ;; esac
if [ -z "$owner" ]; then # may stand in file names and lines
    owner=$(uname -n | tr -cd 'A-Za-z0-9._-' | cut -c 1-40)
fi
case $owner in '' | *[!A-Za-z0-9._-]*) fail "--owner '$owner': must be letters, digits, '.', '_' or '-'" ;; esac
if [ -z "$root" ] && [ "$(id -u)" -ne 0 ]; then fail "must be run as root (sudo)"; fi

# Root's own files would do for systemd; cron's job has to read them itself.
mine() { if [ -z "$root" ]; then chown "$1" "$2"; fi; }
folder() { # PATH MODE OWNER
    mkdir -p "$root$1"
    chmod "$2" "$root$1"
    mine "$3" "$root$1"
}
# A shipped file with this machine's paths, venue and owner. Without keys on the embedded exchange.
render() {
    sed -e "s|/opt/revert|$home|g" -e "s|venue=demo|venue=$venue|g" \
        -e "s|^venue = \"demo\"|venue = \"$venue\"|" -e "s|/var/lib/revert/demo/|/var/lib/revert/$venue/|" \
        -e "s|^owner = \"droplet\"|owner = \"$owner\"|" "$home/deploy/$1" |
        if [ "$venue" = embedded ]; then grep -v -e '^LoadCredential=' -e '^Environment=BINANCE_' -e '^BINANCE_'; else cat; fi
}
place() { # FILE PATH MODE OWNER: made anew at every installation
    render "$1" >"$root$2.new"
    chmod "$3" "$root$2.new"
    mine "$4" "$root$2.new"
    mv "$root$2.new" "$root$2"
}
keep() { # the same, but only where there is none: it is yours to edit
    if [ -e "$root$2" ]; then say "kept      $2"; else place "$@"; say "made      $2"; fi
}

if [ -z "$root" ]; then
    (cd "$home" && sh .ci/setup run)
    # the job's user may not write here, so what is not compiled now would be at every firing
    for part in handler.py backtest exchange job pages report simulator state strategy .venv/lib; do
        "$home/.venv/bin/python" -m compileall -q "$home/$part" || true
    done
    if ! id revert >/dev/null 2>&1; then
        useradd --system --user-group --home-dir /var/lib/revert --shell /usr/sbin/nologin revert
        say "made      user revert"
    fi
    setpriv --reuid revert --regid revert --clear-groups "$home/.venv/bin/python" -c '' ||
        fail "$home: the user revert cannot use it; move the folder, e.g. to /opt/revert"
fi
folder /etc/revert 0750 root:revert
folder /var/lib/revert 0700 revert:revert
keep config.toml /etc/revert/config.toml 0640 root:revert
keep environment /etc/revert/environment 0600 revert:revert
if ! grep -q "^venue = \"$venue\"" "$root/etc/revert/config.toml"; then
    fail "/etc/revert/config.toml: is not for venue $venue: set venue and the places there first"
fi
if [ "$venue" != embedded ]; then
    for name in binance_api_key binance_api_secret; do
        if [ ! -e "$root/etc/revert/$name" ]; then (umask 077 && : >"$root/etc/revert/$name"); fi
        chmod 0600 "$root/etc/revert/$name"
        mine revert:revert "$root/etc/revert/$name"
    done
fi
if [ "$timer" = systemd ]; then
    mkdir -p "$root/etc/systemd/system"
    for unit in revert-run.service revert-guard.service revert-run.timer revert-guard.timer; do
        place "systemd/$unit" "/etc/systemd/system/$unit" 0644 root:root
    done
    if [ -z "$root" ]; then systemctl daemon-reload; fi
    start='systemctl enable --now revert-run.timer revert-guard.timer'
    look='journalctl -u revert-run -u revert-guard'
else
    folder /var/log/revert 0750 revert:revert
    mkdir -p "$root/etc/logrotate.d"
    place crontab /etc/revert/crontab 0644 root:root
    place logrotate /etc/logrotate.d/revert 0644 root:root
    start='crontab -u revert /etc/revert/crontab'
    look='tail /var/log/revert/revert.log'
fi

say "installed $home, venue $venue, fired by $timer, owner $owner"
say "next:"
if [ "$venue" != embedded ]; then
    say "  API key into /etc/revert/binance_api_key, its secret into /etc/revert/binance_api_secret"
fi
say "  is all ready?   sudo $home/deploy/as-revert check"
say "  let it fire:    sudo $start"
say "  what it does:   sudo $look"

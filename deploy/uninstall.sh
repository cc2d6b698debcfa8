#!/bin/sh
# Takes the timers away. Settings, keys, notes, journal and log stay, unless --purge says otherwise:
#   sudo deploy/uninstall.sh            stop firing; a stop and a target rest on the exchange either way
#   sudo deploy/uninstall.sh --purge    also delete /etc/revert, /var/lib/revert, /var/log/revert, the user
#   --root DIR   only take away what `install.sh --root DIR` has laid out
set -eu

fail() { printf 'uninstall: %s\n' "$*" >&2; exit 2; }

root='' purge=''
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) sed -n '2,5s/^# //p' "$0"; exit 0 ;;
        --purge) purge=yes; shift ;;
        --root) [ $# -gt 1 ] || fail "--root: needs a folder"; root=$2; shift 2 ;;
        *) fail "$1: no such option (--purge, --root DIR)" ;;
    esac
done
if [ -z "$root" ] && [ "$(id -u)" -ne 0 ]; then fail "must be run as root (sudo)"; fi

if [ -z "$root" ]; then
    if command -v systemctl >/dev/null; then
        systemctl disable --now revert-run.timer revert-guard.timer 2>/dev/null || true
    fi
    if command -v crontab >/dev/null && id revert >/dev/null 2>&1; then
        crontab -u revert -r 2>/dev/null || true
    fi
fi
for unit in revert-run.service revert-guard.service revert-run.timer revert-guard.timer; do
    rm -f "$root/etc/systemd/system/$unit"
done
rm -f "$root/etc/logrotate.d/revert" "$root/etc/revert/crontab"
if [ -z "$root" ] && command -v systemctl >/dev/null; then systemctl daemon-reload 2>/dev/null || true; fi

if [ -n "$purge" ]; then
    rm -rf "$root/etc/revert" "$root/var/lib/revert" "$root/var/log/revert"
    if [ -z "$root" ] && id revert >/dev/null 2>&1; then userdel revert; fi
    echo "removed: timers, settings, keys, notes, journal, log"
else
    echo "removed: timers. Kept: /etc/revert, /var/lib/revert, /var/log/revert (--purge deletes them)"
fi

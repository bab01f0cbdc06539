# Sourced by the other scripts: sets PYTHON to a Python 3.11 or newer that can make virtual environments.

is_new_enough() {
  command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
  if ! is_new_enough "$PYTHON"; then
    echo "PYTHON=$PYTHON is not a Python 3.11 or newer" >&2
    exit 2
  fi
else
  for PYTHON in python3 python3.14 python3.13 python3.12 python3.11 ''; do
    if [ -n "$PYTHON" ] && is_new_enough "$PYTHON"; then break; fi
  done
  if [ -z "$PYTHON" ]; then
    echo "No Python 3.11 or newer was found. Install one, or name it: make PYTHON=/path/to/python3 ..." >&2
    exit 2
  fi
fi

# Debian and Ubuntu split these off, and `python3 -m venv` then fails half-way.
if ! "$PYTHON" -c 'import ensurepip, venv' >/dev/null 2>&1; then
  echo "$PYTHON cannot make virtual environments: its venv module is missing." >&2
  echo "On Debian and Ubuntu: sudo apt install python3-venv    Then run the same command again." >&2
  exit 2
fi

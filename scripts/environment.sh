# What the other scripts share: the virtual environment and what is installed in it.
#
# Read with `.` after `root` was set to the project's folder. Nothing outside that folder is written.

venv="$root/.venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1

say() {
    printf '%s\n' "$*" >&2
}

stop() {
    say "$*"
    exit 1
}

# Prints the name of the first Python that can make a virtual environment; $PYTHON is tried first.
find_python() {
    for candidate in "${PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
            >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    stop "Askfirst needs Python 3.11 or newer with its venv module, and found none." \
        "Install it (on Debian: apt-get install python3 python3-venv) or name one in PYTHON."
}

# It is made anew when its Python is gone, as after an upgrade of the system.
make_venv() {
    if ! "$venv/bin/python" -c 'import pip' >/dev/null 2>&1; then
        python=$(find_python)
        say "Making the virtual environment .venv with $("$python" --version)."
        "$python" -m venv --clear "$venv"
    fi
}

# Prints what an installation is made from; where the stamp differs, it is installed again.
ingredients() {
    (cd "$root" && cksum pyproject.toml requirements/*.txt && pwd)
}

# pip_install NAME: installs what requirements/NAME.txt names, and nothing else, and checks its hashes.
pip_install() {
    "$venv/bin/python" -m pip install --quiet --no-deps --require-hashes \
        --requirement "$root/requirements/$1.txt"
}

# Installs Askfirst itself with the tools that are installed: nothing else is fetched to build it.
install_ours() {
    "$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable "$root"
}

# install runtime | dev: `dev` is everything of `runtime` and the test group.
install() {
    make_venv
    stamp="$venv/.askfirst-$1"
    if [ "$(cat "$stamp" 2>/dev/null)" = "$(ingredients)" ]; then
        return 0
    fi
    say "Installing what requirements/$1.txt names into .venv; the first time takes a minute or two."
    rm -f "$venv"/.askfirst-*
    pip_install "$1"
    install_ours
    ingredients >"$venv/.askfirst-runtime"
    ingredients >"$stamp"
}

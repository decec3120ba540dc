# What the steps share. Each sources this file; CI_WORK is the folder that .ci/run makes for one run.
set -euo pipefail
: "${CI_WORK:?call a step through .ci/run STEP}"

# python X.Y, from PATH or from pyenv; python3 if it is not present
python_of() {
    local candidate
    for candidate in "python$1" $(command -v pyenv >/dev/null && ls -d "$(pyenv root)"/versions/"$1".*/bin/python 2>/dev/null); do
        if "$candidate" -c '' 2>/dev/null; then echo "$candidate"; return; fi
    done
    echo python3
}

# fresh NAME PYTHON ARGUMENT...: a virtual environment with what is named, installed by the newest pip
fresh() {
    local where="$CI_WORK/$1" python="$2"
    shift 2
    "$python" -m venv "$where"
    "$where/bin/python" -m pip install -q --upgrade pip
    "$where/bin/python" -m pip install -q "$@"
}

# the path of the wheel; it is built once in a run
wheel() {
    if [ ! -d "$CI_WORK/dist" ]; then
        fresh build python3 build
        "$CI_WORK/build/bin/python" -m build --outdir "$CI_WORK/dist" . >"$CI_WORK/build.log" 2>&1 ||
            { cat "$CI_WORK/build.log" >&2; return 1; }
    fi
    ls "$CI_WORK"/dist/*.whl
}

# the program aws, in an environment of its own, for the tests of the plugin
use_aws() {
    [ -x "$CI_WORK/aws/bin/aws" ] || fresh aws python3 awscli "$1"
    export NEPTUNE_GUARD_TEST_AWS="$CI_WORK/aws/bin/aws"
}

# tree_of NAME: the committed tree without the package, so that the tests run against what is installed
tree_of() {
    mkdir -p "$CI_WORK/$1-tree"
    git archive HEAD | tar -x -C "$CI_WORK/$1-tree"
    rm -r "$CI_WORK/$1-tree/neptune_guard"
    cd "$CI_WORK/$1-tree"
}

# readme_command NAME: what stands in README.md in the console block after <!-- command: NAME -->
readme_command() {
    awk -v mark="<!-- command: $1 -->" '
        $0 == mark { found = 1; next }
        found && /^```console$/ { inside = 1; next }
        inside && /^```$/ { exit }
        inside { print }' README.md | grep . || { echo "README.md has no command $1" >&2; return 1; }
}

test_tools=(pytest pytest-xdist pytest-randomly hypothesis coverage "moto[server]" waitress tqdm)
run_tests=(-m pytest -q -n auto -p no:cacheprovider)

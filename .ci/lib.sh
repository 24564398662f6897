# What the suites share. Sourced with the repository as working folder.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
CI_CACHE="$CARGO_TARGET_DIR/ci"
mkdir -p "$CI_CACHE"
MUSL=x86_64-unknown-linux-musl
TELCO_SHA256=16320c9c1ec72448db59aa0a26a0b95401046bef5d02fd3aeb906448e3055e91
TELCO_URL=https://raw.githubusercontent.com/IBM/telco-customer-churn-on-icp4d/master/data/Telco-Customer-Churn.csv

# Says what is missing and ends the suite.
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# python NAME PACKAGE...: a virtual environment with these packages; sets PYTHON.
python_with() {
  local name=$1; shift
  local folder="$CI_CACHE/venv-$name" wanted="packages: $*"
  PYTHON="$folder/bin/python"
  if [ "$(cat "$folder/wanted" 2>/dev/null)" != "$wanted" ]; then
    rm -rf "$folder"
    python3 -m venv "$folder" || die "python3 with venv is needed"
    if [ $# -gt 0 ]; then "$PYTHON" -m pip install --quiet --disable-pip-version-check "$@" || die "pip cannot install $*"; fi
    printf '%s' "$wanted" >"$folder/wanted"
  fi
}

# debian COMMAND PACKAGE: a program from Debian's packages.
debian() {
  command -v "$1" >/dev/null && return
  local sudo=; [ "$(id -u)" -eq 0 ] || sudo=sudo
  { $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends "$2"; } >/dev/null 2>&1
  command -v "$1" >/dev/null || die "$1 is needed: install package $2"
}

has_hash() { [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]; }

# Finds the Telco file, by environment, beside the project or from its public source; sets CHURN_TELCO_CSV.
telco() {
  local candidate
  for candidate in "${CHURN_TELCO_CSV:-}" ../shared/data/telco-customer-churn.csv "$CI_CACHE/telco-customer-churn.csv"; do
    if [ -n "$candidate" ] && has_hash "$candidate" "$TELCO_SHA256"; then
      CHURN_TELCO_CSV=$(realpath "$candidate"); export CHURN_TELCO_CSV; return
    fi
  done
  candidate="$CI_CACHE/telco-customer-churn.csv"
  curl --silent --show-error --fail --location --max-time 60 --output "$candidate" "$TELCO_URL" || true
  has_hash "$candidate" "$TELCO_SHA256" || die "the Telco file is needed: download $TELCO_URL (SHA-256 $TELCO_SHA256) and set CHURN_TELCO_CSV to it"
  CHURN_TELCO_CSV=$(realpath "$candidate"); export CHURN_TELCO_CSV
}

# Finds the reference forest, by environment or beside the project, or makes it; sets CHURN_REFERENCE.
reference() {
  local candidate
  for candidate in "${CHURN_REFERENCE:-}" ../shared/reference "$CI_CACHE/reference"; do
    if [ -n "$candidate" ] && [ -f "$candidate/rf100_d10.json" ] && [ -f "$candidate/rf100_d10_expected.csv" ]; then
      CHURN_REFERENCE=$(realpath "$candidate"); export CHURN_REFERENCE; return
    fi
  done
  telco
  python_with sklearn scikit-learn==1.9.1
  "$PYTHON" .ci/real/reference/make.py "$CI_CACHE/reference"
  CHURN_REFERENCE=$(realpath "$CI_CACHE/reference"); export CHURN_REFERENCE
}

# The static binary.
static_binary() {
  rustup target list --installed 2>/dev/null | grep -qx "$MUSL" || rustup target add "$MUSL" >/dev/null 2>&1 || die "target $MUSL is needed: rustup target add $MUSL"
  cargo build --quiet --release --target "$MUSL" || die "the static binary does not build"
  STATIC_BINARY="$CARGO_TARGET_DIR/$MUSL/release/churn-predict"; export STATIC_BINARY
}

# The dynamic binaries, one after the other: built together they would share features, and the function would not be
# the one that `cargo build --release` gives.
binaries() {
  cargo build --quiet --release && cargo build --quiet --release -p churn-jobs || die "the binaries do not build"
  FUNCTION="$CARGO_TARGET_DIR/release/churn-predict" CHURN="$CARGO_TARGET_DIR/release/churn"; export FUNCTION CHURN
}

# node_with NAME PACKAGE...: npm packages in a folder of the cache; sets NODE_MODULES.
node_with() {
  local name=$1; shift
  local folder="$CI_CACHE/node-$name" wanted="packages: $*"
  NODE_MODULES="$folder/node_modules"; export NODE_MODULES
  if [ "$(cat "$folder/wanted" 2>/dev/null)" != "$wanted" ]; then
    rm -rf "$folder"; mkdir -p "$folder"
    npm install --silent --no-audit --no-fund --prefix "$folder" "$@" >/dev/null || die "npm cannot install $*"
    printf '%s' "$wanted" >"$folder/wanted"
  fi
}

# Chromium, and what drives it; sets NODE_MODULES.
browser() {
  debian chromium chromium
  debian npm npm
  node_with browser playwright-core@1.65.1 axe-core@4.14.1
}

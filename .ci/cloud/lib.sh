# shellcheck shell=bash disable=SC2034
# What the steps of the builds share, and roll-back. Sourced with the repository as working folder; cloudbuild.yaml and
# functions/jobs/deploy/retrain.yaml set the variables.
set -euo pipefail

# What one step hands on to the next. Below target/, so that git does not see it.
HANDED=${HANDED:-target/cloud}
mkdir -p "$HANDED"
MODELS=model-artifacts
MUSL=x86_64-unknown-linux-musl

die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Parts of a large upload would be objects of their own, which builds may not make and delete.
export CLOUDSDK_STORAGE_PARALLEL_COMPOSITE_UPLOAD_ENABLED=False

hash_of() { sha256sum "$1" | cut -d' ' -f1; }

# field NAME FILE: the first text of that name in a JSON file. All that is asked for here is lower-case letters, digits, hyphens.
field() {
  local value
  value=$(grep -oE "\"$1\": *\"[0-9a-z-]+\"" "$2" | head -n 1 | cut -d'"' -f4) || true
  [ -n "$value" ] || die "$2 is not there or has no $1"
  printf '%s' "$value"
}

handed() { [ -s "$HANDED/$1" ] || die "no earlier step has left $1"; cat "$HANDED/$1"; }

# is_there OBJECT: whether the bucket has it. Only "not found" of that very object is a no; whatever else goes wrong ends the
# step, so that no outage is taken for an empty bucket.
is_there() {
  if gcloud storage objects describe "$1" --format='value(generation)' >"$HANDED/described" 2>"$HANDED/described.error"; then return 0; fi
  grep -qF "$1 not found: 404" "$HANDED/described.error" || { cat "$HANDED/described.error" >&2; die "$1 cannot be looked up"; }
  return 1
}

# store FILE OBJECT: puts it there once; one that is there already stays, since its name tells its content.
store() {
  # Another build may store the same at the same time.
  is_there "$2" || gcloud storage cp "$1" "$2" --if-generation-match=0 || is_there "$2" || die "$2 cannot be stored"
}

# stop REASON: ends the build with success and without a release; the steps behind do nothing.
stop() { printf '%s\n' "$*" | tee "$HANDED/stopped"; exit 0; }

unless_stopped() { if [ -e "$HANDED/stopped" ]; then printf 'nothing to do: %s\n' "$(cat "$HANDED/stopped")"; exit 0; fi; }

# download FILE FOLDER: one file of this version from the repository of models.
download() {
  gcloud artifacts generic download --project="$PROJECT_ID" --location="$REGION" --repository="$MODEL_REPOSITORY" \
    --package=churn-model --version="${1%%.*}" --name="$1" --destination="$2"
}

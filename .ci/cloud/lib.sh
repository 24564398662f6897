# shellcheck shell=bash disable=SC2034
# What the steps of the builds share. Sourced with the repository as working folder; cloudbuild.yaml and
# functions/jobs/deploy/retrain.yaml set the variables.
set -euo pipefail

# What one step hands on to the next. Below target/, so that git does not see it.
HANDED=target/cloud
mkdir -p "$HANDED"
MODELS=model-artifacts
MUSL=x86_64-unknown-linux-musl

die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# It names images and releases.
[ -n "${COMMIT_SHA:-}" ] || die "Cloud Build says no commit: the trigger must build from the repository"

hash_of() { sha256sum "$1" | cut -d' ' -f1; }

# field NAME FILE: the first text of that name in a JSON file, where it is hexadecimal, as all that is asked for here is.
field() {
  local value
  value=$(grep -oE "\"$1\": *\"[0-9a-f]+\"" "$2" | head -n 1 | cut -d'"' -f4)
  [ -n "$value" ] || die "$2 has no $1"
  printf '%s' "$value"
}

handed() { [ -s "$HANDED/$1" ] || die "no earlier step has left $1"; cat "$HANDED/$1"; }

# is_there OBJECT: whether the bucket has it. Only "not found" is a no; whatever else goes wrong ends the step, so that
# no outage is taken for an empty bucket.
is_there() {
  if gcloud storage objects describe "$1" --format='value(generation)' >"$HANDED/described" 2>"$HANDED/described.error"; then return 0; fi
  grep -qiE 'not found|404' "$HANDED/described.error" || { cat "$HANDED/described.error" >&2; die "$1 cannot be looked up"; }
  return 1
}

# store FILE OBJECT: puts it there once; one that is there already stays, since its name tells its content.
store() {
  is_there "$2" || gcloud storage cp "$1" "$2" --if-generation-match=0
}

# stop REASON: ends the build with success and without a release; the steps behind do nothing.
stop() { printf '%s\n' "$*" | tee "$HANDED/stopped"; exit 0; }

unless_stopped() { if [ -e "$HANDED/stopped" ]; then printf 'nothing to do: %s\n' "$(cat "$HANDED/stopped")"; exit 0; fi; }

# download FILE FOLDER: one file of this version from the repository of models.
download() {
  gcloud artifacts generic download --project="$PROJECT_ID" --location="$REGION" --repository="$MODEL_REPOSITORY" \
    --package=churn-model --version="${1%%.*}" --name="$1" --destination="$2"
}

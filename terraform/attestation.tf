# Only what Cloud Build made and signed may start. The policy is the project's own, so this is off unless asked for: in
# a project that runs other images too, write one policy for all of them.
locals {
  attested = var.attestation.enabled
}

resource "google_kms_key_ring" "churn" {
  count = local.attested ? 1 : 0

  name     = "churn"
  location = var.region

  depends_on = [google_project_service.this]
}

resource "google_kms_crypto_key" "attest" {
  #checkov:skip=CKV_GCP_82:deletion_policy says PREVENT, which unlike prevent_destroy lets the tests take down what they made
  count = local.attested ? 1 : 0

  name     = "attest"
  key_ring = google_kms_key_ring.churn[0].id
  purpose  = "ASYMMETRIC_SIGN"

  # Without the key nothing that it signed can start again.
  deletion_policy = "PREVENT"

  version_template {
    algorithm        = "EC_SIGN_P256_SHA256"
    protection_level = "SOFTWARE"
  }
}

data "google_kms_crypto_key_version" "attest" {
  count = local.attested ? 1 : 0

  crypto_key = google_kms_crypto_key.attest[0].id
}

resource "google_container_analysis_note" "built" {
  count = local.attested ? 1 : 0

  name = "churn-built"

  attestation_authority {
    hint {
      human_readable_name = "Built and tested by Cloud Build"
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_binary_authorization_attestor" "built" {
  count = local.attested ? 1 : 0

  name = "churn-built"

  attestation_authority_note {
    note_reference = google_container_analysis_note.built[0].name

    public_keys {
      id = data.google_kms_crypto_key_version.attest[0].id
      pkix_public_key {
        public_key_pem      = data.google_kms_crypto_key_version.attest[0].public_key[0].pem
        signature_algorithm = data.google_kms_crypto_key_version.attest[0].public_key[0].algorithm
      }
    }
  }
}

resource "google_binary_authorization_policy" "this" {
  count = local.attested ? 1 : 0

  global_policy_evaluation_mode = "ENABLE"

  admission_whitelist_patterns {
    name_pattern = local.hello
  }

  default_admission_rule {
    enforcement_mode        = "ENFORCED_BLOCK_AND_AUDIT_LOG"
    evaluation_mode         = "REQUIRE_ATTESTATION"
    require_attestations_by = [google_binary_authorization_attestor.built[0].id]
  }
}

# The build signs, and notes that it did.
resource "google_kms_crypto_key_iam_member" "build" {
  count = local.attested ? 1 : 0

  crypto_key_id = google_kms_crypto_key.attest[0].id
  role          = "roles/cloudkms.signerVerifier"
  member        = google_service_account.this["build"].member
}

resource "google_binary_authorization_attestor_iam_member" "build" {
  count = local.attested ? 1 : 0

  attestor = google_binary_authorization_attestor.built[0].name
  role     = "roles/binaryauthorization.attestorsViewer"
  member   = google_service_account.this["build"].member
}

resource "google_project_iam_member" "attest" {
  count = local.attested ? 1 : 0

  project = var.project
  role    = "roles/containeranalysis.occurrences.editor"
  member  = google_service_account.this["build"].member
}

resource "google_container_analysis_note_iam_member" "build" {
  for_each = local.attested ? toset(["roles/containeranalysis.notes.attacher", "roles/containeranalysis.notes.occurrences.viewer"]) : []

  note   = google_container_analysis_note.built[0].name
  role   = each.value
  member = google_service_account.this["build"].member
}

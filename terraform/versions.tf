# Which Terraform and which providers these files are written for, and where the state lives.
terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0"
    }
  }

  # State holds no secret (digests and keys are added as secret versions by hand), but it does say who may do what:
  # keep it in a bucket of your own. The bucket's name is given to `terraform init -backend-config=bucket=NAME`.
  # backend "gcs" { prefix = "churn" }
}

provider "google" {
  project               = var.project
  region                = var.region
  user_project_override = true
  billing_project       = var.project

  default_labels = {
    application = "churn"
  }
}

data "google_project" "this" {
  project_id = var.project
}

# The same binary as an AWS Lambda function. A module of its own: `terraform -chdir=terraform/lambda apply`.
terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { application = "churn" }
  }
}

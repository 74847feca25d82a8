variable "project_name" {
  description = "Prefix of the bucket's name."
  type        = string
  default     = "lakehouse-poc"
}

variable "account_id" {
  description = "AWS account, which ends the bucket's name."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the twelve digits of the AWS account: aws sts get-caller-identity --query Account."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "us-east-1"
}

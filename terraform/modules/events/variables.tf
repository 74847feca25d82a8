variable "name" {
  description = "Prefix of names."
  type        = string
}

variable "account_id" {
  description = "Account."
  type        = string
}

variable "partition" {
  description = "AWS partition."
  type        = string
  default     = "aws"
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "bronze_bucket" {
  description = "Name of the Bronze bucket, whose landing files are announced."
  type        = string
}

variable "landing_prefix" {
  description = "Prefix under which DMS lands files; null when DMS does not capture."
  type        = string
  default     = null

  validation {
    condition     = var.landing_prefix == null || can(regex("^[a-z][a-z0-9-]*/$", var.landing_prefix))
    error_message = "landing_prefix must be one folder that ends with a slash, such as landing/."
  }
}

variable "attempts" {
  description = "How often a message is delivered before it goes to the dead-letter queue."
  type        = number
  default     = 5

  validation {
    condition     = var.attempts >= 3 && var.attempts <= 100
    error_message = "attempts must be between 3 and 100: fewer lose messages to a restart."
  }
}

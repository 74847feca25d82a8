variable "name" {
  description = "Prefix of names, and the value of the tag Project by which costs are told apart."
  type        = string
}

variable "monthly_budget" {
  description = "Budget in US dollars a month."
  type        = number

  validation {
    condition     = var.monthly_budget >= 10 && var.monthly_budget <= 1000000
    error_message = "monthly_budget must be between 10 and 1000000 dollars. docs/COST_ESTIMATION.md says what the profiles cost."
  }
}

variable "alert_emails" {
  description = "Who is told."
  type        = set(string)

  validation {
    condition     = length(var.alert_emails) > 0
    error_message = "alert_emails needs one e-mail address at least."
  }
}

variable "topic_arn" {
  description = "Topic of cost alerts."
  type        = string
}

variable "anomaly_dollars" {
  description = "From which impact on an anomaly is reported, dollars."
  type        = number
  default     = 10

  validation {
    condition     = var.anomaly_dollars >= 1
    error_message = "anomaly_dollars must be 1 or more."
  }
}

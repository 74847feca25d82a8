variable "directory" {
  description = "Directory of the lakehouse description: tables/*.yaml, derived/*.sql, metrics/*.sql, queries/*.sql, governance.yaml."
  type        = string

  validation {
    condition     = fileexists("${var.directory}/governance.yaml")
    error_message = "There is no governance.yaml in the directory of the lakehouse description: set it to the repository's lakehouse/ directory."
  }
}

variable "database_prefix" {
  description = "What the Glue databases' names begin with; the layer follows."
  type        = string
  default     = "lakehouse_"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,40}$", var.database_prefix))
    error_message = "database_prefix must be lower case letters, digits and underscores, such as lakehouse_: Athena cannot quote other names everywhere."
  }
}

/**
 * Runs: what is asked of the jobs, what they answered, and the record of it in the control
 * database. The record is for people; the truth about progress is in the tables' own commits.
 */
package dev.lakegate.transform.run;

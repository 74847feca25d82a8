/**
 * Where runs are executed. The local runner keeps one warm job process and speaks JSON lines with
 * it.
 */
package dev.lakegate.transform.runner;

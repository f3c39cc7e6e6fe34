// Package telemetry lets people see what Adit does: logs with request ids,
// Prometheus metrics, and OpenTelemetry traces with GenAI names.
//
// It takes numbers, names from the configuration, kinds of fault and AWS's
// codes, and has no place to put a request's text or a secret. It does not know where
// the metrics listener is, nor when a room calls it: every type but the logger
// works as nil too, so that any room runs without it.
package telemetry

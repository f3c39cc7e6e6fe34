package telemetry

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/adit-hq/adit/internal/fault"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Tracer makes spans. It is OpenTelemetry's, so that tests can bring their own.
type Tracer = trace.Tracer

// StartTracing returns a tracer that sends spans by OTLP over HTTP to the endpoint that
// environ names, and a function that sends the rest and stops. Without an
// endpoint, or with OTEL_SDK_DISABLED=true or OTEL_TRACES_EXPORTER=none, the
// tracer does nothing and costs nothing.
//
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is taken as it is, and /v1/traces is added to
// OTEL_EXPORTER_OTLP_ENDPOINT (OpenTelemetry specification, OTLP exporter). The
// other variables of the OpenTelemetry SDK (headers, certificates, sampler,
// service name, resource attributes) are read by the SDK itself from the
// environment of the process.
//
// An endpoint that is no http or https URL is a fault.Config. An endpoint out of
// reach is no error: the log says so once, and again when it is back.
func StartTracing(ctx context.Context, environ []string, version string, log *slog.Logger) (shutdown func(context.Context) error, tracer Tracer, err error) {
	endpoint, err := tracesEndpoint(environ)
	if err != nil {
		return nil, nil, err
	}
	if endpoint == "" {
		return func(context.Context) error { return nil }, noop.Tracer{}, nil
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint))
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.Config, "the OpenTelemetry exporter did not start").
			WithRemedy("Check the OTEL_EXPORTER_OTLP_ variables, or unset them to run without traces.")
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "adit"), attribute.String("service.version", version)),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv(), // last: what the operator says wins
	)
	if err != nil {
		log.WarnContext(ctx, "part of OTEL_RESOURCE_ATTRIBUTES is not usable", "error", err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(&reporting{SpanExporter: exporter, log: log}),
		sdktrace.WithResource(about),
	)
	return provider.Shutdown, provider.Tracer("github.com/adit-hq/adit", trace.WithInstrumentationVersion(version)), nil
}

// tracesEndpoint returns the URL that spans go to, or "".
func tracesEndpoint(environ []string) (string, error) {
	set := map[string]string{}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok {
			set[name] = strings.TrimSpace(value)
		}
	}
	if strings.EqualFold(set["OTEL_SDK_DISABLED"], "true") || set["OTEL_TRACES_EXPORTER"] == "none" {
		return "", nil
	}
	name := "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	base := set[name] == ""
	if base {
		name = "OTEL_EXPORTER_OTLP_ENDPOINT"
	}
	if set[name] == "" {
		return "", nil
	}
	endpoint, err := url.Parse(set[name])
	if err != nil || endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https" {
		return "", fault.New(fault.Config, "%s is not an http or https URL", name).
			WithRemedy("Set it to the OTLP over HTTP address of your collector, such as http://localhost:4318, or unset it to run without traces.")
	}
	if base {
		endpoint = endpoint.JoinPath("v1/traces")
	}
	return endpoint.String(), nil
}

// reporting tells the log when spans begin and cease to be lost. The SDK would
// write every failure to standard error instead.
type reporting struct {
	sdktrace.SpanExporter
	log    *slog.Logger
	losing atomic.Bool
}

func (r *reporting) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := r.SpanExporter.ExportSpans(ctx, spans)
	switch {
	case err != nil && !r.losing.Swap(true):
		r.log.WarnContext(ctx, "traces are being lost: the OpenTelemetry collector does not take them", "error", err)
	case err == nil && r.losing.Swap(false):
		r.log.InfoContext(ctx, "the OpenTelemetry collector takes traces again")
	}
	return nil
}
